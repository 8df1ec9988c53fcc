"""Writing down a group visit: who came, each family its own record, all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.refusals import Invalid
from koumen.visits.models import GroupVisit, Mode, Visit, VisitRecord
from koumen.visits.policies.arrangements import may_record_group
from koumen.visits.queries.gatherings import Family, families_of
from koumen.visits.services.entries import Entry
from koumen.visits.services.visits import record, start_visit


@dataclass(frozen=True)
class Part:
    """What is written about one family that came."""

    home: int
    record_id: UUID
    entry: Entry
    visit: UUID | None = None  # what was planned when its author began; it may have been recorded since


@action("group.record", may=may_record_group)
def record_group(group: GroupVisit, *, by: Actor, met_at: str, parts: Sequence[Part]) -> list[VisitRecord]:
    """One record for each family that came; the others stay as they are. The same parts again are the same records.

    Raises Invalid without families, or for one that does not belong here; what `record` raises for one of them takes
    back all.
    """
    if not parts or len({part.home for part in parts}) < len(parts):
        raise Invalid(_("请至少勾选一家。"))
    # Two people who write down the same meeting follow each other: the second finds the first's visits.
    GroupVisit.objects.select_for_update(of=("self",)).get(pk=group.pk)
    known = {family.household.pk: family for family in families_of(group, by)}
    return [_record(group, known.get(part.home), part, met_at, by) for part in sorted(parts, key=lambda one: one.home)]


def _record(group: GroupVisit, family: Family | None, part: Part, met_at: str, by: Actor) -> VisitRecord:
    if family is None or not family.is_mine or part.entry.mode != Mode.GROUP:
        raise Invalid(_("这家不在您的这次集中家访里，请刷新页面再看一遍。"))
    begun = Visit.objects.filter(
        pk__in=[part.visit] if part.visit else [], household=part.home, campaign=group.campaign_id
    )
    visit = family.visit or begun.first() or _start(group, part, by)
    kept = Visit.objects.filter(record=part.record_id, household=part.home).first()  # this was sent before
    if not hasattr(visit, "record") and kept is None:
        visit.group_visit, visit.met_at = group, met_at
        visit.save(update_fields=["group_visit", "met_at"])
    return record(kept or visit, by=by, record_id=part.record_id, entry=part.entry)


def _start(group: GroupVisit, part: Part, by: Actor) -> Visit:
    """A family nobody had planned to see in this campaign."""
    if not part.entry.students:
        raise Invalid(_("请至少勾选一个孩子。"))
    visit = start_visit(part.entry.students[0], by=by, record_id=part.record_id)
    visit.campaign = group.campaign
    visit.save(update_fields=["campaign"])
    return visit
