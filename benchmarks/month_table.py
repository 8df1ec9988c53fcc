"""The monthly table of a school of 1,800 students with a school year of visits: milliseconds a sheet.

Run as `python benchmarks/month_table.py` with `src` and the root on the path; it works on a copy of the test
template, which is dropped afterwards. ANALYZE=0 measures before PostgreSQL has looked at the new rows. Each sheet is
read ten times; the slower sheet's median counts. The last line is `month_table: value V goal G met|short`; the exit
code is 0 only when met.
"""

import os
import sys
import time
from datetime import date, datetime, timedelta
from random import Random
from statistics import median
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "koumen.config.settings")
from tests import environment

django.setup()

from django.db import connection, connections  # noqa: E402
from tests import database  # noqa: E402

from koumen.care.presets.measures import FOUR  # noqa: E402
from koumen.core import clock, scope  # noqa: E402
from koumen.registry.models import (  # noqa: E402
    Enrolment,
    Flag,
    Grade,
    Household,
    Org,
    Role,
    SchoolClass,
    Staff,
    Student,
)
from koumen.registry.presets import categories  # noqa: E402
from koumen.reporting.queries.monthly import sheet_1, sheet_2  # noqa: E402
from koumen.visits.models import Visit, VisitRecord, VisitStaff, VisitStudent  # noqa: E402

GOAL_MS = 300.0
STUDENTS, CLASSES, TEACHERS, VISITS = 1_800, 42, 110, 5_400
YEAR_START, MONTH = date(2026, 9, 1), date(2027, 5, 1)
MODES = ("01", "01", "01", "03", "03", "02", "04", "05", "06")


def build(chance: Random) -> None:
    """The school: classes, teachers, children with flags, and three visits a child over nine months."""
    grade = Grade.objects.create(stage=2, level=6, entry_year=2020, name="六年级")
    classes = SchoolClass.objects.bulk_create(
        [SchoolClass(grade=grade, number=i, name=f"六年级{i}班") for i in range(1, CLASSES + 1)]
    )
    staff = Staff.objects.bulk_create([Staff(name=f"师{i}", number=f"b{i}") for i in range(TEACHERS)])
    Role.objects.bulk_create(
        [
            Role(staff=s, post="subject_teacher", school_class=c, starts=YEAR_START)
            for s in staff
            for c in chance.sample(classes, 3)
        ]
    )
    homes = Household.objects.bulk_create([Household(address=f"村{i}号") for i in range(STUDENTS)])
    children = Student.objects.bulk_create(
        [Student(name=f"童{i}", school_class=classes[i % CLASSES], household=homes[i]) for i in range(STUDENTS)]
    )
    Enrolment.objects.bulk_create(
        [Enrolment(student=s, school_class=s.school_class, starts=YEAR_START) for s in children]
    )
    Flag.objects.bulk_create(
        [
            Flag(student=s, category=c, sensitivity=categories.sensitivity(c), starts=YEAR_START)
            for s in children
            for c in chance.sample([*categories.CATEGORIES], chance.choice([0, 0, 0, 1, 2]))
        ]
    )
    visit_all(chance, children, staff)


def visit_all(chance: Random, children: list[Student], staff: list[Staff]) -> None:
    """A school year of recorded visits."""
    start = datetime.combine(YEAR_START, datetime.min.time(), clock.ZONE) + timedelta(hours=19)
    visits, about, along, records = [], [], [], []
    for i in range(VISITS):
        child, (lead, other) = children[i % STUDENTS], chance.sample(staff, 2)
        visit = Visit(
            id=uuid4(), household=child.household, school_class=child.school_class, lead=lead, state="recorded",
            mode=chance.choice(MODES), starts_at=start + timedelta(days=chance.randint(0, 270)),
        )  # fmt: skip
        visits.append(visit)
        about.append(VisitStudent(visit=visit, student=child))
        along.append(VisitStaff(visit=visit, staff=other))
        records.append(
            VisitRecord(
                visit=visit, met_relation="52", recorded_by=lead, recorded_at=clock.now(), content_hash="x",
                opinion=chance.choice(["", "", "校车"]), problem=chance.choice(["", "", "没人辅导"]),
                measures=chance.sample([one.value for one in FOUR], chance.choice([0, 0, 1])),
                satisfaction=chance.choice([None, 4, 5]), content="孩子在家能主动做家务。" * 5,
            )
        )  # fmt: skip
    Visit.objects.bulk_create(visits)
    VisitStudent.objects.bulk_create(about)
    VisitStaff.objects.bulk_create(along)
    VisitRecord.objects.bulk_create(records)


def measure() -> float:
    """Median milliseconds of the slower sheet."""
    medians = []
    for sheet in (sheet_1, sheet_2):
        times = []
        for _again in range(10):
            started = time.perf_counter()
            found = sheet(MONTH)
            times.append((time.perf_counter() - started) * 1000)
        print(f"{sheet.__name__}: median {median(times):.0f} ms, slowest {max(times):.0f} ms, {len(found.rows)} lines")
        medians.append(median(times))
    return max(medians)


def main() -> int:
    """Build, analyze, measure, print, drop."""
    name = f"koumen_bench_{os.getpid()}"
    database.copy_of_template(name)
    database.use(name)
    try:
        with scope.enter(Org.objects.get(slug="hill").pk):
            build(Random(int(os.environ.get("SEED", "1"))))
        if os.environ.get("ANALYZE", "1") == "1":
            with connections["owner"].cursor() as cursor:
                cursor.execute("ANALYZE")
        with scope.enter(Org.objects.get(slug="hill").pk):
            print(f"school: {Student.objects.count()} students, {Visit.objects.count()} visits")
            value = measure()
    finally:
        connection.close()
        connections["owner"].close()
        database.remove(name)
    met = value <= GOAL_MS
    print(f"month_table: value {value:.0f} goal {GOAL_MS:.0f} {'met' if met else 'short'}")
    return 0 if met else 1


if __name__ == "__main__":
    assert environment.ROOT
    sys.exit(main())
