"""A trip from being filed to everybody being back."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from koumen.core import clock, outbox
from koumen.core.actor import Actor, OrgRef
from koumen.core.gate import action
from koumen.core.models import OutboxMessage
from koumen.core.refusals import Conflict, Invalid
from koumen.core.words import for_others
from koumen.registry.models import Staff
from koumen.visits.models import Outing, SafetyContact, Stop, Trip
from koumen.visits.policies.trips import may_arrange_safety, may_change, may_file, may_report, may_see_to
from koumen.visits.queries import trips as queries
from koumen.visits.services.spoken import moment

LONGEST_ROUTE, LONGEST_PEOPLE, LONGEST_TITLE = 500, 200, 100
LONGEST_TRIP = timedelta(hours=16)


@dataclass(frozen=True)
class Filing:
    """What is said before leaving."""

    buddy: Staff
    duty_leader: Staff
    transport: str
    contact: str
    route: str
    leaves_at: datetime
    arrives_at: datetime
    back_at: datetime
    risks: list[str] = field(default_factory=list)
    risk_note: str = ""


def route_of(outing: Outing) -> str:
    """School, villages in order, school: no family's address. Ask for `stops__household__place` with the outing."""
    places = dict.fromkeys(str(stop.household.place) for stop in outing.stops.all() if stop.household.place)
    return " → ".join((_("学校"), *places, _("学校")))[:LONGEST_ROUTE]


@action("trip.file", may=may_file)
def file_trip(outing: Outing, *, by: Actor, filing: Filing) -> Trip:
    """File the trip of an outing; buddy and duty leader are told. Filed again, it stays the one that was filed.

    Raises Invalid when buddy or leader goes along, when one person is both, or when somebody would go alone where
    two are asked for; Conflict when it is over.
    """
    Outing.objects.select_for_update().get(pk=outing.pk)
    known = Trip.objects.filter(outing=outing).first()
    if known is not None and known.state != Trip.State.CANCELLED:
        return known
    team = [member.staff_id for member in outing.team.all()]
    _check(outing, filing, team)
    row = known or Trip(outing=outing)
    row.state, row.title = Trip.State.FILED, f"{outing.slot.label} · {outing.class_names}"[:LONGEST_TITLE]
    row.team, row.people = team, outing.names_and_lead[:LONGEST_PEOPLE]
    row.families = len(outing.stops.all())
    for name in vars(filing):
        setattr(row, name, getattr(filing, name))
    row.filed_by, row.filed_at = Staff.objects.get(pk=by.member_id or 0), clock.now()
    _silence(row)
    row.save()
    with for_others():
        words = _("%(people)s 外出家访，预计 %(back)s 返回。") % {"people": row.people, "back": moment(row.back_at)}
        _tell(row, by, filing.buddy, _("请您做这次外出的知悉人"), words)
        _tell(row, by, filing.duty_leader, _("您是这次外出的值班领导"), words)
    return row


def _check(outing: Outing, filing: Filing, team: list[int]) -> None:
    if outing.back_at < clock.now():
        raise Conflict(_("这次外出的时间已经过去，不用再报备。"))
    if {filing.buddy.pk, filing.duty_leader.pk} & set(team):
        raise Invalid(_("知悉人和值班领导要留在后方，不能是同行的老师。"))
    if filing.buddy.pk == filing.duty_leader.pk:
        raise Invalid(_("知悉人和值班领导请选两个人，一个没看到时还有另一个。"))
    if len(team) < 2 and queries.needs_two(outing):
        raise Invalid(_("这次要去偏远或路途需注意的家庭，须两人同行。请先请德育处加一位同行老师。"))
    in_order = filing.leaves_at < filing.arrives_at < filing.back_at
    if not in_order or filing.back_at - filing.leaves_at > LONGEST_TRIP:
        raise Invalid(_("时间要按出发、到达、返回的先后填写。"))


@action("trip.report", may=may_report)
def report(trip: Trip, *, by: Actor, state: str, stop: Stop | None = None) -> Trip:
    """Departed, arrived (at a stop), returned; pressed twice it is said once, what was missed is filled in.

    Raises Conflict when the trip is called off or everybody is back.
    """
    trip = Trip.objects.select_for_update().get(pk=trip.pk)
    now = clock.now()
    if trip.state == state == Trip.State.RETURNED:
        return trip
    if trip.is_over:
        raise Conflict(_("这次行程已经结束。"))
    trip.departed_at = trip.departed_at or now
    if state == Trip.State.ARRIVED:
        trip.arrived_at = trip.arrived_at or now
        if stop is not None:
            trip.arrivals.setdefault(str(stop.pk), now.isoformat())
    if state == Trip.State.RETURNED:
        trip.returned_at = now
        if trip.alarmed:
            _all_clear(trip, by)
    if not (trip.state == Trip.State.ARRIVED and state == Trip.State.DEPARTED):
        trip.state = Trip.State(state)
    trip.save()
    return trip


@action("trip.change", may=may_change)
def change(trip: Trip, *, by: Actor, back_at: datetime, because: str) -> Trip:
    """Another time of return, with its reason; alarms start anew from it. Raises Conflict when it is over, Invalid
    when the new time is behind."""
    trip = Trip.objects.select_for_update().select_related("buddy", "duty_leader").get(pk=trip.pk)
    if trip.is_over:
        raise Conflict(_("这次行程已经结束。"))
    if back_at <= clock.now() or back_at <= trip.leaves_at:
        raise Invalid(_("新的返回时间要晚于现在，也晚于出发时间。"))
    trip.back_at, trip.change_reason = back_at, because
    _silence(trip)
    trip.save()
    with for_others():
        said = {"people": trip.people, "back": moment(back_at), "why": because}
        words = _("%(people)s 改为 %(back)s 返回，原因：%(why)s") % said
        for staff in (trip.buddy, trip.duty_leader):
            _tell(trip, by, staff, _("行程有变化"), words)
    return trip


@action("trip.see_to", may=may_see_to)
def see_to(trip: Trip, *, by: Actor) -> Trip:
    """Somebody sees to an alarm: it is not repeated on this level. An hour late, the leader is alarmed all the same."""
    trip = Trip.objects.select_for_update().get(pk=trip.pk)
    if trip.level > trip.seen:
        trip.seen, trip.seen_at = trip.level, clock.now()
        trip.seen_by = Staff.objects.get(pk=by.member_id or 0)
        trip.save(update_fields=["seen", "seen_at", "seen_by"])
    return trip


@action("safety.contact", may=may_arrange_safety)
def set_contact(org: OrgRef, *, by: Actor, name: str, phone: str, note: str) -> SafetyContact:
    """Whom anybody on the road can call."""
    row = SafetyContact.objects.first() or SafetyContact()
    row.name, row.phone, row.note = name, phone, note
    row.save()
    return row


def _silence(trip: Trip) -> None:
    trip.alarmed, trip.alarmed_at = Trip.Level.NOBODY, None
    trip.seen, trip.seen_at, trip.seen_by = Trip.Level.NOBODY, None, None


def _all_clear(trip: Trip, by: Actor) -> None:
    with for_others():
        words = _("%(people)s 已平安返回，提醒解除。") % {"people": trip.people}
        for staff in (trip.buddy, trip.duty_leader):
            _tell(trip, by, staff, _("已平安返回"), words)


def _tell(trip: Trip, by: Actor, staff: Staff, subject: str, body: str) -> None:
    if staff.account_id is not None and staff.pk != by.member_id:
        url = reverse("visits:trip", kwargs={"org": by.org.slug, "pk": trip.pk})
        outbox.say(OutboxMessage.Channel.IN_APP, account_id=staff.account_id, subject=subject, body=body, url=url)
