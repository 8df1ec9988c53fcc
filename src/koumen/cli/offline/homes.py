"""Families from the rows of a roster: siblings merged, one visit each."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from koumen import planner
from koumen.registry.services.roster import StudentLine
from koumen.registry.services.roster.classnames import tidy

MINUTES = 40
SIBLING_MINUTES = 10
MOST_OF_ONE_HOME = 4  # a phone or an address on more children belongs to a shop or a dormitory
NEW_HERE = "F11"  # being new at the school makes no key family


@dataclass
class Home:
    """One family: its rows, and the class that visits it."""

    id: str
    rows: list[StudentLine]
    lead: str = ""

    @property
    def address(self) -> str:
        return next((row.address for row in self.rows if row.address), "")

    @property
    def children(self) -> str:
        """雨一(三年级1班)、雨二(三年级2班); the class only where it is another than the visiting one."""
        told = (row.name if row.class_label == self.lead else f"{row.name}({row.class_label})" for row in self.rows)
        return "、".join(told)

    @property
    def point(self) -> planner.Point | None:
        """The first usable point; one outside China is as good as none."""
        for row in self.rows:
            if row.lng is not None and row.lat is not None and 73 <= row.lng <= 136 and 3 <= row.lat <= 54:
                return planner.Point(row.lng, row.lat)
        return None


def homes(rows: Iterable[StudentLine]) -> list[Home]:
    """Children with a phone of an adult or an address in common are one family; led by the class with fewest."""
    listed = list(rows)
    first = list(range(len(listed)))

    def root(at: int) -> int:
        while first[at] != at:
            at = first[at]
        return at

    for group in _shared(listed):
        for at in group[1:]:
            low, high = sorted((root(group[0]), root(at)))
            first[high] = low
    found: dict[int, Home] = {}
    for at, row in enumerate(listed):
        found.setdefault(root(at), Home(str(root(at)), [])).rows.append(row)
    led: dict[str, int] = defaultdict(int)
    for home in found.values():
        home.lead = min({row.class_label for row in home.rows}, key=lambda one: (led[one], one))
        led[home.lead] += 1
    return list(found.values())


def _shared(rows: list[StudentLine]) -> list[list[int]]:
    groups: dict[tuple[str, str], set[int]] = defaultdict(set)
    for at, row in enumerate(rows):
        for member in row.members:
            if member.phone:
                groups["phone", member.phone].add(at)
        address = tidy(row.address)
        if re.search(r"\d", address):  # without any number it names a village, not a home
            groups["address", address].add(at)
    return [sorted(group) for group in groups.values() if 1 < len(group) <= MOST_OF_ONE_HOME]


def household(home: Home, number_of: dict[int, str], slots: tuple[planner.Slot, ...]) -> planner.Household:
    """The family as the planner knows it. `number_of` names a row's child by `id(row)`; families receive all day."""
    return planner.Household(
        home.id,
        tuple((number_of[id(row)], row.class_label) for row in home.rows),
        home.lead,
        (MINUTES + SIBLING_MINUTES * (len(home.rows) - 1)) * 60,
        {slot.id: (planner.Window(0, slot.length),) for slot in slots},
        home.point,
        next((row.place for row in home.rows if row.place), ""),
        key=any(flag != NEW_HERE for row in home.rows for flag in row.flags),
    )
