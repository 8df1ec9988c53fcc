"""What a record says is needed goes to care, in the transaction of the record itself: both are kept or neither."""

from koumen.care.models.findings import Source
from koumen.care.services.findings import agree_measures, raise_findings
from koumen.care.services.opinions import receive
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.visits.models import VisitRecord
from koumen.visits.services.entries import Entry


def hand_over(record: VisitRecord, entry: Entry, *, by: Actor, before: Entry | None = None) -> None:
    """Problems and measures for each child, the family's opinion once. `before` is what the record said until now."""
    on, was = clock.local(entry.starts_at).date(), before or entry
    for child in entry.students:
        if entry.problem_categories or was.problem_categories:
            raise_findings(
                child,
                by=by,
                source=Source.VISIT,
                source_id=record.pk,
                on=on,
                categories=entry.problem_categories,
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
