"""The schools' staff: who leads, who teaches what to which class."""

from dataclasses import dataclass
from itertools import cycle
from random import Random

from koumen.cli.county.identity import Identities
from koumen.cli.county.shapes import SchoolShape

Unit = tuple[int, int]  # level and number of a class
# posts of a school that is large enough for them, first those every school has
_LEADERS = ("校长", "德育处主任", "副校长", "教务主任", "副校长", "总务主任", "副主任", "工会主席", "心理教师")
# subject → classes one teacher has of it
_LOADS = {
    2: {"数学": 2, "英语": 5, "科学": 7, "道德与法治": 7, "体育": 6, "音乐": 9, "美术": 9, "信息科技": 12},
    3: {"数学": 3, "英语": 3, "物理": 5, "道德与法治": 5, "历史": 6, "生物": 6, "地理": 6, "体育": 5, "化学": 6,
        "音乐": 10, "美术": 10, "信息": 10},
}  # fmt: skip


@dataclass
class Teacher:
    """One member of staff. `post` is the word of the staff list; `leads` the class of a class teacher."""

    name: str
    woman: bool
    number: str
    phone: str
    is_party_member: bool
    post: str = ""
    leads: Unit | None = None
    subject: str = ""
    teaches: tuple[Unit, ...] = ()


class Faculty:
    """Makes the staff of one school after another."""

    def __init__(self, people: Identities, rng: Random) -> None:
        self.people, self.rng = people, rng

    def of(self, school: SchoolShape) -> list[Teacher]:
        """Leaders first, then class teachers in the order of their classes, then the other teachers."""
        self._count, self._short = 0, school.short.upper()
        units = [(level, n) for level, count in enumerate(school.classes, 1) for n in range(1, count + 1)]
        posts = max(2, min(len(_LEADERS), len(units) // 2))
        leaders = [self._teacher(post=post) for post in _LEADERS[:posts]]
        heads = [self._teacher(leads=unit, subject="语文", teaches=(unit,)) for unit in units]
        others: list[Teacher] = []
        for subject, load in _LOADS[school.stage].items():
            parts = [tuple(units[at : at + load]) for at in range(0, len(units), load)]
            others += [self._teacher(subject=subject, teaches=part) for part in parts]
        if len(units) <= 6:  # in a small school everybody teaches several subjects, the class teachers too
            others = others[: len(units)]
        for leader, other in zip(leaders[2:], cycle(others[-4:] or heads), strict=False):
            leader.subject, leader.teaches = other.subject, other.teaches[:2]
        return leaders + heads + others

    def _teacher(self, **said: object) -> Teacher:
        self._count += 1
        woman = self.rng.random() < 0.68
        name = self.people.adult(self.people.surname(), woman=woman)
        made = Teacher(name, woman, f"{self._short}{self._count:03d}", self.people.phone(), self.rng.random() < 0.3)
        for key, value in said.items():
            setattr(made, key, value)
        return made
