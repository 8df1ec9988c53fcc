"""What a record says is needed goes to care, in the transaction of the record itself: both are kept or neither."""

from koumen.care.models.findings import Source
from koumen.care.services.findings import agree_measures, raise_findings
from koumen.care.services.opinions import receive
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.visits.models import VisitRecord
from koumen.visits.services.entries import Entry

UNSORTED = "Z99"


def hand_over(record: VisitRecord, entry: Entry, *, by: Actor, before: Entry | None = None) -> None:
    """Problems and measures for each child, the family's opinion once. `before` is what the record said until now."""
    on, was = clock.local(entry.starts_at).date(), before or entry
    for child in entry.students:
        if _needs(entry) or _needs(was):
            raise_findings(
                child,
                by=by,
                source=Source.VISIT,
                source_id=record.pk,
                on=on,
                categories=_needs(entry),
                text=entry.problem,
            )
        if entry.measures or was.measures:
            agree_measures(
                child,
                by=by,
                source=Source.VISIT,
                source_id=record.pk,
                on=on,
                kinds=entry.measures,
                text=entry.next_step,
                due=entry.follow_up_on,
            )
    if entry.opinion.strip():
        receive(record.visit.household, by=by, source=Source.VISIT, source_id=record.pk, text=entry.opinion)


def _needs(entry: Entry) -> tuple[str, ...]:
    """The categories ticked; a problem written without any is 其他需要关爱, so that it stands in the ledger."""
    return tuple(entry.problem_categories) or ((UNSORTED,) if entry.problem.strip() else ())
