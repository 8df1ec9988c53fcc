"""A plan changed: the cause is kept, the plan rewritten, its visits follow, everybody concerned is told."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from koumen.core import outbox
from koumen.core.actor import Actor
from koumen.core.models import OutboxMessage
from koumen.core.refusals import Conflict
from koumen.core.words import for_others
from koumen.registry.models import Household, Staff
from koumen.visits.models import (
    Appointment,
    Availability,
    FamilyAnswer,
    FamilySlot,
    Plan,
    Slot,
    StaffSlot,
    Visit,
)
from koumen.visits.planning.outings import digest_of, set_summary
from koumen.visits.planning.replans import Away, Happening, Lost, New, Other, Outlook, Problem
from koumen.visits.planning.rewriting import rewrite
from koumen.visits.services.appointing import appoint
from koumen.visits.services.targets import fit_targets


def change(plan: Plan, *, by: Actor, what: Happening, found: Outlook) -> None:
    """Write what `look` found; `plan` is locked and was looked at as it is now.

    Raises Conflict when somebody is out for another campaign then.
    """
    _note(plan, by, what, found)
    try:
        with transaction.atomic():
            touched = rewrite(plan, found.found.plan)
    except IntegrityError as error:
        raise Conflict(_("那个时间有老师已经在别的活动里外出，不能同时在两处。")) from error
    set_summary(plan, found.found.plan, digest_of(found.found.plan), found.found.problem)
    plan.save()
    if plan.is_live:
        appoint(plan, touched)
        _postpone(plan, found)
        ask_again(plan)
        _tell(plan, found, reverse("visits:outings", kwargs={"org": by.org.slug}))


def ask_again(plan: Plan) -> int:
    """Families that had agreed to a time which the plan can no longer keep are to be asked anew. Returns how many."""
    broken = Appointment.objects.agreed().filter(visit__campaign=plan.campaign, visit__stop__isnull=False)
    broken = broken.exclude(starts_at=F("visit__starts_at")) | Appointment.objects.agreed().filter(
        visit__campaign=plan.campaign, visit__state=Visit.State.POSTPONED
    )
    return broken.update(state=Appointment.State.ASKED, starts_at=None, ends_at=None, answered_at=None)


def _note(plan: Plan, by: Actor, what: Happening, found: Outlook) -> None:
    """Keep the fact itself, so that the next plan knows."""
    match what:
        case Away():
            StaffSlot.objects.filter(staff=what.staff, slot__in=what.slots).delete()
            Availability.objects.update_or_create(
                campaign=plan.campaign, staff=what.staff, defaults={"ticked_by": by.display_name}
            )
        case Lost() if what.place is None and what.school_class is None:
            Slot.objects.filter(pk__in=[slot.pk for slot in what.slots]).update(is_open=False)
        case Lost():
            _answer(plan, by, found.changed, found.found.problem)
        case Other():
            if what.slots is not None:
                _answer(plan, by, [str(what.household.pk)], found.found.problem)
            if what.moves:
                _move_house(what)
        case New():
            fit_targets(plan.campaign)


def _answer(plan: Plan, by: Actor, households: Iterable[str], problem: Problem) -> None:
    """When these families can receive from now on, in this campaign."""
    known = [problem.household_by_id[one] for one in households if one in problem.household_by_id]
    rows = Household.objects.defer("address").in_bulk([int(home.id) for home in known])
    slots = Slot.objects.filter(campaign=plan.campaign).in_bulk()
    FamilySlot.objects.filter(slot__campaign=plan.campaign, household__in=rows).delete()
    FamilySlot.objects.bulk_create(
        (FamilySlot(slot=slots[int(slot)], household=rows[int(home.id)]) for home in known for slot in home.windows),
        batch_size=2_000,
    )
    answered = set(plan.campaign.family_answers.filter(household__in=rows).values_list("household_id", flat=True))
    FamilyAnswer.objects.bulk_create(
        FamilyAnswer(campaign=plan.campaign, household=row, noted_by=by.display_name)
        for pk, row in rows.items()
        if pk not in answered
    )


def _move_house(what: Other) -> None:
    home = what.household
    home.address, home.place = what.address or home.address, what.place or home.place
    home.lng, home.lat = what.lng, what.lat
    home.point_source = Household.PointSource.PLACE if what.place else Household.PointSource.MAP
    home.is_remote = bool(what.place and what.place.is_remote)
    home.save()


def _postpone(plan: Plan, found: Outlook) -> None:
    """Visits of families that are left out now wait for a new time."""
    left = {int(one.household) for one in found.found.plan.unplanned} & set(map(int, found.concerned))
    plan.campaign.visits.filter(household__in=left, state=Visit.State.PLANNED).update(
        state=Visit.State.POSTPONED, stop=None, starts_at=None, ends_at=None
    )


def _tell(plan: Plan, found: Outlook, url: str) -> None:
    """Tell everybody whose outings are others now; names of families stay out of it."""
    before, after = found.before.outing_by_key, found.found.plan.outing_by_key
    differ = [key for key in before.keys() | after.keys() if before.get(key) != after.get(key)]
    people = {int(person) for key in differ for one in (before.get(key), after.get(key)) if one for person in one.staff}
    accounts = Staff.objects.filter(pk__in=people, account_id__isnull=False).values_list("account_id", flat=True)
    with for_others():
        for account in accounts:
            outbox.say(
                OutboxMessage.Channel.IN_APP,
                account_id=account,
                subject=_("“%(name)s”的家访安排有变化") % {"name": plan.campaign.name},
                body=_("您的外出有调整，最新的时间和同行老师见您的日程。"),
                url=url,
                once_key=f"replan:{plan.pk}:{plan.digest[:16]}:{account}",
            )
