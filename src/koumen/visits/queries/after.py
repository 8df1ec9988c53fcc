"""What the pages of sharing, follow-up and feedback read."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Avg, Count, Exists, F, OuterRef, Q, QuerySet, Value

from koumen.care.models import Measure
from koumen.care.models.findings import Source
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.models import Staff, Student
from koumen.visits.models import Agreement, Campaign, Effect, FeedbackAnswer, Share, Visit, VisitRecord
from koumen.visits.policies.after import About, may_follow, may_share
from koumen.visits.presets.feedback import LEAST
from koumen.visits.queries.visits import in_lists, of_staff


def shares(actor: Actor) -> "QuerySet[Share]":
    """What this teacher was told about children taught, newest first."""
    rows = Share.objects.visible_to(actor).filter(record__visit__state=Visit.State.RECORDED)
    return rows.select_related("student__school_class", "shared_by")


def measures_told(share: Share) -> "QuerySet[Measure]":
    """The record's measures that were chosen to be told."""
    rows = Measure.objects.filter(
        source=Source.VISIT, source_id=share.record_id, student=share.student_id, kind__in=share.kinds
    )
    return rows.exclude(state=Measure.State.DROPPED).select_related("owner")


def measures_added(share: Share) -> "QuerySet[Measure]":
    """What the child's teachers have added of their own accord, and not ended."""
    rows = Measure.objects.open().told().filter(source=Source.TEACHER, student=share.student_id)
    return rows.select_related("owner")


def due_visits(actor: Actor) -> "QuerySet[Visit]":
    """Own visits whose follow-up is due: the day agreed, or that of a measure, has come, and nothing has followed.

    A later record with the same family, or an answer about the effect, ends it.
    """
    today = clock.today()
    measures = Measure.objects.open().filter(source=Source.VISIT, source_id=OuterRef("record__pk"), due__lte=today)
    later = Visit.objects.recorded().filter(household=OuterRef("household"), starts_at__gt=OuterRef("starts_at"))
    rows = of_staff(actor.member_id).filter(state=Visit.State.RECORDED, record__isnull=False)
    rows = rows.filter(Q(record__follow_up_on__lte=today) | Exists(measures))
    return rows.filter(~Exists(later)).exclude(record__effect__answered_at__isnull=False)


def follow_ups(actor: Actor) -> "QuerySet[Visit]":
    """The same as a list, the oldest first."""
    return in_lists(due_visits(actor)).select_related("record").order_by("starts_at", "id")


def own_measures_due(actor: Actor) -> "QuerySet[Measure]":
    """Help this teacher took on of their own accord, whose day has come."""
    rows = Measure.objects.open().filter(owner_id=actor.member_id or 0, source=Source.TEACHER, due__lte=clock.today())
    return rows.select_related("student__school_class").order_by("due", "pk")


def effects_waiting(actor: Actor) -> "QuerySet[Effect]":
    """Questions about effects this person was asked and has not answered."""
    rows = Effect.objects.filter(asked_id=actor.member_id or 0, answered_at=None)
    return rows.select_related("record__visit").prefetch_related("record__visit__students__student").order_by("pk")


def waiting(actor: Actor) -> tuple[int, bool]:
    """How many things wait to be followed up, and whether an open campaign asks for the commitment. One query."""
    kinds = (due_visits(actor), own_measures_due(actor), effects_waiting(actor))
    visits, measures, effects = (rows.order_by().values(of=Value("due")) for rows in kinds)
    asking = Campaign.objects.open().filter(needs_commitment=True).order_by().values(of=Value("asks"))
    found = [row["of"] for row in visits.union(measures, effects, asking, all=True)]
    return found.count("due"), "asks" in found


@dataclass(frozen=True)
class Told:
    """A child of a visit whose teachers can be told, and whether they were."""

    child: Student
    told: bool


@dataclass(frozen=True)
class After:
    """What follows a record, as its visit's page shows it."""

    may_follow: bool
    shares: list[Told]
    agreement: Agreement | None
    effect: Effect | None

    @property
    def is_shared(self) -> bool:
        return any(one.told for one in self.shares)


def after(actor: Actor, visit: Visit, record: VisitRecord, children: list[Student]) -> After | None:
    """For those who go on with the visit; None for everybody else."""
    mine = [child for child in children if may_share(actor, About(record, child))]
    follows = may_follow(actor, visit)
    if not mine and not follows:
        return None
    told = {one.student_id for one in record.shares.all()}
    return After(follows, [Told(one, one.pk in told) for one in mine], *_followed(record))


def _followed(record: VisitRecord) -> tuple[Agreement | None, Effect | None]:
    """Read with the record where its visit's page is shown."""
    return getattr(record, "agreement", None), getattr(record, "effect", None)


def agreement_of(record: VisitRecord) -> Agreement | None:
    return Agreement.objects.select_related("answered_by", "read_by", "made_by").filter(record=record).first()


def team_of(visit: Visit) -> list[Staff]:
    """The lead first, then companions."""
    return [visit.lead, *(row.staff for row in visit.companions.select_related("staff").order_by("pk"))]


@dataclass(frozen=True)
class Result:
    """What the families of a class, or of the school, answered, in numbers."""

    name: str
    count: int
    satisfaction: float | None
    appointed: int
    warm: int
    helpful: int
    only_marks: int


def results(actor: Actor) -> list[Result]:
    """Answers of the months that are over, of at least `LEAST` families; never so that the rest can be worked out.

    While a month runs, nobody can watch its answers arrive one by one.
    """
    rows = FeedbackAnswer.objects.filter(month__lt=_this_month())
    sees_all = actor.holds("moral_office", "principal", "vice_principal")
    if not sees_all:
        rows = rows.filter(school_class_id__in=actor.units("class", "class_teacher"))
    by_class = list(_numbers(rows.values(name=F("school_class__name"))).order_by("school_class__name"))
    if not sees_all:
        return [_result(row) for row in by_class if row["count"] >= LEAST]
    total = _numbers(rows.values(name=F("org__name"))).order_by("name").first()
    if total is None or total["count"] < LEAST:
        return []
    shown = [row for row in by_class if row["count"] >= LEAST]
    hidden = sum(row["count"] for row in by_class) - sum(row["count"] for row in shown)
    while shown and 0 < hidden < LEAST:
        least = min(shown, key=lambda row: row["count"])
        shown.remove(least)
        hidden += least["count"]
    return [_result(total), *(_result(row) for row in shown)]


def suggestions(actor: Actor) -> list[str]:
    """Free words, in no order of time and without the class, once enough families have written; for the office."""
    if not actor.holds("moral_office", "principal", "vice_principal"):
        return []
    rows = FeedbackAnswer.objects.filter(month__lt=_this_month()).exclude(suggestion="").order_by("pk")
    found = list(rows.values_list("suggestion", flat=True)[:200])
    return found if len(found) >= LEAST else []


def _numbers(rows: Any) -> Any:
    return rows.annotate(
        count=Count("pk"),
        satisfaction=Avg("satisfaction"),
        appointed=Count("pk", filter=Q(appointed=True)),
        warm=Count("pk", filter=Q(attitude=3)),
        helpful=Count("pk", filter=Q(helpful__gte=2)),
        only_marks=Count("pk", filter=Q(only_marks=True)),
    )


def _result(row: dict[str, Any]) -> Result:
    mean = row["satisfaction"]
    numbers = {key: row[key] for key in ("count", "appointed", "warm", "helpful", "only_marks")}
    return Result(name=row["name"] or "", satisfaction=None if mean is None else round(float(mean), 1), **numbers)


def _this_month() -> date:
    return clock.today().replace(day=1)
