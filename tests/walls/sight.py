"""Who may read which field, in one table; a random school, every field a word of its own; who is what to whom.

Nothing here asks the program's own policies: relations are told by the data the school was made from.
"""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.db import models

from koumen.care.models import (
    Case,
    CaseNote,
    CaseReview,
    CaseSeat,
    DropoutEntry,
    Extract,
    Finding,
    HarmReport,
    HarmStep,
    Measure,
    Opinion,
    Progress,
    Referral,
    ReturnAttempt,
)
from koumen.core import clock
from koumen.registry.models import (
    Account,
    FileOpening,
    Flag,
    FlagReader,
    Grade,
    Membership,
    Org,
    Role,
    SchoolClass,
    Staff,
    Student,
)

# A rule is what somebody must be to the row, joined by "+"; "!" before a word: must not be. Any rule grants.
FILE = ("care+seat", "care+class_teacher", "care+office", "care+glass", "harm+seat")
HELP = ("owner", "seat", "care+class_teacher", "care+teacher", "care+office", "care+glass")
GRANTS: dict[str, tuple[str, ...]] = {
    "case.why": FILE,
    "case.goals": FILE,
    "note.open": (*FILE, "care+teacher"),
    "note.team": FILE,
    "note.sealed": (
        "counsellor_seat", "writer+seat", "writer+care+class_teacher", "writer+care+office",
    ),
    "review.text": FILE,
    "measure.text": HELP,
    "progress.text": HELP,
    "finding.text": ("class_teacher", "office", "owner", "care+seat", "care+glass"),
    "referral.passed_on": FILE,
    "harm.what": ("harm+seat", "reporter"),
    "harm.step": ("harm+seat",),
    "dropout.reason": ("class_teacher", "office", "glass", "seat"),
    "dropout.attempt": ("class_teacher", "office", "glass", "seat"),
    "opinion.text": (
        "principal+!concerned", "school_level+office+!concerned", "school_level+vice+!concerned",
        "handler+!concerned", "school_level+taker",
    ),
    "opinion.sender": (
        "principal+!concerned", "school_level+office+!concerned", "school_level+vice+!concerned",
        "not_hidden+handler+!concerned", "not_hidden+school_level+taker+!concerned",
    ),
    "extract.text": ("writer", "reader", "office", "ready+worker"),
    "extract.nicknames": ("writer",),
    "flag.reason": ("class_teacher", "office"),
    "flag.sealed_reason": ("named+class_teacher", "named+office"),
}  # fmt: skip
ADMINS = ("system_admin", "security_admin", "audit_admin")
POSTS = (
    "class_teacher", "class_teacher", "subject_teacher", "subject_teacher", "grade_head", "counsellor", "moral_office",
    "principal", "vice_principal", "middle_leader", "system_admin", "audit_admin",
)  # fmt: skip


@dataclass
class Person:
    """One of the school: posts as (code, class id, grade id)."""

    account: Account
    staff: Staff
    posts: set[tuple[str, int | None, int | None]] = field(default_factory=set)

    def holds(self, *codes: str) -> bool:
        return any(code in codes for code, _class, _grade in self.posts)


@dataclass(frozen=True)
class Fact:
    """One field of one row: the word it holds, and who is what to it (relation → ids of staff)."""

    token: str
    field: str
    child: Student | None
    is_what: frozenset[str]  # of the row itself: care, harm, ready, school_level …
    who: dict[str, frozenset[int]]


@dataclass
class School:
    """A random school, and every fact in it."""

    people: list[Person]
    facts: list[Fact] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)  # addresses of single rows
    opened: set[tuple[int, int]] = field(default_factory=set)  # (account, child)


def relations(school: School, person: Person, fact: Fact) -> set[str]:
    """Everything this person is to this field."""
    found = {name for name, ids in fact.who.items() if person.staff.pk in ids} | fact.is_what
    posts = {"moral_office": "office", "principal": "principal", "vice_principal": "vice"}
    found |= {posts[code] for code, _class, _grade in person.posts if code in posts}
    if not person.holds(*ADMINS) and person.posts:
        found.add("worker")
    child = fact.child
    if child is None or child.school_class is None:
        return found
    if ("class_teacher", child.school_class.pk, None) in person.posts:
        found.add("class_teacher")
    if ("subject_teacher", child.school_class.pk, None) in person.posts:
        found.add("teacher")
    leads = person.holds("principal", "vice_principal", "middle_leader")
    heads = ("grade_head", None, child.school_class.grade_id) in person.posts
    if (leads or heads) and (person.account.pk, child.pk) in school.opened:
        found.add("glass")
    return found


def is_granted(school: School, person: Person, fact: Fact) -> bool:
    """Whether any rule of the table fits."""
    are = relations(school, person, fact)

    def fits(word: str) -> bool:
        return word[1:] not in are if word.startswith("!") else word in are

    return any(all(fits(word) for word in rule.split("+")) for rule in GRANTS[fact.field])


class Builder:
    """Makes a school inside the open scope. Everything is drawn from one seed."""

    def __init__(self, seed: int, people: int, children: int) -> None:
        self.draw = random.Random(seed)
        self.count = 0
        self.today = clock.today()
        self.classes = self._classes(seed)
        self.school = School([self._person(seed, n) for n in range(people)])
        for n in range(children):
            self._child(n)

    def staff(self, most: int = 1) -> list[Staff]:
        return [p.staff for p in self.draw.sample(self.school.people, self.draw.randint(0, most))]

    def one(self) -> Staff:
        return self.draw.choice(self.school.people).staff

    def token(self) -> str:
        """A word that stands nowhere else, and that no escaping changes."""
        self.count += 1
        return f"zq{self.draw.getrandbits(24):06x}n{self.count}qz"

    def fact(self, name: str, child: Student | None, is_what: set[str], **who: Any) -> str:
        token = self.token()
        ids = {key: frozenset(s.pk for s in rows if s is not None) for key, rows in who.items()}
        self.school.facts.append(Fact(token, name, child, frozenset(is_what), ids))
        return token

    def page(self, path: str, row: models.Model) -> None:
        self.school.pages.append(f"/s/hill/{path.format(row.pk)}")

    def _classes(self, seed: int) -> list[SchoolClass]:
        rows = []
        for level in (5, 6):
            grade, _made = Grade.objects.get_or_create(
                stage=2, entry_year=2027 - level, defaults={"level": level, "name": f"{level}年级"}
            )
            for n in (1, 2):
                name = f"{level}年级{n}班{seed}"
                rows.append(SchoolClass.objects.create(grade=grade, number=seed * 10 + n, name=name))
        return rows

    def _person(self, seed: int, n: int) -> Person:
        account = Account.objects.create(username=f"p{seed}-{n}", display_name=f"甲{n}", password="!")
        staff = Staff.objects.create(account_id=account.pk, name=f"甲{n}")
        Membership.objects.create(account=account, org=Org.objects.get(slug="hill"), staff_id=staff.pk)
        person = Person(account, staff)
        wanted = [POSTS[n % len(POSTS)], *self.draw.sample(POSTS, self.draw.randint(0, 1))]
        for code in wanted:
            if person.posts and (code in ADMINS or person.holds(*ADMINS)):
                continue  # administrators hold no other post
            unit = self.draw.choice(self.classes)
            in_class = unit if code in ("class_teacher", "subject_teacher") else None
            in_grade = unit.grade if code == "grade_head" else None
            key = (code, in_class.pk if in_class else None, in_grade.pk if in_grade else None)
            if key not in person.posts:
                person.posts.add(key)
                Role.objects.create(
                    staff=staff, post=code, school_class=in_class, grade=in_grade, starts=date(2026, 9, 1)
                )
        return person

    def _child(self, n: int) -> None:
        child = Student.objects.create(name=f"童{n}", school_class=self.draw.choice(self.classes), gender="1")
        self.page("students/{}/", child)
        self.page("students/{}/flags/", child)
        for person in self.school.people:
            if self.draw.random() < 0.15:
                now = clock.now()
                FileOpening.objects.create(
                    student=child, account_id=person.account.pk, opened_by="甲", reason="家长来访", opened_at=now,
                    ends_at=now + timedelta(hours=self.draw.choice([-1, 2])),
                )  # fmt: skip
        live = FileOpening.objects.filter(student=child, ends_at__gt=clock.now())
        self.school.opened |= {(row.account_id, child.pk) for row in live}
        self._flags(child)
        case = self._case(child, Case.Kind.CARE) if self.draw.random() < 0.8 else None
        self._finding(child, case)
        self._dropout(child, case)
        if case is None:
            self._measure(child, None, {"care"}, {})
        if self.draw.random() < 0.5:
            self._harm(self._case(child, Case.Kind.HARM), child)
        self._opinion()

    def _flags(self, child: Student) -> None:
        reason = self.fact("flag.reason", child, set())
        Flag.objects.create(student=child, category="A21", sensitivity=2, reason=reason, starts=self.today)
        named = self.staff(5)
        for staff in named:
            FlagReader.objects.create(student=child, staff=staff, ends=self.today, named_by="甲", because="需要")
        sealed = self.fact("flag.sealed_reason", child, set(), named=named)
        Flag.objects.create(student=child, category="C21", sensitivity=3, reason=sealed, starts=self.today)

    def _case(self, child: Student, kind: str) -> Case:
        is_what = {"care" if kind == Case.Kind.CARE else "harm"}
        seats = {staff: self.draw.choice(CaseSeat.Part.values) for staff in self.staff(3)}
        live = {staff for staff in seats if self.draw.random() < 0.7}
        counsellors = {staff for staff in live if seats[staff] == "counsellor"}
        who: dict[str, Any] = {"seat": live, "counsellor_seat": counsellors}
        case: Case = Case.objects.create(
            year=2026, number=10_000 + self.count, student=child, kind=kind, reasons=["D11"], opened_on=self.today,
            state=self.draw.choice(["proposed", "open", "progress", "review", "steady", "closed"]),
            why=self.fact("case.why", child, is_what, **who), goals=self.fact("case.goals", child, is_what, **who),
            changed_at=clock.now(), lead=self.one(),
        )  # fmt: skip
        for staff, part in seats.items():
            ends = self.today if staff in live else self.today - timedelta(days=1)
            CaseSeat.objects.create(
                case=case, staff=staff, part=part, starts=self.today - timedelta(days=9), ends=ends, given_by="甲"
            )
        self.page("cases/{}/", case)
        self.page("cases/{}/?tab=notes", case)
        if self.draw.random() < 0.3:  # files are dear to make
            self.page("cases/{}/paper/", case)
        self._inside(case, child, is_what, who)
        return case

    def _inside(self, case: Case, child: Student, is_what: set[str], who: dict[str, Any]) -> None:
        now = clock.now()
        for kind in CaseNote.Kind.values * 3:
            by = self.draw.choice([self.one(), *who["seat"]])
            text = self.fact(f"note.{kind}", child, is_what, writer=[by], **who)
            CaseNote.objects.create(case=case, kind=kind, text=text, by=by, at=now)
        for _n in range(3):
            text = self.fact("review.text", child, is_what, **who)
            CaseReview.objects.create(case=case, on=self.today, face=2, text=text, by=self.one())
        self._measure(child, case, is_what, who)
        told = self.fact("referral.passed_on", child, is_what, **who)
        row = Referral.objects.create(
            case=case, to="civil", subject="帮助", passed_on=told, due=self.today, sent_at=now, sent_by=self.one()
        )
        self.page("referrals/{}/", row)
        if self.draw.random() < 0.3:
            self.page("referrals/{}/letter/", row)
        if case.kind == Case.Kind.CARE:
            self._extract(case, child)

    def _measure(self, child: Student, case: Case | None, is_what: set[str], who: dict[str, Any]) -> None:
        owner = self.one()
        row = Measure.objects.create(
            student=child, case=case, kind="study", owner=owner, due=self.today, source="case", source_id=uuid4(),
            text=self.fact("measure.text", child, is_what, owner=[owner], **who),
        )  # fmt: skip
        for _n in range(3):
            told = self.fact("progress.text", child, is_what, owner=[owner], **who)
            Progress.objects.create(measure=row, text=told, by=owner, at=clock.now())
        self.page("measures/{}/", row)

    def _finding(self, child: Student, case: Case | None) -> None:
        owner = self.draw.choice([None, self.one()])
        live = case.seats.live(self.today) if case else CaseSeat.objects.none()
        is_what = {"care"} if case else set()
        text = self.fact("finding.text", child, is_what, owner=[owner], seat=[s.staff for s in live])
        row = Finding.objects.create(
            student=child, case=case, category="D11", text=text, source="visit", source_id=uuid4(), owner=owner,
            found_on=self.today, found_by=self.one(), due=self.today,
        )  # fmt: skip
        self.page("ledger/{}/", row)

    def _dropout(self, child: Student, case: Case | None) -> None:
        live = case.seats.live(self.today) if case else CaseSeat.objects.none()
        seat = [s.staff for s in live]
        row = DropoutEntry.objects.create(
            student=child, case=case, found_on=self.today, listed_by=self.one(),
            reason_words=self.fact("dropout.reason", child, set(), seat=seat),
        )  # fmt: skip
        for number in (1, 2, 3):
            text = self.fact("dropout.attempt", child, set(), seat=seat)
            ReturnAttempt.objects.create(
                entry=row, number=number, at=clock.now(), mode="01", people="甲", result="open", by=self.one(),
                token=uuid4(), text=text,
            )  # fmt: skip
        self.page("dropout/{}/", row)
        if self.draw.random() < 0.3:
            self.page("dropout/{}/record/", row)

    def _harm(self, case: Case, child: Student) -> None:
        by, now = self.one(), clock.now()
        seat = [s.staff for s in case.seats.live(self.today)]
        report = HarmReport.objects.create(
            case=case, by=by, at=now, token=uuid4(), kind="injury", found_at=now,
            what=self.fact("harm.what", child, {"harm"}, seat=seat, reporter=[by]),
        )  # fmt: skip
        HarmStep.objects.create(
            case=case, step="police", note=self.fact("harm.step", child, {"harm"}, seat=seat), by=self.one(), at=now
        )
        self.page("harm/{}/", case)
        self.page("harm/own/{}/", report)

    def _opinion(self) -> None:
        taker, handler, about = self.staff(1), self.staff(1), self.staff(1)
        above, hidden = self.draw.random() < 0.3, self.draw.random() < 0.5
        is_what = {"above" if above else "school_level", "hidden" if hidden else "not_hidden"}
        who: dict[str, Any] = {"taker": taker, "handler": handler, "concerned": about}
        row = Opinion.objects.create(
            year=2026, number=10_000 + self.count, received_at=clock.now(), source="family", source_id=uuid4(),
            channel="phone", identity="hidden" if hidden else "named", level="above" if above else "school",
            text=self.fact("opinion.text", None, is_what, **who), taken_by=next(iter(taker), None),
            sender_name=self.fact("opinion.sender", None, is_what, **who), handler=next(iter(handler), None),
            about=next(iter(about), None), concerns=[s.pk for s in about], due_on=self.today,
            state=self.draw.choice(["received", "accepted", "answered", "settled", "reopened"]),
        )  # fmt: skip
        self.page("opinions/{}/", row)

    def _extract(self, case: Case, child: Student) -> None:
        writer, reader, now = self.one(), self.draw.choice([None, self.one()]), clock.now()
        state = self.draw.choice(["draft", "checked", "read", "ready"])
        is_what = {"ready"} if state == "ready" else set()
        row = Extract.objects.create(
            case=case, title="题目", state=state, made_by=writer, reader=reader, made_at=now, changed_at=now,
            text=self.fact("extract.text", child, is_what, writer=[writer], reader=[reader]),
            nicknames=self.fact("extract.nicknames", child, is_what, writer=[writer]),
        )  # fmt: skip
        self.page("extracts/{}/", row)
