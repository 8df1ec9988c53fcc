"""What the coverage pages show: units in their natural order, never ranked; each rule met or not; how fresh it is."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, Subquery

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.models import Role, SchoolClass, Staff
from koumen.visits.models import Campaign, Exemption, Visit
from koumen.visits.policies.visits import OFFICE
from koumen.visits.queries import coverage, rules


@dataclass(frozen=True)
class Season:
    """The open campaign, the stretches its task numbers are counted in, and the numbers."""

    campaign: Campaign | None
    windows: dict[str, coverage.Window]
    asked: list[rules.Rule]


@dataclass(frozen=True)
class Unit:
    """A class, a grade or the school: its numbers of the campaign, and its rules."""

    pk: int
    name: str
    found: coverage.Coverage
    checks: list[rules.Check]

    @property
    def unmet(self) -> list[rules.Check]:
        return [check for check in self.checks if not check.is_met]


@dataclass
class Colleague:
    """One member of staff: what is owed and done; exempt with the reason instead."""

    staff: Staff
    check: rules.Check | None = None
    found: coverage.StaffCoverage = field(default_factory=coverage.StaffCoverage)
    exempt: str = ""


@dataclass(frozen=True)
class Fresh:
    """How fresh the numbers are: when the newest record came, and how many visits that are over have none yet."""

    newest: datetime | None
    waiting: int


def season() -> Season:
    """What is asked today."""
    today = clock.today()
    campaign = coverage.campaign_now(today)
    return Season(campaign, coverage.windows(campaign, today), rules.rules_of(campaign))


def classes_of(actor: Actor) -> list[SchoolClass]:
    """The classes whose numbers this person sees, by grade and number."""
    rows = SchoolClass.objects.select_related("grade")
    if not actor.holds(*OFFICE):
        own = Q(pk__in=actor.units("class", "class_teacher"))
        rows = rows.filter(own | Q(grade_id__in=actor.units("grade", "grade_head")))
    return list(rows.order_by("grade__stage", "grade__level", "number", "pk"))


def measured(asked: Season, classes: Iterable[SchoolClass]) -> dict[str, dict[int, coverage.Coverage]]:
    """Numbers of these classes in every stretch; closed classes without children are not among them."""
    return coverage.by_class(asked.windows, campaign=asked.campaign, class_ids=[c.pk for c in classes])


def unit(
    asked: Season, pk: int, name: str, found: dict[str, dict[int, coverage.Coverage]], class_ids: set[int]
) -> Unit:
    """Classes added up. What a class teacher owes is a matter of each class, and not asked of a sum."""
    sums = {
        period: coverage.total({k: v for k, v in classes.items() if k in class_ids})
        for period, classes in found.items()
    }
    checks = rules.class_checks(asked.asked, sums)
    if len(class_ids) > 1:
        checks = [check for check in checks if check.indicator != "own_door_rate"]
    return Unit(pk, name, sums["campaign"], checks)


def class_units(
    asked: Season, classes: Iterable[SchoolClass], found: dict[str, dict[int, coverage.Coverage]]
) -> list[Unit]:
    """One row a class."""
    shown = [c for c in classes if c.is_open or c.pk in found["campaign"]]
    return [unit(asked, c.pk, c.name, found, {c.pk}) for c in shown]


def grade_units(
    asked: Season, classes: Iterable[SchoolClass], found: dict[str, dict[int, coverage.Coverage]]
) -> list[Unit]:
    """One row a grade that has children."""
    grades: dict[int, tuple[str, set[int]]] = {}
    for one in classes:
        if one.pk in found["campaign"]:
            grades.setdefault(one.grade_id, (one.grade.name, set()))[1].add(one.pk)
    return [unit(asked, pk, name, found, ids) for pk, (name, ids) in grades.items()]


def fresh(class_ids: Iterable[int]) -> Fresh:
    """Of visits of these classes."""
    late = Q(state=Visit.State.PLANNED, starts_at__lt=clock.now())
    found = Visit.objects.filter(school_class__in=list(class_ids)).aggregate(
        newest=Max("record__recorded_at"), waiting=Count("pk", filter=late)
    )
    return Fresh(found["newest"], found["waiting"])


def own(actor: Actor, asked: Season) -> Colleague | None:
    """What one owes oneself; None where nothing is asked of one's posts."""
    if actor.member_id is None:
        return None
    me = _people(asked).get(pk=actor.member_id)
    found = colleagues(asked, [me], {me.pk: {post.code for post in actor.posts}})[0]
    return found if found.check else None


def _people(asked: Season) -> Any:
    """Staff, with why they are `exempt` in this campaign."""
    free = Exemption.objects.filter(campaign=asked.campaign, staff=OuterRef("pk")).values("reason")
    return Staff.objects.annotate(exempt=Subquery(free[:1]))


def staff_asked(asked: Season) -> Any:
    """Everybody of whose post a number is asked, by name."""
    posts: set[str] = set()
    for rule in asked.asked:
        posts |= rules.POSTS_OF.get(rule.scope, set())
    held = Role.objects.current(clock.today()).filter(post__in=posts)
    return _people(asked).filter(is_active=True, pk__in=held.values("staff_id")).order_by("name", "pk")


def posts_of(staff_ids: list[int]) -> dict[int, set[str]]:
    """The posts these people hold today."""
    held: dict[int, set[str]] = {pk: set() for pk in staff_ids}
    for staff_id, post in (
        Role.objects.current(clock.today()).filter(staff__in=staff_ids).values_list("staff_id", "post")
    ):
        held[staff_id].add(post)
    return held


def colleagues(asked: Season, people: list[Any], posts: dict[int, set[str]]) -> list[Colleague]:
    """Each one's number, in the order given."""
    ids = [one.pk for one in people]
    found = coverage.by_staff(asked.windows, staff_ids=ids)
    return [
        Colleague(
            staff=one,
            check=rules.staff_check(asked.asked, posts[one.pk], {p: found[p][one.pk] for p in found}),
            found=found["year"][one.pk],
            exempt=one.exempt or "",
        )
        for one in people
    ]
