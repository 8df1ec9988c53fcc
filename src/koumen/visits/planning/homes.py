"""Families as the planner knows them: children, place, windows, length of the visit."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from koumen import planner
from koumen.registry.models import Household
from koumen.visits.models import Campaign, FamilySlot, Mode, Slot, Target
from koumen.visits.planning.promises import homes_met_afar

Pattern = Household.Pattern
LATE_AFTER = 3_600  # seconds after the first visiting time that a late family is at home
REMOTE_MODES = (Mode.VIDEO, Mode.PHONE, Mode.ONLINE, Mode.AT_SCHOOL)
Windows = dict[str, tuple[planner.Window, ...]]


@dataclass
class Family:
    """The children of one household that a campaign means to visit."""

    children: list[tuple[int, int]] = field(default_factory=list)  # (student, class)
    is_key: bool = False
    door_only: bool = False

    @property
    def classes(self) -> list[int]:
        return sorted({school_class for _student, school_class in self.children})


def families(campaign: Campaign) -> tuple[dict[int, Family], list[tuple[int, int]]]:
    """The campaign's targets by household; and (student, class) of those whose household is unknown."""
    found: dict[int, Family] = defaultdict(Family)
    homeless: list[tuple[int, int]] = []
    targets = Target.objects.filter(campaign=campaign).order_by("student_id")
    for student, school_class, home, is_key, door_only in targets.values_list(
        "student_id", "student__school_class_id", "student__household_id", "is_key", "door_only"
    ):
        if school_class is None:
            continue
        if home is None:
            homeless.append((student, school_class))
            continue
        family = found[home]
        family.children.append((student, school_class))
        family.is_key |= is_key or door_only
        family.door_only |= door_only
    return dict(sorted(found.items())), homeless


def planned_homes(
    campaign: Campaign,
    families: Mapping[int, Family],
    slots: Iterable[Slot],
    classes: frozenset[int],
    together: Mapping[int, Slot | None] | None = None,
) -> tuple[planner.Household, ...]:
    """The families of which a class of `classes` can make the visit. Siblings go to the class that leads fewest.

    `together` are families met in a group visit, and the slot they were told to come in.
    """
    rows = Household.objects.filter(pk__in=families).select_related("place").defer("address", "address_hash")
    slots, together = list(slots), together or {}
    windows = {pattern: windows_of(pattern, slots) for pattern in Pattern.values}
    answers, afar = answered(campaign, slots), homes_met_afar(campaign)
    led = dict.fromkeys(sorted(classes), 0)
    made = []
    for row in rows.order_by("pk"):
        family = families[row.pk]
        able = [one for one in family.classes if one in classes]
        if not able:
            continue
        lead = min(able, key=lambda one: (led[one], one))
        led[lead] += 1
        times = windows[row.pattern]
        if row.pk in answers:
            times = {slot: spans for slot, spans in windows[Pattern.ANY].items() if slot in answers[row.pk]}
        told = together.get(row.pk)
        if told is not None:
            times = {slot: spans for slot, spans in windows[Pattern.ANY].items() if slot == str(told.pk)}
        home = _home(campaign, row, family, lead, classes, times, is_met_together=row.pk in together)
        made.append(replace(home, in_person=False) if row.pk in afar else home)
    return tuple(made)


def answered(campaign: Campaign, slots: Iterable[Slot]) -> dict[int, frozenset[str]]:
    """The slots in which families that answered can receive."""
    free: dict[int, set[str]] = {home: set() for home in campaign.family_answers.values_list("household_id", flat=True)}
    for home, slot in FamilySlot.objects.filter(slot__in=slots).values_list("household_id", "slot_id"):
        if home in free:
            free[home].add(str(slot))
    return {home: frozenset(ids) for home, ids in free.items()}


def _home(
    campaign: Campaign,
    row: Household,
    family: Family,
    lead: int,
    classes: frozenset[int],
    windows: Windows,
    *,
    is_met_together: bool,
) -> planner.Household:
    children = tuple((str(student), str(one)) for student, one in family.children if one in classes)
    minutes = campaign.minutes + campaign.sibling_minutes * (len(family.children) - 1)
    is_key = family.is_key and not is_met_together
    asks = {f"gender:{row.asks_gender}"} if row.asks_gender else set()
    asks |= {f"language:{row.asks_language}"} if row.asks_language else set()
    return planner.Household(
        str(row.pk),
        children,
        str(lead),
        minutes * 60,
        windows,
        point_of(row.lng, row.lat),
        str(row.place_id or ""),
        key=is_key,
        remote=row.is_remote or row.is_risky or bool(row.place and row.place.is_remote),
        in_person=is_key or is_met_together or not (row.prefers_remote and remote_mode(campaign)),
        asks=frozenset(asks),
    )


def remote_mode(campaign: Campaign) -> str:
    """How families are met that wish no visit at home; "" when the campaign allows nothing else."""
    return next((mode for mode in REMOTE_MODES if mode in campaign.modes), "")


def point_of(lng: float | None, lat: float | None) -> planner.Point | None:
    """A usable point; one outside China is as good as none."""
    if lng is None or lat is None:
        return None
    point = planner.Point(lng, lat)
    try:
        point.require_china("")
    except planner.ProblemError:
        return None
    return point


def windows_of(pattern: str, slots: Iterable[Slot]) -> Windows:
    """When a family of this habit can receive, by slot: seconds from the slot's start."""
    found: Windows = {}
    for slot in slots:
        evening = slot.kind == Slot.Kind.EVENING
        wanted = {Pattern.EVENINGS: evening, Pattern.LATE: evening, Pattern.WEEKENDS: not evening}.get(
            Pattern(pattern), True
        )
        opens = int((slot.opens_at - slot.starts_at).total_seconds())
        closes = int((slot.closes_at - slot.starts_at).total_seconds())
        opens += LATE_AFTER if pattern == Pattern.LATE else 0
        if wanted and opens < closes:
            found[str(slot.pk)] = (planner.Window(opens, closes),)
    return found
