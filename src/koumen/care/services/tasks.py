"""The one way a promise comes to have an owner and a day."""

from datetime import date

from django.utils.translation import gettext as _

from koumen.care.models import Task
from koumen.care.policies.tasks import may_give
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.refusals import Invalid
from koumen.registry.models import Staff


@action("task.give", may=may_give)
def give(
    owner: Staff,
    *,
    by: Actor,
    title: str,
    due: date,
    about: str = "",
    about_id: object = "",
    once_key: str = "",
    needs_verifying: bool = False,
) -> Task:
    """Give somebody a task. With a `once_key` it is there once however often it is given; the first one is returned.

    `title` names no child and no reason: lists and reminders show it. `about` is the kind of row it came from (see
    `care.presets.tasks`). Raises Invalid for an empty title or a day that is past.
    """
    known = Task.objects.filter(once_key=once_key).first() if once_key else None
    if known is not None:
        return known
    if not title.strip():
        raise Invalid(_("请写一下要做什么。"))
    if due < clock.today():
        raise Invalid(_("完成日期不能早于今天。"))
    return Task.objects.create(
        title=title.strip()[:120],
        owner=owner,
        given_by=Staff.objects.filter(pk=by.member_id or 0).first(),
        due=due,
        about=about,
        about_id=str(about_id),
        once_key=once_key,
        needs_verifying=needs_verifying,
        given_at=clock.now(),
    )
