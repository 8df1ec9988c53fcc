"""What a family says before it is visited, noted on its behalf."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.refusals import Conflict, Invalid
from koumen.registry.models import Household
from koumen.visits.models import Campaign, FamilyAnswer, FamilySlot, Slot
from koumen.visits.policies.arrangements import may_note_family


@action("family.note_times", may=may_note_family)
def note_times(
    household: Household, *, by: Actor, campaign: Campaign, slots: Collection[Slot] | None
) -> FamilyAnswer | None:
    """Set the slots in which the family can receive in this campaign; None goes back to its usual habit.

    Raises Conflict when the campaign is over, Invalid for an answer without any slot.
    """
    if campaign.state == Campaign.State.CLOSED:
        raise Conflict(_("这次家访活动已结束，不能再改动。"))
    if slots is not None and not slots:
        raise Invalid(_("请至少勾选一个时段，或选择按平时的习惯。"))
    FamilySlot.objects.filter(slot__campaign=campaign, household=household).delete()
    if slots is None:
        FamilyAnswer.objects.filter(campaign=campaign, household=household).delete()
        return None
    FamilySlot.objects.bulk_create(FamilySlot(slot=slot, household=household) for slot in slots)
    answer, _made = FamilyAnswer.objects.update_or_create(
        campaign=campaign, household=household, defaults={"noted_by": by.display_name}
    )
    return answer


@action("family.note_wishes", may=may_note_family)
def note_wishes(household: Household, *, by: Actor, gender: str, language: str) -> Household:
    """Set whom the family would like on the team: "" when it does not mind."""
    household.asks_gender, household.asks_language = gender, language.strip()
    household.save(update_fields=["asks_gender", "asks_language"])
    return household
