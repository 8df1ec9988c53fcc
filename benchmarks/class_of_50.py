"""A school for measuring phones: classes of 50 families with outings, preparations, tags, earlier visits and help.

Every family has two adults with numbers, every fifth a second child in the next class. Each class is visited within
the week from today on, on ten outings of five stops.
"""

from datetime import datetime, time, timedelta
from random import Random
from uuid import uuid4

from django.contrib.auth.hashers import make_password
from django.db import connections, transaction

from koumen.care.models import Measure
from koumen.core import clock, scope
from koumen.registry.models import (
    Account,
    Enrolment,
    Flag,
    Grade,
    Guardian,
    Guardianship,
    Household,
    Membership,
    Org,
    Place,
    Role,
    SchoolClass,
    Staff,
    Student,
)
from koumen.registry.presets import categories
from koumen.registry.services.terms import ensure_year
from koumen.visits.models import (
    Campaign,
    Outing,
    OutingStaff,
    Plan,
    Preparation,
    Remark,
    Slot,
    Stop,
    Visit,
    VisitRecord,
    VisitStaff,
    VisitStudent,
)

SLUG, CLASSES, FAMILIES, STOPS, DAYS = "phones", 100, 50, 5, 7
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴", "梅虎宝乐南斗春明丽强芳军静磊婷浩"
VILLAGES = ("柳树村", "桃园村", "杏溪村", "桂山村", "梅坪村", "松坝村")
WORDS = (
    "想听听孩子在家怎么安排时间，也把这学期的进步告诉家里。",
    "先说说他的画得了奖，再商量晚上谁来陪着读书。",
    "问问爸爸妈妈什么时候回来，家里有没有要学校帮忙的事。",
)


def teacher(n: int) -> str:
    """The user name of class n's teacher."""
    return f"{SLUG}-{n}"


def build(*, anew: bool = True) -> Org:
    """The school; made when it is missing. `anew`: its visits are planned again for the week that begins today."""
    org = Org.objects.filter(slug=SLUG).first()
    if org is not None and not anew:
        return org
    with transaction.atomic():
        if org is None:
            org = Org.objects.create(
                kind="school", name="百班小学", slug=SLUG, code="9909990001", area_code="990900", school_type="211",
                lng=102.7, lat=25.0,
            )  # fmt: skip
            with scope.enter(org.pk):
                _people(org, Random(1))
        with scope.enter(org.pk):
            Visit.objects.filter(state=Visit.State.PLANNED).delete()
            Campaign.objects.all().delete()
            _week(Random(2))
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")
    return org


def _name(chance: Random) -> str:
    return chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2))))


def _number(n: int) -> str:
    return f"100{n:08d}"


def _people(org: Org, chance: Random) -> None:
    """Classes and their teachers, families with two adults, tags, and a visit of last month for two of three."""
    since = ensure_year(clock.today()).starts
    grade = Grade.objects.create(stage=2, level=3, entry_year=since.year - 2, name="三年级")
    classes = SchoolClass.objects.bulk_create(
        [SchoolClass(grade=grade, number=n + 1, name=f"三年级{n + 1}班") for n in range(CLASSES)]
    )
    words = make_password("koumen-demo")
    accounts = Account.objects.bulk_create(
        [Account(username=teacher(n), display_name=_name(chance), password=words) for n in range(CLASSES)]
    )
    staff = Staff.objects.bulk_create([Staff(name=a.display_name, account_id=a.pk) for a in accounts])
    Membership.objects.bulk_create(
        [Membership(account=a, org=org, staff_id=s.pk) for a, s in zip(accounts, staff, strict=True)]
    )
    others = Staff.objects.bulk_create([Staff(name=_name(chance), number=f"o{n}") for n in range(CLASSES)])
    beside = list(zip(others, classes, strict=True))
    Role.objects.bulk_create(
        [Role(staff=s, post="class_teacher", school_class=c, starts=since) for s, c in zip(staff, classes, strict=True)]
        + [Role(staff=s, post="subject_teacher", school_class=c, subject="数学", starts=since) for s, c in beside]
    )
    _families(chance, classes)
    _last_month(classes, staff)


def _families(chance: Random, classes: list[SchoolClass]) -> None:
    since = clock.today() - timedelta(days=60)
    places = Place.objects.bulk_create([Place(name=name, lng=102.7, lat=25.0) for name in VILLAGES])
    homes, children, adults = [], [], []
    for n in range(CLASSES * FAMILIES):
        place = places[n % len(places)]
        point = {"lng": round(102.7 + chance.gauss(0, 0.03), 5), "lat": round(25 + chance.gauss(0, 0.03), 5)}
        homes.append(Household(address=f"青山镇{place.name}{n % 700 + 1}号", place=place, **point))
        adults += [Guardian(name=_name(chance), phone=_number(2 * n + k)) for k in (0, 1)]
    Household.objects.bulk_create(homes, batch_size=1000)
    Guardian.objects.bulk_create(adults, batch_size=1000)
    for n, home in enumerate(homes):
        at = [n // FAMILIES] + ([(n // FAMILIES + 1) % CLASSES] if n % 5 == 0 else [])
        children += [Student(name=_name(chance), school_class=classes[k], household=home) for k in at]
    Student.objects.bulk_create(children, batch_size=1000)
    Enrolment.objects.bulk_create(
        [Enrolment(student=c, school_class=c.school_class, starts=since) for c in children], batch_size=1000
    )
    index = {home.pk: n for n, home in enumerate(homes)}
    Guardianship.objects.bulk_create(
        [
            Guardianship(
                student=c, guardian=adults[2 * index[c.household_id or 0] + k], relation=code, order=k + 1, starts=since
            )
            for c in children
            for k, code in enumerate(("51", "52"))
        ],
        batch_size=1000,
    )
    some = [(c, code) for n, c in enumerate(children) for code in (("D11",) if n % 4 == 0 else ())]
    some += [(c, "A11") for n, c in enumerate(children) if n % 9 == 0]
    Flag.objects.bulk_create(
        [Flag(student=c, category=k, sensitivity=categories.sensitivity(k), starts=since) for c, k in some],
        batch_size=1000,
    )


def _last_month(classes: list[SchoolClass], staff: list[Staff]) -> None:
    """Two of three families were visited a month ago; every sixth child is being helped."""
    lead = {c.pk: s for c, s in zip(classes, staff, strict=True)}
    before = clock.now() - timedelta(days=30)
    visits, records, about, help_ = [], [], [], []
    for n, child in enumerate(Student.objects.select_related("household").order_by("pk")):
        assert child.household is not None
        who = lead[child.school_class_id or 0]
        if n % 3 < 2:
            visit = Visit(
                id=uuid4(), household=child.household, school_class_id=child.school_class_id or 0, lead=who,
                state="recorded", starts_at=before, ends_at=before + timedelta(minutes=40),
            )  # fmt: skip
            visits.append(visit)
            about.append(VisitStudent(visit=visit, student=child))
            record = VisitRecord(
                id=uuid4(), visit=visit, met_relation="52", topics=["study"], recorded_by=who, recorded_at=before,
                content_hash="x", next_step="月底再看看作业完成得怎样。",
            )  # fmt: skip
            records.append(record)
        if n % 6 == 0:
            due = clock.today() + timedelta(days=20)
            help_.append(Measure(student=child, kind="study", text="放学后补口算。", owner=who, due=due, source="visit",
                                 source_id=uuid4()))  # fmt: skip
    Visit.objects.bulk_create(visits, batch_size=1000)
    VisitStudent.objects.bulk_create(about, batch_size=1000)
    VisitRecord.objects.bulk_create(records, batch_size=1000)
    Measure.objects.bulk_create(help_, batch_size=1000)


def _week(chance: Random) -> None:
    """One adopted plan: every class on ten outings, spread over the week, with teams of two."""
    today = clock.today()
    held = Campaign.objects.create(name="大家访", starts=today, ends=today + timedelta(days=DAYS), state="open")
    plan = Plan.objects.create(campaign=held, seed=1, state=Plan.State.ADOPTED)
    slots = []
    for day in range(DAYS):
        leaves = datetime.combine(today + timedelta(days=day), time(18), clock.ZONE)
        back = leaves + timedelta(hours=5)
        slots.append(Slot(campaign=held, date=leaves.date(), kind="evening", starts_at=leaves, ends_at=back,
                          opens_at=leaves, closes_at=back))  # fmt: skip
    Slot.objects.bulk_create(slots)
    leads = list(Staff.objects.filter(account_id__isnull=False).order_by("account_id"))
    classes = list(SchoolClass.objects.order_by("number"))
    tours, stops, visits = [], [], []
    children: dict[int, list[Student]] = {}
    for child in Student.objects.select_related("household").order_by("household_id", "pk"):
        children.setdefault(child.household_id or 0, []).append(child)
    for n, homes in enumerate(_cut(list(children.values()), STOPS)):
        at, slot = n * STOPS // FAMILIES, slots[n % len(slots)]
        tour = Outing(plan=plan, slot=slot, school_class=classes[at], leaves_at=slot.starts_at, back_at=slot.ends_at)
        tours.append(tour)
        for order, family in enumerate(homes, 1):
            begins = slot.starts_at + timedelta(minutes=50 * order - 40)
            ends = begins + timedelta(minutes=40)
            home = family[0].household
            assert home is not None
            stop = Stop(outing=tour, household=home, order=order, arrives_at=begins, starts_at=begins, ends_at=ends)
            stops.append(stop)
            visits.append(Visit(id=uuid4(), campaign=held, household=home, school_class=classes[at], lead=leads[at],
                                stop=stop, starts_at=begins, ends_at=ends))  # fmt: skip
    Outing.objects.bulk_create(tours, batch_size=1000)
    Stop.objects.bulk_create(stops, batch_size=1000)
    Visit.objects.bulk_create(visits, batch_size=1000)
    _around(chance, children, visits, leads, tours)


def _cut(rows: list[list[Student]], size: int) -> list[list[list[Student]]]:
    return [rows[at : at + size] for at in range(0, len(rows), size)]


def _around(
    chance: Random, children: dict[int, list[Student]], visits: list[Visit], leads: list[Staff], tours: list[Outing]
) -> None:
    """Teams, children, companions, what each visit is for, and what other teachers say of every fifth child."""
    others = Staff.objects.filter(account_id=None).order_by("pk")
    beside = {lead.pk: other for lead, other in zip(leads, others, strict=True)}
    lead = {visit.stop.outing_id: visit.lead for visit in visits if visit.stop}
    team = [(t, s, s.pk == lead[t.pk].pk) for t in tours for s in (lead[t.pk], beside[lead[t.pk].pk])]
    OutingStaff.objects.bulk_create(
        [OutingStaff(outing=t, staff=s, leads=own, starts_at=t.leaves_at, ends_at=t.back_at) for t, s, own in team],
        batch_size=1000,
    )
    about = [VisitStudent(visit=v, student=child) for v in visits for child in children[v.household_id]]
    VisitStudent.objects.bulk_create(about, batch_size=1000)
    VisitStaff.objects.bulk_create([VisitStaff(visit=v, staff=beside[v.lead_id]) for v in visits], batch_size=1000)
    now = clock.now()
    Preparation.objects.bulk_create(
        [
            Preparation(visit=v, purposes=["know"], own_words=chance.choice(WORDS), written_by=v.lead, written_at=now)
            for v in visits
        ],
        batch_size=1000,
    )
    Remark.objects.bulk_create(
        [
            Remark(visit=v, student=children[v.household_id][0], asked_by=v.lead, asked_at=now, answered_at=now,
                   teacher=beside[v.lead_id], text="数学课上肯动脑筋，就是作业有时忘了带。")
            for v in visits[::5]
        ],
        batch_size=1000,
    )  # fmt: skip
