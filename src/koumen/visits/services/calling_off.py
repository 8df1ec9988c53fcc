"""Outings called off for weather or danger: of a day, of a village, or one. Families are told, and everybody who goes.

The visits wait for a new time; laying them anew is replanning, which the office does afterwards.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from koumen.core import clock, links, outbox
from koumen.core.actor import Actor, OrgRef
from koumen.core.gate import action
from koumen.core.models import OutboxMessage
from koumen.core.refusals import Conflict, Invalid
from koumen.core.words import for_others
from koumen.registry.models import Guardianship, Place, Staff
from koumen.visits.models import Appointment, Stop, Trip, Visit
from koumen.visits.policies.appointments import PURPOSE
from koumen.visits.policies.trips import may_arrange_safety, may_change
from koumen.visits.presets.trips import Why
from koumen.visits.queries import trips as queries
from koumen.visits.services.spoken import moment

CHANNELS = OutboxMessage.Channel


@action("safety.call_off", may=may_arrange_safety)
def call_off(org: OrgRef, *, by: Actor, day: date, place: Place | None, why: str, because: str = "") -> int:
    """Call off what is still to be made that day, in one village or everywhere. Returns how many families it is.

    Raises Invalid when nothing is to be made then.
    """
    stops = list(queries.to_come(day, place).select_for_update(of=("self",)))
    if not stops:
        raise Invalid(_("这一天没有还没出发的家访，不用取消。"))
    _call_off(stops, by=by, why=why)
    outings = {stop.outing_id for stop in stops}
    left = set(queries.to_come(day).filter(outing__in=outings).values_list("outing_id", flat=True))
    over = Trip.objects.under_way().filter(outing__in=outings - left)
    _tell_staff(stops, by, because=because, trips=list(over.select_related("buddy", "duty_leader")))
    over.update(state=Trip.State.CANCELLED, change_reason=because[:200])
    return len(stops)


@action("trip.cancel", may=may_change)
def cancel(trip: Trip, *, by: Actor, why: str, because: str = "") -> Trip:
    """Call one outing off, before or on the way: its families not met yet are told. Raises Conflict when it is over."""
    trip = Trip.objects.select_for_update().get(pk=trip.pk)
    if trip.is_over:
        raise Conflict(_("这次行程已经结束。"))
    rows = Stop.objects.filter(outing=trip.outing_id or 0, visit__state=Visit.State.PLANNED)
    stops = list(rows.select_related("visit", "outing__school_class", "outing__slot"))
    _call_off(stops, by=by, why=why)
    trip.state, trip.change_reason = Trip.State.CANCELLED, because[:200]
    trip.save(update_fields=["state", "change_reason"])
    _tell_staff(stops, by, because=because, trips=[trip])
    return trip


def _call_off(stops: Sequence[Stop], *, by: Actor, why: str) -> None:
    visits = [stop.visit for stop in stops]
    reason = Visit.NotVisited.WEATHER if why == Why.WEATHER else Visit.NotVisited.OTHER
    Visit.objects.filter(pk__in=[visit.pk for visit in visits]).update(state=Visit.State.POSTPONED, not_visited=reason)
    live = Appointment.objects.live().filter(visit__in=visits)
    for pk in list(live.values_list("pk", flat=True)):
        links.end(PURPOSE, object_id=pk)
    live.update(state=Appointment.State.WITHDRAWN, closed_at=clock.now())
    _tell_families(stops, by.org, why)


def _tell_families(stops: Iterable[Stop], org: OrgRef, why: str) -> None:
    """Each adult who gets notices, once a visit; past quiet hours only where the morning would be too late."""
    times = {stop.household_id: stop for stop in stops}
    adults = Guardianship.objects.filter(
        student__household__in=times, student__state="enrolled", gets_notices=True, ends=None
    ).select_related("guardian", "student")
    open_again = outbox.next_allowed(clock.now(), settings.KOUMEN_QUIET_HOURS)
    with for_others():
        for one in adults.order_by("student_id", "order"):
            stop = times[one.student.household_id or 0]
            if not one.guardian.phone:
                continue
            outbox.say(
                CHANNELS.SMS,
                address=one.guardian.phone,
                subject=_("家访改期"),
                body=_words(org, stop.starts_at, why),
                once_key=f"calloff:{stop.visit.pk}:{int(stop.starts_at.timestamp())}:{one.guardian_id}",
                urgent=stop.starts_at <= open_again,
            )


def _words(org: OrgRef, at: datetime, why: str) -> str:
    said = {"school": org.name, "at": moment(at), "why": _reason(why)}
    return _("【%(school)s】原定 %(at)s 的家访因%(why)s取消，请不必等候。老师会另外和您约时间，给您添麻烦了。") % said


def _reason(why: str) -> str:
    """As a family reads it: why a teacher cannot come is not told in detail."""
    return {Why.WEATHER: _("天气原因"), Why.RISK: _("安全原因")}.get(Why(why), _("学校安排"))


def _tell_staff(stops: Sequence[Stop], by: Actor, *, because: str, trips: Sequence[Trip]) -> None:
    """Everybody on these outings, and the buddy and the leader of the trips that are off."""
    outings = {stop.outing_id: stop.outing for stop in stops}
    going = Staff.objects.filter(outings__outing__in=outings, account_id__isnull=False).distinct()
    told = {staff.account_id for staff in going}
    told |= {staff.account_id for trip in trips for staff in (trip.buddy, trip.duty_leader)}
    told |= set(_accounts(trips))
    url = reverse("visits:outings", kwargs={"org": by.org.slug})
    with for_others():
        names = "；".join(f"{one.slot.label} {one.class_names}" for one in outings.values())
        names = names or "；".join(trip.title for trip in trips)
        body = _("%(what)s：%(why)s。受影响的家长已收到通知，家访另排时间。") % {"what": names[:600], "why": because}
        for account in sorted(one for one in told if one is not None and one != by.account_id):
            outbox.say(CHANNELS.IN_APP, account_id=account, subject=_("外出取消"), body=body, url=url)


def _accounts(trips: Sequence[Trip]) -> "Iterable[int | None]":
    ids = [staff for trip in trips for staff in trip.team]
    return Staff.objects.filter(pk__in=ids).values_list("account_id", flat=True)
