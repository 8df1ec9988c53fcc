"""The one way a promise comes to have an owner and a day."""

from collections.abc import Callable, Iterable
from datetime import date

from django.utils.translation import gettext as _

from koumen.care.models import Task
from koumen.care.policies.tasks import may_drop, may_finish, may_give, may_verify
from koumen.core import audit, clock
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.refusals import Conflict, Invalid
from koumen.registry.models import Staff

LONGEST_SENTENCE = 300
Ending = Callable[[Task, Actor, str], None]
ENDINGS: dict[str, Ending] = {}


def ends(about: str) -> Callable[[Ending], Ending]:
    """Register what else ends when a task about such a row is done: `fn(task, by, sentence)`, in its transaction."""

    def keep(fn: Ending) -> Ending:
        ENDINGS[about] = fn
        return fn

    return keep


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


def give_each(gifts: Iterable[tuple[Staff, str, str]], *, by: Actor, due: date, about: str) -> int:
    """Many tasks at once, as (owner, title, once_key), each given once and logged; part of another action.

    Returns how many were new.
    """
    wanted = {key: (owner, title) for owner, title, key in gifts}
    known = set(Task.objects.filter(once_key__in=wanted).values_list("once_key", flat=True))
    giver, now = Staff.objects.filter(pk=by.member_id or 0).first(), clock.now()
    rows = Task.objects.bulk_create(
        Task(title=title[:120], owner=owner, given_by=giver, due=due, about=about, once_key=key, given_at=now)
        for key, (owner, title) in wanted.items()
        if key not in known
    )
    audit.write_each(by, "task.give", rows)
    return len(rows)


@action("task.finish", may=may_finish)
def finish(task: Task, *, by: Actor, sentence: str) -> Task:
    """The owner says in a sentence how it was done; what it is about ends with it.

    Raises Invalid without a sentence, Conflict when it is over already.
    """
    if not sentence.strip():
        raise Invalid(_("请写一句是怎么办的。"))
    if task.state != Task.State.OPEN:
        raise Conflict(_("这项任务已经办过了。"))
    _end(task, Task.State.DONE, sentence)
    if task.about in ENDINGS:
        ENDINGS[task.about](task, by, task.sentence)
    return task


@action("task.verify", may=may_verify)
def verify(task: Task, *, by: Actor, is_done: bool, sentence: str = "") -> Task:
    """Whoever gave it has looked: it is done, or it is open again with a word on what is missing.

    Raises Conflict unless it waits for that, Invalid when it is given back without a word.
    """
    if task.state != Task.State.DONE:
        raise Conflict(_("这项任务现在不用确认。"))
    if not is_done and not sentence.strip():
        raise Invalid(_("请写一句还缺什么。"))
    if not is_done and task.about in ENDINGS:
        raise Conflict(_("这件事在它自己的页面上已经办结，不能退回。还有要做的，请另交办一项。"))
    if is_done:
        task.state, task.verified_at = Task.State.VERIFIED, clock.now()
        task.verified_by = Staff.objects.get(pk=by.member_id or 0)
    else:
        task.state, task.done_at, task.sentence = Task.State.OPEN, None, sentence.strip()[:LONGEST_SENTENCE]
    task.save(update_fields=["state", "verified_at", "verified_by", "done_at", "sentence"])
    return task


@action("task.drop", may=may_drop)
def drop(task: Task, *, by: Actor, because: str) -> Task:
    """It need not be done any more; the reason is kept. Raises Invalid without one, Conflict when it is over."""
    if not because.strip():
        raise Invalid(_("请写一下为什么取消。"))
    if task.state != Task.State.OPEN:
        raise Conflict(_("这项任务已经办过了。"))
    if task.about in ENDINGS:
        raise Conflict(_("请打开这项任务说的那一页，在那里取消或改责任人，任务会跟着变。"))
    _end(task, Task.State.DROPPED, because)
    return task


def settle(about: str, about_id: object, *, sentence: str, is_done: bool = True) -> int:
    """What open tasks are about has ended by itself: they end with it. Inside that action. Returns how many."""
    rows = list(Task.objects.open().select_for_update().filter(about=about, about_id=str(about_id)))
    for row in rows:
        _end(row, Task.State.DONE if is_done else Task.State.DROPPED, sentence)
    return len(rows)


def _end(task: Task, state: str, sentence: str) -> None:
    task.state, task.sentence, task.done_at = state, sentence.strip()[:LONGEST_SENTENCE], clock.now()
    task.save(update_fields=["state", "sentence", "done_at"])
