"""Asking families when and how a visit suits, and what follows from their answer."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils.translation import gettext as _

from koumen.core import clock, links
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.refusals import Conflict, Invalid
from koumen.registry.models import Guardian, SchoolClass, Staff
from koumen.visits.models import Appointment, Mode, Visit
from koumen.visits.policies.appointments import (
    PURPOSE,
    may_answer,
    may_arrange,
    may_ask,
    may_ask_class,
    rights_of,
)
from koumen.visits.queries.appointments import to_ask
from koumen.visits.queries.offers import AHEAD, Diary, at_the_door, from_afar
from koumen.visits.services.changing_times import leave_outing, lock_plans, move_to_slot
from koumen.visits.services.telling import tell_lead

State = Appointment.State
LAST_CHANGE = time(21, 0)  # of the evening before
# What a family may choose instead of a visit at home, as the page offers it.
OTHER_MODES = (Mode.PHONE, Mode.VIDEO, Mode.AT_SCHOOL)
KINDS = ("accept", "time", "mode", "call", "decline", "no")


@dataclass(frozen=True)
class Reply:
    """What a family says.

    accept: the planned time, which is `at`. time: the offered time number `offer`. mode: `mode` at `at`. call: none of
    the times, with `mode` or without; the teacher gets in touch. decline: not this time. no: no other form either.
    """

    kind: str
    at: datetime | None = None
    offer: int = 0
    mode: str = ""


@action("appointment.invite", may=may_ask)
def invite(visit: Visit, *, by: Actor, sooner: bool = False, diary: Diary | None = None) -> Appointment:
    """Ask one family; the planned time and two others are offered. `sooner`: the family itself wants it within a day.

    Raises Conflict when it is asked already, Invalid for a visit that is over, or would begin within 24 hours.
    """
    lock_plans([visit.campaign_id])
    visit = (
        Visit.objects.select_for_update(of=("self",)).select_related("campaign", "stop__outing__slot").get(pk=visit.pk)
    )
    if visit.state not in (Visit.State.PLANNED, Visit.State.POSTPONED):
        raise Invalid(_("这次家访已经结束或取消，不能再发邀请。"))
    if visit.appointments.live().exists():
        raise Conflict(_("这家已经邀请过了。"))
    if visit.starts_at and visit.starts_at < clock.now() + AHEAD and not sooner:
        raise Invalid(_("要提前 24 小时以上邀请。家长主动要求更早时，请勾选“家长要求尽早”。"))
    diary = diary or Diary(visit.campaign, visit.lead_id, visit.school_class_id)
    is_afar = visit.mode not in (Mode.DOOR, Mode.GROUP)
    offers = from_afar(visit, diary, visit.mode) if is_afar else at_the_door(visit, diary)
    if not offers:
        raise Invalid(_("还没有可以提供的时间，请先登记空闲时段。"))
    return Appointment.objects.create(
        visit=visit,
        offers=[one.as_json() | {"mode": visit.mode} for one in offers],
        asked_at=clock.now(),
        asked_by=by.display_name,
        family_asked_sooner=sooner,
    )


@action("appointment.invite_class", may=may_ask_class)
def invite_class(school_class: SchoolClass, *, by: Actor) -> tuple[int, int]:
    """Ask every family of the class whose visit is planned and not asked yet. Returns (asked, left out)."""
    diaries: dict[tuple[int | None, int], Diary] = {}
    asked = left = 0
    visits = list(to_ask(school_class))
    lock_plans({visit.campaign_id for visit in visits})
    for visit in visits:
        key = (visit.campaign_id, visit.lead_id)
        if key not in diaries:
            diaries[key] = Diary(visit.campaign, visit.lead_id, visit.school_class_id)
        try:
            invite(visit, by=by, diary=diaries[key])
            asked += 1
        except (Invalid, Conflict):
            left += 1
    return asked, left


@action("appointment.withdraw", may=may_arrange)
def withdraw(appointment: Appointment, *, by: Actor, because: str = "") -> Appointment:
    """Take an invitation back; its links are dead at once. Raises Conflict when it is closed already."""
    row = _locked(appointment)
    if row.closed_at is not None:
        raise Conflict(_("这次预约已经结束了。"))
    row.state = State.WITHDRAWN
    return _close(row)


@action("appointment.answer", may=may_answer)
def answer(appointment: Appointment, *, by: Actor, reply: Reply, proxy: str = "") -> Appointment:
    """Write what the family answers; plan and visit follow. `proxy` is the relation of who answers for the adult.

    A time or form that can no longer be had becomes the teacher's task. Raises Conflict when what the family was shown
    has changed since, or when it is too late to change; Invalid for a reply there is no such offer for.
    """
    lock_plans([appointment.visit.campaign_id])
    row = _locked(appointment)
    require_open(row, by)
    Staff.objects.select_for_update(of=("self",)).get(pk=row.visit.lead_id)  # one time is given to one family
    was_settled = row.is_settled
    _sign(row, by, proxy)
    {"accept": _accept, "time": _other_time, "mode": _other_mode, "call": _call, "decline": _decline, "no": _no}[
        _known(reply)
    ](row, reply, by)
    row.save()
    if by.visitor is not None and (was_settled or reply.kind != "accept"):
        tell_lead(row, by)
    return row


def last_change(row: Appointment) -> datetime | None:
    """Until when a given answer may be changed by the family: the evening before. None while no time is set."""
    starts = row.starts_at or row.visit.starts_at
    if starts is None:
        return None
    eve = clock.local(starts).date() - timedelta(days=1)
    return datetime.combine(eve, LAST_CHANGE, clock.ZONE)


def may_change(row: Appointment) -> bool:
    """Whether the family may still say something, or something else."""
    if row.closed_at is not None or row.visit.state in (Visit.State.RECORDED, Visit.State.CANCELLED):
        return False
    until = row.visit.starts_at if row.state == State.ASKED else last_change(row)
    return until is None or clock.now() < until


def require_open(row: Appointment, by: Actor) -> None:
    """Raise Conflict when nothing can be said any more."""
    is_over = row.closed_at is not None or row.visit.state in (Visit.State.RECORDED, Visit.State.CANCELLED)
    if is_over:
        raise Conflict(_("这次预约已经结束了。"))
    if by.visitor is not None and not may_change(row):
        raise Conflict(_("前一天晚上九点以后不能在这里改了，请直接和老师联系。"))


def _locked(appointment: Appointment) -> Appointment:
    rows = Appointment.objects.select_for_update(of=("self",))
    found: Appointment = rows.select_related(
        "visit__campaign", "visit__household", "visit__stop__outing__slot", "visit__lead", "visit__school_class"
    ).get(pk=appointment.pk)
    return found


def _known(reply: Reply) -> str:
    if reply.kind not in KINDS or (reply.mode and reply.mode not in OTHER_MODES):
        raise Invalid
    return reply.kind


def _sign(row: Appointment, by: Actor, proxy: str) -> None:
    """Who says it. The answer before is gone: the plan no longer counts on it."""
    ours = rights_of(row, by.visitor.person_id) if by.visitor else None
    row.answered_by = Guardian.objects.get(pk=ours.guardian_id) if ours else None
    row.noted_by = "" if by.visitor else by.display_name
    row.answered_at, row.proxy_relation = clock.now(), proxy
    row.state, row.mode, row.starts_at, row.ends_at = State.ASKED, "", None, None
    row.save()
    if row.visit.state == Visit.State.DECLINED:
        row.visit.state, row.visit.not_visited = Visit.State.PLANNED, ""
        row.visit.save(update_fields=["state", "not_visited"])


def _agreed(row: Appointment) -> None:
    row.visit.refresh_from_db()
    row.state, row.mode = State.AGREED, row.visit.mode
    row.starts_at, row.ends_at = row.visit.starts_at, row.visit.ends_at


def _accept(row: Appointment, reply: Reply, by: Actor) -> None:
    if row.visit.starts_at is None or reply.at != row.visit.starts_at:
        raise Conflict(_("时间刚刚有变化，请再看一次。"))
    _agreed(row)


def _other_time(row: Appointment, reply: Reply, by: Actor) -> None:
    if not 0 <= reply.offer < len(row.offers):
        raise Invalid
    starts, ends, slot = row.offered()[reply.offer]
    if slot is None:
        if not _set_time(row, starts, ends, row.offers[reply.offer]["mode"]):
            raise Conflict(_("这个时间刚刚被别的家庭选走了，请另选一个。"))
    elif not move_to_slot(row.visit, slot, by=by):
        row.state = State.OTHER_TIME
        row.offers = [one | {"wished": number == reply.offer} for number, one in enumerate(row.offers)]
        return
    _agreed(row)


def _other_mode(row: Appointment, reply: Reply, by: Actor) -> None:
    diary = Diary(row.visit.campaign, row.visit.lead_id, row.visit.school_class_id)
    found = next((one for one in from_afar(row.visit, diary, reply.mode) if one.starts == reply.at), None)
    if found is None or not reply.mode:
        raise Conflict(_("这个时间刚刚被别的家庭选走了，请另选一个。"))
    leave_outing(row.visit, by=by)
    if not _set_time(row, found.starts, found.ends, reply.mode):
        raise Conflict(_("这个时间刚刚被别的家庭选走了，请另选一个。"))
    _agreed(row)


def _set_time(row: Appointment, starts: datetime, ends: datetime, mode: str) -> bool:
    """Give a visit without a way its time, if the teacher is still free then and it is not too soon."""
    visit = row.visit
    diary = Diary(visit.campaign, visit.lead_id, visit.school_class_id)
    if starts < clock.now() or diary.is_taken(starts, ends, visit):
        return False
    visit.starts_at, visit.ends_at, visit.mode, visit.state = starts, ends, mode, Visit.State.PLANNED
    visit.save(update_fields=["starts_at", "ends_at", "mode", "state"])
    return True


def _call(row: Appointment, reply: Reply, by: Actor) -> None:
    if not reply.mode:
        row.state = State.OTHER_TIME
        return
    leave_outing(row.visit, by=by)
    visit = row.visit
    visit.starts_at, visit.ends_at, visit.mode, visit.state = None, None, reply.mode, Visit.State.PLANNED
    visit.save(update_fields=["starts_at", "ends_at", "mode", "state"])
    row.state, row.mode = State.OTHER_MODE, reply.mode


def _decline(row: Appointment, reply: Reply, by: Actor) -> None:
    row.state = State.DECLINED
    row.visit.state, row.visit.not_visited = Visit.State.DECLINED, Visit.NotVisited.DECLINED
    row.visit.save(update_fields=["state", "not_visited"])


def _no(row: Appointment, reply: Reply, by: Actor) -> None:
    """No other form either: that is the end of it, and a valid one."""
    _decline(row, reply, by)
    _close(row)


def _close(row: Appointment) -> Appointment:
    row.closed_at = clock.now()
    row.save()
    links.end(PURPOSE, object_id=row.pk)
    return row
