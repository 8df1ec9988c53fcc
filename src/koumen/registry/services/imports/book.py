"""The school's classes as files name them, and classes that a file brings along."""

from collections.abc import Iterable

from koumen.core import clock
from koumen.registry.models import Grade, Org, SchoolClass
from koumen.registry.presets.codes import STAGES_OF_SCHOOL
from koumen.registry.services.roster import ClassBook, KnownClass
from koumen.registry.services.terms import first_calendar_year


def class_book(org: Org, *, may_add: bool) -> ClassBook:
    """The open classes of the school, to be found by whatever a file calls them."""
    known = [
        KnownClass(k.pk, k.grade.stage, k.grade.level, k.grade.entry_year, k.number, k.name, k.grade.name)
        for k in SchoolClass.objects.open().select_related("grade")
    ]
    stages = STAGES_OF_SCHOOL.get(org.school_type, ()) or tuple(sorted({k.stage for k in known})) or (2, 3, 4)
    year = first_calendar_year(clock.today())
    return ClassBook(known, stages=stages, year=year, may_add=may_add)


def make_classes(wanted: Iterable[KnownClass]) -> dict[str, int]:
    """Make grades and classes that are not there yet. Returns class name → id. Part of an import's transaction."""
    made: dict[str, int] = {}
    for k in sorted(wanted, key=lambda k: (k.stage, k.level, k.number)):
        grade, _new = Grade.objects.get_or_create(
            stage=k.stage, entry_year=k.cohort, defaults={"level": k.level, "name": k.grade_name}
        )
        row, _new = SchoolClass.objects.get_or_create(grade=grade, number=k.number, defaults={"name": k.name})
        made[k.name] = row.pk
    return made
