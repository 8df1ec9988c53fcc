"""A county of about 100,000 children in 80 schools, for measuring: written in bulk, inside each school's scope.

Unlike the demo it does not pass the importer. Values are sealed and hashed as everywhere; COPY fills temporary tables
(row-level security allows no other target), and SQL spreads them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from django.db import connection
from psycopg import sql

from koumen.cli.county.identity import Identities
from koumen.cli.county.land import moved
from koumen.cli.county.scale_sql import AFTER_PEOPLE, FROM_FILES, TABLES, VISITS
from koumen.core import clock, crypto, scope
from koumen.registry.models import Grade, Org, SchoolClass
from koumen.registry.services.terms import ensure_year, first_calendar_year

SLUG, AREA = "scale", "990900"
CHILDREN_PER_CLASS = {2: 43, 3: 47}
STAFF_PER_CLASS = 2.2
LEADERS = ("principal", "moral_office", "middle_leader", "middle_leader")
WORDS = {2: "一二三四五六", 3: "七八九"}


@dataclass
class Unit:
    """A class of the school being written: its id, number, level and stage."""

    pk: int
    level: int
    stage: int


class Writer:
    """Writes one school after another."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(f"{seed} scale")  # noqa: S311  (made-up people, the same every time)
        self.people = Identities(self.rng, AREA)
        self.today = clock.today()
        self.year = first_calendar_year(self.today)

    def school(self, org: Org, stage: int, classes: int) -> int:
        """Everything of one school. Returns how many children it has."""
        self._staff_prefix = f"{org.slug}-"
        with scope.enter(org.pk), connection.cursor() as cursor:
            ensure_year(self.today)
            units = self._units(stage, classes)
            for text in TABLES:
                cursor.execute(text)
            self._fill("s_staff", self._staff(units))
            homes, people, adults = self._families(units)
            self._fill("s_home", homes)
            children = self._fill("s_child", people)
            self._fill("s_adult", adults)
            values: dict[str, int | date] = {
                "org": org.pk,
                "year": date(self.year, 9, 1),
                "today": self.today,
                "until": date(self.year + 1, 1, 31),
            }
            for text in (*FROM_FILES, *AFTER_PEOPLE, *VISITS):
                cursor.execute(text, values)
        return children

    def _units(self, stage: int, classes: int) -> list[Unit]:
        levels = len(WORDS[stage])
        grades = [
            Grade(stage=stage, level=level, entry_year=self.year - level + 1, name=f"{WORDS[stage][level - 1]}年级")
            for level in range(1, levels + 1)
        ]
        Grade.objects.bulk_create(grades)
        rows = [
            SchoolClass(grade=grades[at % levels], number=at // levels + 1,
                        name=f"{grades[at % levels].name}{at // levels + 1}班")
            for at in range(classes)
        ]  # fmt: skip
        SchoolClass.objects.bulk_create(rows)
        return [Unit(row.pk, row.grade.level, stage) for row in rows]

    def _fill(self, table: str, rows: Iterable[Sequence[Any]]) -> int:
        """COPY rows into one of the temporary tables. Returns how many."""
        number = 0
        with (
            connection.cursor() as cursor,
            cursor.copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as copy,
        ):
            for row in rows:
                copy.write_row(row)
                number += 1
        return number

    def _staff(self, units: list[Unit]) -> Iterator[tuple[Any, ...]]:
        """A class teacher for every class, a few leaders, the others teach four classes each."""
        total = round(STAFF_PER_CLASS * len(units))
        for n in range(total):
            woman, phone = self.rng.random() < 0.68, self.people.phone()
            name = self.people.adult(self.people.surname(), woman=woman)
            led = units[n].pk if n < len(units) else None
            post = LEADERS[n - len(units)] if 0 <= n - len(units) < len(LEADERS) else ""
            taught = [units[(4 * n + k) % len(units)].pk for k in range(4)] if led is None else [led]
            yield (n, name, "2" if woman else "1", f"{self._staff_prefix}{n}", *_sealed("registry_staff.phone", phone),
                   led, post, taught)  # fmt: skip

    def _families(self, units: list[Unit]) -> tuple[list[Any], list[Any], list[Any]]:
        """Seats are filled class by class; every sixth child lives with the child before it."""
        homes: list[Any] = []
        children: list[Any] = []
        adults: list[Any] = []
        seats = [(unit, no) for unit in units for no in range(1, CHILDREN_PER_CLASS[unit.stage] + 1)]
        self.rng.shuffle(seats)
        surname = ""
        for n, (unit, no) in enumerate(seats):
            if n % 6 != 5:
                surname = self.people.surname()
                homes.append(self._home(len(homes)))
                adults += self._adults(len(homes) - 1, surname)
            children.append(self._child(n, len(homes) - 1, surname, unit, no))
        return homes, children, adults

    def _home(self, n: int) -> tuple[Any, ...]:
        away = abs(self.rng.gauss(0, 4))
        lng, lat = moved(102.7, 25.0, self.rng.gauss(0, away + 0.5), self.rng.gauss(0, away + 0.5))
        address = f"青山镇{self.rng.choice('柳桃杏桂梅松')}{self.rng.choice('树园溪山坪坝')}村{n}号"
        return (n, *_sealed("registry_household.address", address), lng, lat, away > 12)

    def _adults(self, home: int, surname: str) -> Iterator[tuple[Any, ...]]:
        for relation, woman in (("51", False), ("52", True)):
            name = self.people.adult(self.people.surname() if woman else surname, woman=woman)
            yield (home, name, relation, *_sealed("registry_guardian.phone", self.people.phone()))

    def _child(self, n: int, home: int, surname: str, unit: Unit, no: int) -> tuple[Any, ...]:
        girl = self.rng.random() < 0.47
        first = self.year - (6 if unit.stage == 2 else 12) - unit.level
        born = self.people.birthday(date(first, 9, 1), date(first + 1, 8, 31))
        number = self.people.resident(born, girl=girl)
        return (
            n, home, unit.pk, str(no), self.people.child(surname, girl=girl), "2" if girl else "1", born,
            *_sealed("registry_student.id_no", number), *_sealed("registry_student.student_no", "G" + number),
            unit.level == 1,
        )  # fmt: skip


def _sealed(column: str, value: str) -> tuple[bytes, bytes]:
    return crypto.seal(value, column), crypto.lookup(value)
