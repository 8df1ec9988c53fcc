"""Who goes: people of a staff file, or a class teacher and four colleagues for each class."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from koumen import planner
from koumen.cli.say import Stop
from koumen.planner.problem import Role
from koumen.registry.services.roster import ClassBook
from koumen.registry.services.roster.staff import StaffLine, StaffReader

COLLEAGUES = 4
LEADERS = {"principal": "principal", "vice_principal": "principal", "moral_office": "middle", "middle_leader": "middle"}


@dataclass
class Crews:
    """People, class teams, and what people are called."""

    people: list[planner.Person] = field(default_factory=list)
    teams: list[planner.ClassTeam] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def add(self, person: planner.Person, name: str) -> str:
        self.people.append(person)
        self.names[person.id] = name
        return person.id


def placeholders(classes: Iterable[str], slots: frozenset[str]) -> Crews:
    """Nobody is named: the class teacher and four colleagues. They have no quota to fill."""
    crews = Crews()
    for one in classes:
        _placeholder_team(crews, one, slots)
    return crews


def _placeholder_team(crews: Crews, one: str, slots: frozenset[str]) -> None:
    mine = frozenset({one})
    teacher = crews.add(planner.Person(f"{one}/0", "class_teacher", mine, slots, quota=0), "班主任")
    members = [
        crews.add(planner.Person(f"{one}/{n}", "subject", mine, slots, quota=0), f"同行老师{n}")
        for n in range(1, COLLEAGUES + 1)
    ]
    crews.teams.append(planner.ClassTeam(one, teacher, tuple(members)))


def from_file(path: Path, classes: list[str], slots: frozenset[str], today: date) -> Crews:
    """The people of a staff file; a class without a class teacher there gets placeholders.

    Raises Unreadable, or Stop naming the first wrong cells.
    """
    year = today.year if today.month >= 7 else today.year - 1
    reader = StaffReader(classes=ClassBook([], stages=(1, 2, 3, 4), year=year, may_add=True))
    lines = list(reader.read(path))
    if wrong := reader.findings.problems:
        told = "；".join(f"{p.sheet} {p.cell} {p.column}：{p.allowed}" for p in wrong[:5])
        raise Stop(f"教职工名单有 {len(wrong)} 处有误，请改好后再运行。{told}")
    crews, led = Crews(), dict[str, str]()
    for number, line in enumerate(lines):
        taught = frozenset(known.name for known in (*line.leads, *(k for k, _subject in line.teaches)))
        person = planner.Person(f"s{number}", _role(line), taught & frozenset(classes), slots)
        crews.add(person, line.name)
        led |= {known.name: person.id for known in line.leads}
    for one in classes:
        if one in led:
            members = tuple(p.id for p in crews.people if one in p.classes and p.id != led[one])
            crews.teams.append(planner.ClassTeam(one, led[one], members))
        else:
            _placeholder_team(crews, one, slots)
    return crews


def _role(line: StaffLine) -> Role:
    posts = {LEADERS.get(post) for post in line.posts}
    if "principal" in posts:
        return "principal"
    if "middle" in posts:
        return "middle"
    return "class_teacher" if line.leads else "subject"
