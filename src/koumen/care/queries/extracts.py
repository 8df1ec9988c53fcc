"""What an extract is checked against: what is known of its case, and how many children it could be about."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from koumen.care.models import Case, Extract
from koumen.care.presets.extracts import LEAST_ALIKE
from koumen.care.queries.identifiers import Known
from koumen.core import clock
from koumen.core.actor import Actor, OrgRef
from koumen.registry.models import Flag, Guardian, Role, Staff, Student

Width = Extract.Width


def known_of(case: Case, school: OrgRef, nicknames: tuple[str, ...] = ()) -> Known:
    """Everybody's names, the addresses, the school, the classes and the numbers of a case."""
    child = case.student
    family = Student.objects.filter(Q(pk=child.pk) | Q(household=child.household_id or 0))
    children: list[Student] = list(family.select_related("school_class"))
    adults: list[Guardian] = list(Guardian.objects.filter(guardianships__student__in=children).distinct())
    team = Q(case_seats__case=case) | Q(roles__in=Role.objects.filter(school_class=child.school_class_id))
    staff: list[Staff] = list(Staff.objects.filter(team).distinct())
    home = child.household
    numbers = [n for who in children for n in (who.id_no, who.student_no)] + [a.phone for a in adults]
    return Known(
        names=tuple(sorted({*(c.name for c in children), *(a.name for a in adults), *(s.name for s in staff)})),
        nicknames=nicknames,
        places=tuple(
            p for p in ((home.address if home else ""), (home.place.name if home and home.place else "")) if p
        ),
        school=school.name,
        classes=tuple({str(who.school_class) for who in children if who.school_class}),
        numbers=tuple(n for n in numbers if len(n) >= 5),
    )


def among(case: Case, width: str) -> "QuerySet[Student]":
    """The children on roll of the grade, the stage or the whole school."""
    rows: QuerySet[Student] = Student.objects.enrolled()
    unit = case.student.school_class
    if width == Width.GRADE and unit is not None:
        return rows.filter(school_class__grade=unit.grade_id)
    if width == Width.STAGE and unit is not None:
        return rows.filter(school_class__grade__stage=unit.grade.stage)
    return rows


def alike(case: Case, width: str, categories: list[str]) -> int:
    """How many children on roll have all these categories today."""
    rows = among(case, width)
    for code in categories:
        rows = rows.filter(pk__in=Flag.objects.current(clock.today()).filter(category=code).values("student_id"))
    return int(rows.count())


@dataclass(frozen=True)
class Wider:
    """A description that would fit enough children: how many, and what it says."""

    width: str
    categories: tuple[str, ...]
    count: int


def wider(case: Case, width: str, categories: list[str]) -> Wider | None:
    """The closest description that enough children answer to: a wider circle first, then fewer categories.

    One statement for all that name a category; whole circles are counted when none of those fits.
    """
    circles = list(Width.values)[list(Width.values).index(width) :]
    have = _having(case, categories)
    for kept in range(len(categories), -1, -1):
        for circle in circles:
            options = [tuple(categories)] if kept == len(categories) else _without_some(categories, kept)
            found = [
                (len(set.intersection(*(have[circle, c] for c in option))), option) for option in options if option
            ]
            count, option = max(found, default=(0, ())) if kept else (among(case, circle).count(), ())
            if count >= LEAST_ALIKE:
                return Wider(circle, option, count)
    return None


def _having(case: Case, categories: list[str]) -> dict[tuple[str, str], set[int]]:
    """The children of each circle who have each of these categories today."""
    unit = case.student.school_class
    rows = Flag.objects.current(clock.today()).filter(category__in=categories, student__in=Student.objects.enrolled())
    found: dict[tuple[str, str], set[int]] = {(circle, code): set() for circle in Width.values for code in categories}
    grade, stage = "student__school_class__grade", "student__school_class__grade__stage"
    for code, child, of_grade, of_stage in rows.values_list("category", "student", grade, stage):
        found[Width.SCHOOL, code].add(child)
        if unit is None or of_stage == unit.grade.stage:
            found[Width.STAGE, code].add(child)
        if unit is None or of_grade == unit.grade_id:
            found[Width.GRADE, code].add(child)
    return found


def _without_some(categories: list[str], kept: int) -> list[tuple[str, ...]]:
    """At most ten ways to keep that many, by leaving out neighbours: enough to suggest one."""
    return [tuple((categories * 2)[i : i + kept]) for i in range(min(len(categories), 10))]


def extracts(actor: Actor) -> "QuerySet[Extract]":
    """Those this person may see."""
    rows: QuerySet[Extract] = Extract.objects.visible_to(actor)
    return rows.select_related("made_by", "reader", "case")


def readers(extract: Extract) -> "QuerySet[Staff]":
    """Who could read it second: colleagues with a post today, not the writer."""
    today = Role.objects.current(clock.today()).exclude(post__endswith="_admin")
    return Staff.objects.filter(roles__in=today, is_active=True).exclude(pk=extract.made_by_id).distinct()
