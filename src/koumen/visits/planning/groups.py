"""Families met together and classes that go together, as the planner knows them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from koumen import planner
from koumen.visits.models import Campaign, GroupVisit, GroupVisitHome, Outing, Stop
from koumen.visits.planning.homes import Family, point_of


@dataclass(frozen=True)
class Group:
    """A group visit and the families of it that a plan can bring together."""

    row: GroupVisit
    homes: tuple[int, ...]


def groups_of(campaign: Campaign, wanted: Mapping[int, Family]) -> list[Group]:
    """The campaign's group visits. Families that must be seen at home, or are done, are not met there any more."""
    members: dict[int, list[int]] = defaultdict(list)
    rows = GroupVisitHome.objects.filter(group_visit__campaign=campaign).order_by("household_id")
    for group, home in rows.values_list("group_visit_id", "household_id"):
        if home in wanted and not wanted[home].is_key:
            members[group].append(home)
    found = campaign.group_visits.select_related("place", "slot").order_by("pk")
    return [Group(row, tuple(members[row.pk])) for row in found if len(members[row.pk]) > 1]


def groups_in(stops: Iterable[Stop]) -> list[Group]:
    """The group visits of a stored plan, with the families it brings together."""
    members: dict[int, list[int]] = defaultdict(list)
    for stop in stops:
        if stop.group_visit_id is not None:
            members[stop.group_visit_id].append(stop.household_id)
    rows = GroupVisit.objects.filter(pk__in=members).select_related("place", "slot").order_by("pk")
    return [Group(row, tuple(members[row.pk])) for row in rows if len(members[row.pk]) > 1]


def gatherings(groups: Iterable[Group], homes: Iterable[planner.Household]) -> tuple[planner.Gathering, ...]:
    """Group visits of families in the problem; `g7` is the group visit with key 7."""
    known = {home.id: home for home in homes}
    made = []
    for group in groups:
        ids = tuple(str(home) for home in group.homes if str(home) in known)
        classes = sorted({one for home in ids for one in known[home].classes}, key=int)
        point = point_of(group.row.place.lng, group.row.place.lat)
        if len(ids) < 2 or point is None:
            continue
        own = str(group.row.school_class_id)
        lead = own if own in classes else classes[0]
        made.append(
            planner.Gathering(
                f"g{group.row.pk}", ids, lead, group.row.minutes * 60, point, str(group.row.place_id), group.row.name
            )
        )
    return tuple(made)


def group_key(gathering: str) -> int | None:
    """The group visit's key in the planner's name for it; None without a name."""
    return int(gathering.removeprefix("g")) if gathering else None


def pairs_of(
    campaign: Campaign, classes: Iterable[planner.ClassTeam], outings: Iterable[Outing] = ()
) -> tuple[planner.Pair, ...]:
    """Paired classes that both take part and have teachers of their own, those of stored outings first."""
    teacher = {one.id: one.teacher for one in classes}
    rows = [(one.school_class_id, one.second_class_id) for one in outings if one.second_class_id]
    rows += campaign.pairs.values_list("first_id", "second_id")
    made: dict[tuple[str, str], planner.Pair] = {}
    taken: set[str] = set()
    for first, second in ((str(a), str(b)) for a, b in rows):
        if {first, second} <= teacher.keys() and not {first, second} & taken and teacher[first] != teacher[second]:
            made[first, second] = planner.Pair(first, second)
            taken |= {first, second}
    return tuple(made.values())
