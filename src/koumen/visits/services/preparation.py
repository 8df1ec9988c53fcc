"""Preparing a visit: what is meant to be done, and one line asked of the child's other teachers."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from koumen.core import clock, outbox
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.models import OutboxMessage
from koumen.core.refusals import Conflict, Invalid
from koumen.core.words import for_others, listed
from koumen.registry.models import Role, Staff
from koumen.visits.models import Preparation, Remark, Visit
from koumen.visits.policies.preparation import may_answer, may_prepare
from koumen.visits.queries import preparation as queries

FIELDS = ("theme", "purposes", "kinds", "own_words", "goal", "bring", "involve")


@action("visit.prepare", may=may_prepare)
def prepare(visit: Visit, *, by: Actor, said: Mapping[str, Any]) -> Preparation:
    """Keep what was prepared; sent again, it is replaced. Raises Conflict for a visit that was cancelled."""
    if visit.state == Visit.State.CANCELLED:
        raise Conflict(_("这次家访已取消，不用再准备。"))
    now = {"written_by": Staff.objects.get(pk=by.member_id or 0), "written_at": clock.now()}
    row, _new = Preparation.objects.update_or_create(visit=visit, defaults={name: said[name] for name in FIELDS} | now)
    return row


@action("visit.ask_remark", may=may_prepare)
def ask(visit: Visit, *, by: Actor, teachers: Iterable[int] | None = None) -> list[Remark]:
    """Ask the children's other teachers (all, or those named) for one line; each is asked once a visit.

    Raises Invalid when nobody named teaches one of the children, Conflict when the visit is over.
    """
    if visit.state != Visit.State.PLANNED:
        raise Conflict(_("这次家访已经结束，不用再问了。"))
    children = queries.children_of(visit)
    chosen = queries.teachers_of(children, but=by.member_id)
    if teachers is not None:
        wanted = set(teachers)
        chosen = [one for one in chosen if one.pk in wanted]
    if not chosen:
        raise Invalid(_("没有可以问的任课老师。"))
    me, now = Staff.objects.get(pk=by.member_id or 0), clock.now()
    taught = _taught(chosen)
    asked = []
    for teacher in chosen:
        fresh = []
        for child in children:
            if child.school_class_id in taught[teacher.pk]:
                row, new = Remark.objects.get_or_create(
                    visit=visit, student=child, teacher=teacher, defaults={"asked_by": me, "asked_at": now}
                )
                fresh += [row] if new else []
        if fresh:
            _tell(teacher, by, fresh)
        asked += fresh
    return asked


def _taught(teachers: Iterable[Staff]) -> dict[int, set[int | None]]:
    found: dict[int, set[int | None]] = {one.pk: set() for one in teachers}
    posts = Role.objects.current(clock.today()).filter(staff__in=found, school_class__isnull=False)
    for staff, room in posts.values_list("staff_id", "school_class_id"):
        found[staff].add(room)
    return found


def _tell(teacher: Staff, by: Actor, rows: list[Remark]) -> None:
    if teacher.account_id is None:
        return
    with for_others():
        said = {"name": by.display_name, "who": listed(row.student.name for row in rows)}
        outbox.say(
            OutboxMessage.Channel.IN_APP,
            account_id=teacher.account_id,
            subject=_("%(name)s 家访前想听您说一句") % said,
            body=_("%(who)s 最近怎么样？写一句看到的事就好，一分钟。") % said,
            url=reverse("visits:remarks", kwargs={"org": by.org.slug}),
        )


@action("visit.answer_remark", may=may_answer)
def answer(remark: Remark, *, by: Actor, text: str) -> Remark:
    """One line about the child, for this visit; it may be changed until the visit is over (Conflict)."""
    if remark.visit.state != Visit.State.PLANNED:
        raise Conflict(_("这次家访已经结束，不用再写了。"))
    remark.text, remark.answered_at = text, clock.now()
    remark.save(update_fields=["text", "answered_at"])
    return remark
