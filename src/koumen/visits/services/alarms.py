"""Alarms of trips nobody is back from: the buddy after half an hour, the duty leader after an hour, until seen to.

Looked for every minute by the worker, so they outlive its restarts; what was said is known by its key and never
said twice, however often it is looked for.
"""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from koumen.core import audit, clock, outbox
from koumen.core.actor import Actor, OrgRef, machine
from koumen.core.models import InboxNote, OutboxMessage
from koumen.core.words import for_others
from koumen.registry.models import Org, Staff
from koumen.registry.queries.actors import org_ref
from koumen.visits.models import Trip
from koumen.visits.presets.trips import AGAIN_AFTER, BUDDY_AFTER, KEPT
from koumen.visits.queries import trips as queries

CHANNELS = OutboxMessage.Channel


def ring(org: Org) -> int:
    """In the school's scope: alarm whoever is to be alarmed now. Returns how many messages were queued."""
    by = machine(org_ref(org))
    gone = Trip.objects.filter(outing=None, state=Trip.State.FILED)
    gone.update(state=Trip.State.CANCELLED, change_reason=_("计划已调整，这次外出不再进行"))
    rows = queries.overdue(clock.now(), BUDDY_AFTER).select_for_update(of=("self",), skip_locked=True)
    return sum(_ring(trip, by) for trip in rows if trip.is_ringing)


def _ring(trip: Trip, by: Actor) -> int:
    level = trip.level
    told = [trip.buddy] if level == Trip.Level.BUDDY else [trip.buddy, trip.duty_leader]
    turn = int((trip.overdue - BUDDY_AFTER) / AGAIN_AFTER)
    said = sum(_say(trip, by.org, staff, turn) for staff in told)
    if trip.alarmed < level:
        trip.alarmed, trip.alarmed_at = level, clock.now()
        trip.save(update_fields=["alarmed", "alarmed_at"])
        audit.write(by, "trip.alarm", trip, changes={"level": int(level)})
    return said


def _say(trip: Trip, org: OrgRef, staff: Staff, turn: int) -> int:
    """One person, over every way they can be reached, at any hour. No child and no address is named."""
    key = f"trip:{trip.pk}:{int(trip.back_at.timestamp())}:{turn}:{staff.pk}"
    with for_others():
        subject = _("行程逾期 %(n)d 分钟，请马上联系") % {"n": trip.overdue_minutes}
        said = {"people": trip.people, "at": _time(trip.back_at), "phone": trip.contact}
        body = _("%(people)s 应在 %(at)s 返回，还没有报平安。请马上打电话 %(phone)s，联系上后在行程页面点一下。") % said
        sms = _("【%(school)s】") % {"school": org.name} + body
    url = reverse("visits:trip", kwargs={"org": org.slug, "pk": trip.pk})
    rows = []
    if staff.account_id is not None:
        rows.append(
            outbox.say(
                CHANNELS.IN_APP,
                account_id=staff.account_id,
                subject=subject,
                body=body,
                url=url,
                once_key=key,
                urgent=True,
            )
        )
    if phone := queries.phone_of(staff):
        rows.append(outbox.say(CHANNELS.SMS, address=phone, subject=subject, body=sms, once_key=key, urgent=True))
    return sum(row is not None for row in rows)


def _time(moment: datetime) -> str:
    return f"{clock.local(moment):%H:%M}"


def forget() -> int:
    """In the school's scope: trips over for 90 days go, with what was said of them; visits stay. Returns how many."""
    before = clock.now() - KEPT
    rows = Trip.objects.filter(back_at__lt=before)
    for pk in rows.values_list("pk", flat=True):
        OutboxMessage.objects.filter(once_key__startswith=f"trip:{pk}:").delete()
        for table in (OutboxMessage, InboxNote):
            table.objects.filter(url__endswith=f"/trips/{pk}/").delete()
    return int(rows.delete()[0])
