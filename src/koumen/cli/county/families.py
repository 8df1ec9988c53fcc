"""Families and their children in the county's schools: brothers and sisters in one school and across schools."""

from dataclasses import dataclass, field
from datetime import date
from random import Random

from koumen.cli.county.identity import Identities
from koumen.cli.county.land import Spot, moved, spots
from koumen.cli.county.shapes import HILLS, County, SchoolShape

FIRST_AGE = {2: 6, 3: 12}  # years of age in the first grade of a stage
SIBLINGS = 0.3  # of the families have a second child at school


@dataclass
class Adult:
    """A parent or grandparent. `relation` is the word of the register."""

    name: str
    relation: str
    phone: str
    id_no: str


@dataclass
class Family:
    """One household."""

    spot: Spot
    address: str
    lng: float
    lat: float
    adults: list[Adult]
    away: int = 0  # parents who work elsewhere: 0, 1, 2
    is_migrant: bool = False
    is_poor: bool = False
    children: list["Child"] = field(default_factory=list)


@dataclass
class Child:
    """A pupil in a seat. `school` is the slug; `level` counts from 1 in the stage."""

    family: Family
    school: str
    stage: int
    level: int
    name: str
    girl: bool
    born: date
    id_no: str
    number: int = 0  # class, from 1
    class_no: int = 0
    disability: str = "无"
    is_orphan: bool = False
    is_ill: bool = False


class Settlement:
    """Fills every seat of every school with children of families that live where the school's children live."""

    def __init__(self, county: County, seed: int, year: int) -> None:
        self.rng = Random(f"{seed} {county.slug}")  # noqa: S311  (made-up people, the same every time)
        self.county, self.year = county, year
        self.people = Identities(self.rng, county.area_code)
        self.spots = spots(self.rng)
        self.schools = {school.slug: school for school in county.schools}
        self.free: dict[tuple[str, int], int] = {}
        self.children: dict[str, list[Child]] = {school.slug: [] for school in county.schools}
        self._fill()

    def _fill(self) -> None:
        for school in self.county.schools:
            for level, classes in enumerate(school.classes, 1):
                self.free[school.slug, level] = classes * school.size
        for (slug, level), _seats in list(self.free.items()):
            while self.free[slug, level]:
                self._family(self.schools[slug], level)
        for school in self.county.schools:
            self._classes(school)

    def _family(self, school: SchoolShape, level: int) -> None:
        regions = [region for region, _weight in school.catchments]
        region = self.rng.choices(regions, [weight for _region, weight in school.catchments])[0]
        home = self._home(region)
        surname = home.adults[0].name[0]
        self._child(home, surname, school, level)
        if self.rng.random() < SIBLINGS:
            seats = [seat for seat, free in self.free.items() if free and self._reaches(seat[0], region)]
            for slug, other in self.rng.sample(seats, min(len(seats), 1 + (self.rng.random() < 0.12))):
                self._child(home, surname, self.schools[slug], other)

    def _reaches(self, slug: str, region: str) -> bool:
        return any(one == region for one, _weight in self.schools[slug].catchments)

    def _home(self, region: str) -> Family:
        rng = self.rng
        there = [spot for spot in self.spots if spot.region == region]
        spot = rng.choices(there, [one.share for one in there])[0]
        near = 0.12 if spot.is_urban else 0.3
        lng, lat = moved(spot.lng, spot.lat, rng.gauss(0, near), rng.gauss(0, near))
        door = f"{rng.randrange(1, 30)}幢{rng.randrange(1, 5)}单元{rng.randrange(101, 1800)}室"
        house = f"{rng.randrange(1, 12)}组{rng.randrange(1, 120)}号"
        town = "云上乡" if region == HILLS else "青山镇"
        home = Family(spot, f"{town}{spot.name}{door if spot.is_urban else house}", lng, lat, [])
        home.is_migrant = spot.is_urban and rng.random() < 0.18
        home.away = 0 if spot.is_urban else rng.choices((0, 1, 2), (0.72, 0.14, 0.14))[0]
        home.is_poor = rng.random() < (0.03 if spot.is_urban else 0.11)
        self._adults(home)
        return home

    def _adults(self, home: Family) -> None:
        """Father and mother; where both are away a grandparent comes first; sometimes there is one adult only."""
        surname, rng = self.people.surname(), self.rng
        father, mother = self._adult(surname, "父亲", 1978, 1992), self._adult("", "母亲", 1980, 1994)
        home.adults = [father, mother]
        if home.away == 2:
            elder = rng.choice(("祖父", "祖母", "外祖母"))
            home.adults = [
                self._adult(surname if elder == "祖父" else "", elder, 1950, 1964),
                rng.choice((father, mother)),
            ]
            if home.adults[0].name[0] != surname:
                home.adults[1] = father
        elif rng.random() < 0.07:
            home.adults = [father] if rng.random() < 0.4 else [mother]
        elif rng.random() < 0.5:
            home.adults.reverse()

    def _adult(self, surname: str, relation: str, first: int, last: int) -> Adult:
        woman = relation in {"母亲", "祖母", "外祖母"}
        born = self.people.birthday(date(first, 1, 1), date(last, 12, 31))
        name = self.people.adult(surname or self.people.surname(), woman=woman)
        return Adult(name, relation, self.people.phone(), self.people.resident(born, girl=woman))

    def _child(self, home: Family, surname: str, school: SchoolShape, level: int) -> None:
        rng = self.rng
        self.free[school.slug, level] -= 1
        girl = rng.random() < 0.47
        birth_year = self.year - FIRST_AGE[school.stage] - (level - 1)
        born = self.people.birthday(date(birth_year - 1, 9, 1), date(birth_year, 8, 31))
        name, number = self.people.child(surname, girl=girl), self.people.resident(born, girl=girl)
        child = Child(home, school.slug, school.stage, level, name, girl, born, number)
        chance = rng.random()
        child.disability = rng.choice(("听力", "肢体", "智力")) if chance < 0.0025 else "无"
        child.is_orphan, child.is_ill = 0.0025 <= chance < 0.0035, 0.0035 <= chance < 0.006
        home.children.append(child)
        self.children[school.slug].append(child)

    def _classes(self, school: SchoolShape) -> None:
        """Deal the children of each grade out to its classes, boys and girls mixed, and number them."""
        for level, classes in enumerate(school.classes, 1):
            grade = [child for child in self.children[school.slug] if child.level == level]
            self.rng.shuffle(grade)
            for at, child in enumerate(grade):
                child.number, child.class_no = at % classes + 1, at // classes + 1
        self.children[school.slug].sort(key=lambda c: (c.level, c.number, c.class_no))
