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
    ordered = sorted(wanted, key=lambda k: (k.stage, k.level, k.number))
    cohorts = {(k.stage, k.cohort): Grade(stage=k.stage, level=k.level, entry_year=k.cohort, name=k.grade_name)
               for k in ordered}  # fmt: skip
    Grade.objects.bulk_create(cohorts.values(), ignore_conflicts=True)
    grades = {(g.stage, g.entry_year): g for g in Grade.objects.all()}
    rows = [SchoolClass(grade=grades[k.stage, k.cohort], number=k.number, name=k.name) for k in ordered]
    SchoolClass.objects.bulk_create(rows, ignore_conflicts=True)
    names = {k.name for k in ordered}
    return {k.name: k.pk for k in SchoolClass.objects.filter(name__in=names)}
