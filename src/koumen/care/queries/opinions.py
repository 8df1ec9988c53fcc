"""What the pages of opinions read."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from koumen.care.models import Opinion, OpinionStep
from koumen.care.models.opinions import OFFICE, WORKING
from koumen.care.queries.limits import median_days
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.models import Role, Staff

State = Opinion.State
TABS = ("mine", "open", "answered", "over", "all")


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to; empty means everything."""

    tab: str = "open"
    topic: str = ""
    level: str = ""
    late: bool = False
    since: date | None = None
    until: date | None = None


def listed(actor: Actor, wanted: Wanted) -> "QuerySet[Opinion]":
    """Opinions this actor may see, those whose day comes first at the top; the over ones by number."""
    rows = Opinion.objects.visible_to(actor).filter(_tab(actor, wanted.tab))
    if wanted.topic:
        rows = rows.filter(topic=wanted.topic)
    if wanted.level:
        rows = rows.filter(level=wanted.level)
    if wanted.late:
        rows = rows.filter(_late())
    if wanted.since:
        rows = rows.filter(received_at__date__gte=wanted.since)
    if wanted.until:
        rows = rows.filter(received_at__date__lte=wanted.until)
    at_work = Case(When(state__in=WORKING, then=Value(0)), default=Value(1), output_field=IntegerField())
    found: QuerySet[Opinion] = rows.select_related("handler", "merged_into").order_by(
        at_work, Case(When(state__in=WORKING, then="due_on")), "-year", "-number"
    )
    return found


def _tab(actor: Actor, tab: str) -> Q:
    """`mine`: to be done by this person; of whoever receives them also those nobody handles, or whose handler left."""
    if tab == "mine":
        mine = Q(handler_id=actor.member_id or 0)
        if actor.holds(*OFFICE, "principal", "bureau_officer"):
            level = Q(level=Opinion.Level.ABOVE) if not actor.holds(*OFFICE) else Q(level=Opinion.Level.SCHOOL)
            mine |= level & (Q(handler=None) | Q(handler__is_active=False))
        return mine & Q(state__in=WORKING)
    by_tab = {
        "open": Q(state__in=WORKING),
        "answered": Q(state=State.ANSWERED),
        "over": Q(state__in=(State.SETTLED, State.UNSETTLED, State.MERGED, State.NOT_OURS, State.WITHDRAWN)),
    }
    return by_tab.get(tab, Q())


def _late() -> Q:
    return Q(state__in=WORKING, due_on__lt=clock.today())


def counts(actor: Actor) -> dict[str, int]:
    """How many lie under each tab. One query."""
    sums = {tab: Count("pk", filter=_tab(actor, tab)) for tab in TABS if tab != "all"}
    found: dict[str, int] = Opinion.objects.visible_to(actor).aggregate(
        **sums, all=Count("pk"), late=Count("pk", filter=_late())
    )
    return found


@dataclass(frozen=True)
class Figures:
    """意见答复率 and how it ended; a family that was not content is never counted as settled."""

    received: int
    answered: int
    in_time: int
    settled: int
    partly: int
    unsettled: int
    waiting: int
    merged: int
    not_ours: int
    withdrawn: int
    late: int
    median: float | None

    @property
    def owed(self) -> int:
        """Those the school owed an answer."""
        return self.received - self.merged - self.not_ours - self.withdrawn

    @property
    def rate(self) -> float | None:
        """Answered in time / owed, 0–1."""
        return self.in_time / self.owed if self.owed else None


def figures(actor: Actor, first: date, last: date) -> Figures:
    """Numbers of the opinions received between two days, as far as this actor sees them. Three queries."""
    rows = Opinion.objects.counted_by(actor).filter(received_at__date__range=(first, last))
    found = list(
        rows.only("state", "face", "received_at", "answered_at", "due_on", "merged_into_id").order_by()[:20_000]
    )
    apart = (State.NOT_OURS, State.WITHDRAWN)
    own = [o for o in found if o.merged_into_id is None and o.state not in apart]
    answered = [o for o in own if o.answered_at is not None]
    settled = [o for o in own if o.state == State.SETTLED]
    return Figures(
        received=len(found),
        answered=len(answered),
        in_time=sum(o.answered_in_time for o in answered),
        settled=sum(o.face == Opinion.Face.GOOD for o in settled),
        partly=sum(o.face != Opinion.Face.GOOD for o in settled),
        unsettled=sum(o.state in (State.UNSETTLED, State.REOPENED) for o in own),
        waiting=sum(o.state == State.ANSWERED for o in own),
        merged=sum(o.merged_into_id is not None and o.state not in apart for o in found),
        not_ours=sum(o.state == State.NOT_OURS for o in found),
        withdrawn=sum(o.state == State.WITHDRAWN for o in found),
        late=sum(o.state in WORKING and o.due_on is not None and o.due_on < clock.today() for o in own),
        median=median_days(answered),
    )


def steps(opinion: Opinion, *, for_family: bool = False) -> "list[OpinionStep]":
    """What happened, in order; the family's steps alone when asked for."""
    rows = opinion.steps.order_by("pk")  # what has a day alone still stands where it happened
    return list(rows.filter(for_family=True) if for_family else rows)


def mergeable(actor: Actor, opinion: Opinion) -> "QuerySet[Opinion]":
    """Other open opinions of the same level it could be joined with, those of its topic first."""
    rows = Opinion.objects.visible_to(actor).filter(state__in=WORKING, level=opinion.level).exclude(pk=opinion.pk)
    same = Case(When(topic=opinion.topic, then=Value(0)), default=Value(1), output_field=IntegerField())
    return rows.order_by(same, "-year", "-number")


def colleagues(opinion: Opinion | None = None) -> "QuerySet[Staff]":
    """Who may handle it: on the staff with a post today, and not what it is about."""
    roles = Role.objects.current(clock.today())
    rows = Staff.objects.filter(is_active=True, roles__in=roles).distinct().order_by("name", "pk")
    return rows.exclude(pk__in=opinion.concerns) if opinion else rows


def published() -> "QuerySet[Opinion]":
    """您说—我们做, newest first."""
    return Opinion.objects.filter(publishing=Opinion.Publishing.PUBLISHED).order_by("-published_at", "-pk")


def of_family(guardian_id: int, opinion_id: str) -> "list[Opinion]":
    """An adult's own opinions of a year, and the one the link was made for."""
    one = Q(pk=int(opinion_id)) if opinion_id.isdecimal() else Q(pk=None)
    since = clock.now() - timedelta(days=366)
    rows = Opinion.objects.filter(one | Q(guardian_id=guardian_id, received_at__gte=since))
    return list(rows.select_related("merged_into").prefetch_related("steps").order_by("-year", "-number")[:30])


def unattended(today: date) -> "QuerySet[Opinion]":
    """At work, with a day, and with nobody who handles it (any more)."""
    rows = Opinion.objects.filter(state__in=WORKING, due_on__lte=today + timedelta(days=1))
    return rows.filter(Q(handler=None) | Q(handler__is_active=False))
