"""Working on an opinion: taken on, handed over, joined with equal ones, not ours, answered; each step is told."""

from django.urls import reverse
from django.utils.translation import gettext as _

from koumen.care.models import Opinion, Task
from koumen.care.models.opinions import LONGEST, OFFICE
from koumen.care.policies.opinions import may_answer, may_assign, may_listen
from koumen.care.presets.topics import Topic
from koumen.care.queries.limits import last_day, limit_of
from koumen.care.queries.names import names_in
from koumen.care.services.opinion_family import mirror, twin_of
from koumen.care.services.opinion_letters import Ways, tell_family
from koumen.care.services.opinions import bureau_of, copy_up, note, tell_receivers
from koumen.care.services.tasks import ends, give, settle
from koumen.core import clock, files, outbox, scope
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.models import OutboxMessage
from koumen.core.refusals import Conflict, Invalid
from koumen.core.words import for_others, listed
from koumen.registry.models import Role, Staff

State = Opinion.State


@action("opinion.accept", may=may_assign)
def accept(opinion: Opinion, *, by: Actor, topic: str) -> Opinion:
    """The person takes it on. Under another topic the day of the answer is that topic's; integrity goes above."""
    opinion = _open(opinion)
    if topic != opinion.topic and not opinion.extended_because and not opinion.times_reopened:
        first = clock.local(opinion.received_at).date()
        opinion.due_on = max(last_day(first, limit_of(topic).days), clock.today())
    opinion.topic = topic
    if topic == Topic.ETHICS and opinion.level == Opinion.Level.SCHOOL:
        return _lift(opinion, by, because=str(Topic.ETHICS.label))
    opinion.handler, opinion.state = Staff.objects.get(pk=by.member_id or 0), State.ACCEPTED
    opinion.save()
    note(opinion, "accepted", by=by.display_name, text=_by_when(opinion))
    _task(opinion, opinion.handler, by)
    return opinion


@action("opinion.forward", may=may_assign)
def forward(opinion: Opinion, *, by: Actor, to: Staff, words: str = "") -> Opinion:
    """Hand it to a colleague who will answer. Raises Invalid for somebody who left, or whom it is about, and for a
    voice of somebody whose name is kept back: what was said has to be written down first.
    """
    opinion = _open(opinion)
    if not to.is_active or not _has_post(to):
        raise Invalid(_("%(name)s 已经离任，请另选一位经办人。") % {"name": to.name})
    if to.pk in (opinion.about_id, *opinion.concerns):
        raise Invalid(_("这条意见说到 %(name)s，不能交给本人办理。") % {"name": to.name})
    if opinion.voice_id and not opinion.text and opinion.identity != Opinion.Identity.NAMED:
        raise Invalid(_("请先把录音写成文字再转办：提意见的人没有公开名字，声音不能转给别人。"))
    opinion.handler, opinion.state = to, State.FORWARDED
    opinion.save()
    note(opinion, "forwarded", by=by.display_name, text=_by_when(opinion))
    if words.strip():
        note(opinion, "words", by=by.display_name, text=words.strip(), for_family=False)
    _task(opinion, to, by)
    return opinion


@action("opinion.merge", may=may_assign)
def merge(opinion: Opinion, *, by: Actor, into: Opinion) -> Opinion:
    """It says the same as another one: it is handled there, and its family gets that answer. Raises Invalid when the
    other is over, is the same, lies at another level, or is handled by somebody this one is about.
    """
    opinion, into = _open(opinion), _open(into)
    if into.pk == opinion.pk or into.level != opinion.level:
        raise Invalid(_("请选同一级正在办理的另一条意见。"))
    if into.handler_id in opinion.concerns:
        raise Invalid(_("那一条的经办人正是这条意见说到的人，不能合并。"))
    opinion.state, opinion.merged_into, opinion.handler = State.MERGED, into, None
    opinion.save()
    Opinion.objects.filter(merged_into=opinion).update(merged_into=into)
    note(opinion, "merged", by=by.display_name, text=into.code)
    note(into, "joined", by=by.display_name, text=opinion.code, for_family=False)
    _settle(opinion, State.MERGED.label)
    mirror(opinion, by.org)
    return opinion


@action("opinion.refuse", may=may_assign)
def refuse(opinion: Opinion, *, by: Actor, because: str, ways: Ways) -> Opinion:
    """Not ours: the family is told why, and where to go. Raises Invalid without a reason."""
    opinion = _open(opinion)
    if not because.strip():
        raise Invalid(_("请写明为什么不归学校办、家长可以找谁。"))
    opinion.state, opinion.refused_because = State.NOT_OURS, because.strip()
    opinion.closed_at, opinion.handler = clock.now(), Staff.objects.get(pk=by.member_id or 0)
    opinion.save()
    note(opinion, "not_ours", by=by.display_name, text=opinion.refused_because)
    _settle(opinion, State.NOT_OURS.label)
    _tell(opinion, by, ways, kind="not_ours")
    return opinion


@action("opinion.extend", may=may_answer)
def extend(opinion: Opinion, *, by: Actor, because: str, ways: Ways) -> Opinion:
    """More time, once, with a reason the family is told. Raises Conflict for a second time, Invalid without one."""
    opinion = _open(opinion)
    if opinion.extended_because:
        raise Conflict(_("这条意见已经延期过一次，不能再延。请先把进展告诉家长。"))
    if not because.strip():
        raise Invalid(_("请写明延期的原因，家长会看到。"))
    assert opinion.due_on is not None  # every opinion gets its day when it is kept
    opinion.extended_because = because.strip()
    opinion.due_on = last_day(max(opinion.due_on, clock.today()), limit_of(opinion.topic).extra_days)
    opinion.save()
    note(opinion, "extended", by=by.display_name, text=f"{opinion.extended_because}{_by_when(opinion)}")
    Task.objects.open().filter(about="opinion", about_id=str(opinion.pk)).update(due=opinion.due_on)
    tell_family(opinion, ways)
    return opinion


@action("opinion.answer", may=may_answer)
def answer(opinion: Opinion, *, by: Actor, text: str, gist: str, ways: Ways) -> Opinion:
    """The answer goes to the family, to those of the opinions joined with it, and to the other level's copy.

    `gist` is what it is about in a few words without names. Raises Invalid when a part is empty or names somebody.
    """
    opinion = _open(opinion)
    if not text.strip():
        raise Invalid(_("答复还是空的，请写清楚怎么办的、结果怎样。"))
    found = names_in(gist, opinion)
    if not gist.strip() or found:
        raise Invalid(_("主要内容要写，而且不写姓名：%(names)s") % {"names": listed(found) or _("还是空的")})
    me = Staff.objects.get(pk=by.member_id or 0)
    joined = Opinion.objects.select_for_update().filter(merged_into=opinion, state=State.MERGED)
    for one in [opinion, *joined]:
        one.state, one.answer, one.gist = State.ANSWERED, text.strip()[:LONGEST], gist.strip()
        one.answered_by, one.answered_at, one.face, one.judged_at = me, clock.now(), None, None
        one.save()
        note(one, "answered", by=by.display_name, text=one.answer)
        _tell(one, by, ways, kind="answered")
    _settle(opinion, State.ANSWERED.label)
    return opinion


@action("opinion.write_down", may=may_listen)
def write_down(opinion: Opinion, *, by: Actor, text: str) -> Opinion:
    """What the voice says, in words; then the voice is deleted. Raises Invalid when empty, Conflict without a voice."""
    opinion = _locked(opinion)
    if opinion.voice is None:
        raise Conflict(_("这条意见没有录音，或者已经写成文字了。"))
    if not text.strip():
        raise Invalid(_("请把听到的内容写下来。"))
    voice = opinion.voice
    opinion.text = "\n".join(filter(None, [opinion.text, text.strip()]))[:LONGEST]
    opinion.voice = None
    opinion.save(update_fields=["text", "voice"])
    files.discard(voice)
    voice.delete()
    note(opinion, "written", by=by.display_name)
    return opinion


@action("opinion.concern", may=may_assign)
def concern(opinion: Opinion, *, by: Actor, staff: Staff) -> Opinion:
    """It is about this colleague, too: they neither see nor handle it. About the office or a leader, it goes above."""
    opinion = _open(opinion)
    opinion.concerns = sorted({*opinion.concerns, staff.pk})
    if opinion.handler_id == staff.pk:
        opinion.handler, opinion.state = None, State.RECEIVED
    opinion.save()
    note(opinion, "concern", by=by.display_name, text=staff.name, for_family=False)
    if opinion.handler_id is None:
        _settle(opinion, _("改由别人办理"), is_done=False)
    if opinion.level == Opinion.Level.SCHOOL and _has_post(staff, *OFFICE, "principal"):
        return _lift(opinion, by, because=staff.name)
    return opinion


@action("opinion.lift", may=may_assign)
def lift(opinion: Opinion, *, by: Actor, because: str) -> Opinion:
    """It cannot be settled here: to the level above, with a reason. Raises Invalid without one."""
    if not because.strip():
        raise Invalid(_("请写明为什么要上一级办理。"))
    opinion = _open(opinion)
    if opinion.level == Opinion.Level.ABOVE:
        raise Conflict(_("这条意见已经在上一级办理。"))
    return _lift(opinion, by, because=because.strip())


def _lift(opinion: Opinion, by: Actor, *, because: str) -> Opinion:
    opinion.level, opinion.state, opinion.handler = Opinion.Level.ABOVE, State.RECEIVED, None
    opinion.save()
    note(opinion, "lifted", by=by.display_name)
    note(opinion, "words", by=by.display_name, text=because, for_family=False)
    _settle(opinion, _("已交上一级"), is_done=False)
    tell_receivers(opinion, by.org.slug)
    bureau = bureau_of(by.org)
    about_principal = any(_has_post(one, "principal") for one in Staff.objects.filter(pk__in=opinion.concerns))
    if bureau is not None and (opinion.topic == Topic.ETHICS or about_principal):
        copy_up(opinion, by.org, bureau)
    return opinion


@ends("opinion")
def _only_with_an_answer(task: Task, by: Actor, sentence: str) -> None:
    """A family waits for the answer, not for a tick: the task ends with it and not before."""
    raise Invalid(_("请打开这条意见写答复，答复发出后任务就办结了。"))


def _tell(opinion: Opinion, by: Actor, ways: Ways, *, kind: str) -> None:
    """The family learns of it in the school it wrote to, whichever level spoke."""
    mirror(opinion, by.org, kind=kind)
    twin = twin_of(opinion, by.org) if opinion.origin_org else None
    if twin is None:
        tell_family(opinion, ways)
        return
    with scope.enter(twin.org.id):
        theirs = Opinion.objects.filter(source=twin.source, source_id=twin.token).first()
        if theirs is not None:
            tell_family(theirs, Ways(ways.link, ways.door.replace(f"/b/{by.org.slug}/", f"/b/{twin.org.slug}/")))


def _locked(opinion: Opinion) -> Opinion:
    row: Opinion = Opinion.objects.select_for_update(of=("self",)).get(pk=opinion.pk)
    return row


def _open(opinion: Opinion) -> Opinion:
    """The row, locked. Raises Conflict when it is over meanwhile."""
    row = _locked(opinion)
    if row.is_over or row.state == State.ANSWERED:
        raise Conflict(_("这条意见已经%(state)s，请刷新后再看。") % {"state": row.get_state_display()})
    return row


def _task(opinion: Opinion, owner: Staff, by: Actor) -> None:
    """Its owner's task until the day of the answer, and a word that it is there."""
    _settle(opinion, _("改由别人办理"), is_done=False)
    due = max(opinion.due_on or clock.today(), clock.today())
    with for_others():
        title = _("办理意见建议 %(code)s") % {"code": opinion.code}
    if opinion.level == Opinion.Level.SCHOOL:  # the office sees all tasks, and nothing of what goes above
        give(owner, by=by, title=title, due=due, about="opinion", about_id=opinion.pk)
    if owner.account_id is not None and owner.pk != by.member_id:
        outbox.say(
            OutboxMessage.Channel.IN_APP,
            account_id=owner.account_id,
            subject=title,
            body=_by_when(opinion),
            url=reverse("care:opinion", kwargs={"org": by.org.slug, "pk": opinion.pk}),
        )


def _settle(opinion: Opinion, sentence: object, *, is_done: bool = True) -> None:
    with for_others():
        settle("opinion", opinion.pk, sentence=str(sentence), is_done=is_done)


def _by_when(opinion: Opinion) -> str:
    if opinion.due_on is None:
        return ""
    with for_others():
        return _("最晚 %(month)d 月 %(day)d 日答复。") % {"month": opinion.due_on.month, "day": opinion.due_on.day}


def _has_post(staff: Staff, *posts: str) -> bool:
    roles = Role.objects.current(clock.today()).filter(staff=staff)
    return bool((roles.filter(post__in=posts) if posts else roles).exists())
