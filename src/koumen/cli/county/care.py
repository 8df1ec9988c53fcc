"""What came of the visits and is still under way: cases with help, answered opinions, a child who may stay away."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from koumen.care.models import Case, CaseSeat, Finding, Measure, Opinion
from koumen.care.models.findings import Source
from koumen.care.services import casework, closing, ledger, measures, opinion_work, teams
from koumen.care.services.cases import class_teacher_of, open_case
from koumen.care.services.dropout import Attempt, Found, attempt, list_child
from koumen.care.services.opinion_letters import Ways
from koumen.care.services.opinions import Sending, send
from koumen.cli.county import words
from koumen.cli.county.story import Act, School
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.models import Flag, FlagReader, Staff, Student
from koumen.registry.presets.categories import SEALED

CASES = 8  # children with a case in the demo's first school
HELP = {"A": "parenting", "B": "hardship", "D": "study", "E": "study"}
NOWHERE = Ways(link=lambda secret: f"/l/{secret}/", door="/")  # the demo sends nothing to anybody


def follow_up(school: School, office: Actor, until: datetime) -> Iterator[tuple[datetime, Act]]:
    """Everything the demo shows of care, each act at its time in the last three weeks."""
    rng = school.rng
    children = [child for child in _needy() if child.school_class_id][:CASES]
    for n, child in enumerate(children):
        teacher = class_teacher_of(child)
        if teacher is not None:
            begun = until - timedelta(days=rng.randrange(12, 20), hours=2)
            yield begun, _case(school, child, teacher, number=school.number(), level=1 + (n % 3 == 0))
            yield until - timedelta(days=3, hours=n), _progress(school, child, n, until)
    for n, text in enumerate(words.OPINIONS[:3]):
        yield until - timedelta(days=5, hours=n), _told(office, text, school.number())
    for week in range(6, 0, -1):
        yield until - timedelta(weeks=week), lambda: _answers(school, office)
        yield until - timedelta(weeks=week, hours=3), lambda: _closed(school)
    yield until - timedelta(days=2), lambda: _answers(school, office)
    if children:
        yield until - timedelta(days=4), _away(school, children[-1], school.number(), school.number())


def _needy() -> list[Student]:
    """Children with most categories that may be told, in a settled order."""
    flags = Flag.objects.current(clock.today()).in_lists().exclude(category__startswith="F")
    found: dict[int, int] = {}
    for pk in flags.values_list("student_id", flat=True):
        found[pk] = found.get(pk, 0) + 1
    ids = sorted(found, key=lambda pk: (-found[pk], pk))[: 2 * CASES]
    rows = {child.pk: child for child in Student.objects.enrolled().filter(pk__in=ids).select_related("school_class")}
    return [rows[pk] for pk in ids if pk in rows]


def _categories(child: Student) -> list[str]:
    flags = Flag.objects.current(clock.today()).in_lists().filter(student=child)
    return sorted({code for code in flags.values_list("category", flat=True) if code[0] in HELP})


def _case(school: School, child: Student, teacher: Staff, *, number: UUID, level: int) -> Act:
    def act() -> None:
        by, codes = school.actor(teacher), _categories(child) or ["D11"]
        case = open_case(
            child, by=by, source=Source.FLAG, source_id=number, reasons=codes, why=words.WHY[codes[0][0]], level=level
        )
        due = clock.today() + timedelta(days=school.rng.randrange(8, 30))
        measures.set_measure(
            case,
            by=by,
            token=number,
            kind=HELP[codes[0][0]],
            text=school.rng.choice(words.NEXT),
            owner=teacher,
            due=due,
        )
        casework.add_note(case, by=by, kind="team", text=school.rng.choice(words.NOTES))
        for reader in Flag.objects.filter(student=child, sensitivity=SEALED)[:1]:
            FlagReader.objects.get_or_create(
                student=child, staff=teacher, defaults={"ends": reader.valid_until or due, "named_by": by.display_name,
                                                        "because": words.WHY["A"]},
            )  # fmt: skip

    return act


def _progress(school: School, child: Student, n: int, until: datetime) -> Act:
    """Some days later: what was done, a helper beside the teacher, a look at the effect, one to be closed."""

    def act() -> None:
        case: Case = Case.objects.live().ordinary().get(student=child)
        lead = case.lead
        assert lead is not None
        by = school.actor(lead)
        for row in case.measures.all():
            measures.note_progress(row, by=by, text=words.DONE[n % len(words.DONE)])
        if n % 2 == 0:
            others = Staff.objects.filter(is_active=True, roles__post="subject_teacher").exclude(pk=lead.pk)
            for helper in others.distinct().order_by("pk")[n : n + 1]:
                teams.give_seat(case, by=by, staff=helper, part=CaseSeat.Part.HELPER)
        if n % 3 == 1:
            looked = casework.Looked(
                face=3, text=words.LOOKED[0], next_on=clock.local(until).date() + timedelta(days=30)
            )
            casework.review_case(case, by=by, looked=looked)
        if n == 2:
            for row in case.measures.all():
                measures.finish_measure(row, by=by, result=words.DONE[0])
            closing.ask_close(case, by=by, because=words.LOOKED[0])

    return act


def _told(office: Actor, text: str, number: UUID) -> Act:
    """Somebody rang the school; the office wrote it down."""
    sending = Sending(text=text, token=number, channel=Opinion.Channel.PHONE, identity=Opinion.Identity.HIDDEN)
    return lambda: send(office.org, by=office, sending=sending)


def _answers(school: School, office: Actor) -> None:
    """Each week the office takes on what families said, and answers most of it."""
    for opinion in Opinion.objects.filter(state="received", level="school").order_by("pk"):
        row = opinion_work.accept(opinion, by=office, topic=opinion.topic)
        if row.state == Opinion.State.ACCEPTED and school.rng.random() < 0.9:
            gist, text = next((said for word, said in words.ANSWERED.items() if word in row.text), words.REPLY)
            opinion_work.answer(row, by=office, text=text, gist=gist, ways=NOWHERE)


def _closed(school: School) -> None:
    """Class teachers have seen to most of the problems found ten days ago and earlier, and to the help that was due."""
    before = clock.today() - timedelta(days=10)
    rows = Finding.objects.open().filter(case=None, found_on__lt=before).select_related("student__school_class")
    for row in rows.order_by("pk"):
        teacher = class_teacher_of(row.student)
        if teacher is not None and school.rng.random() < 0.6:
            ledger.close_finding(row, by=school.actor(teacher), result=school.rng.choice(words.DONE))
    help_due = Measure.objects.open().filter(case=None, due__lt=clock.today()).select_related("owner")
    for measure in help_due.order_by("pk"):
        if school.rng.random() < 0.9:
            measures.finish_measure(measure, by=school.actor(measure.owner), result=school.rng.choice(words.DONE))


def _away(school: School, child: Student, number: UUID, again: UUID) -> Act:
    def act() -> None:
        teacher = class_teacher_of(child)
        assert teacher is not None
        by, now = school.actor(teacher), clock.now()
        found = Found(words=words.AWAY, reason="study", last_seen_on=clock.today() - timedelta(days=7))
        entry = list_child(child, by=by, token=number, found=found)
        done = Attempt(again, now - timedelta(hours=3), "01", teacher.name, "open", words.DONE[1])
        attempt(entry, by=by, done=done)

    return act
