"""控辍保学, one child: on the list, each attempt to bring it back, verified, and struck off by a second person."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _

from koumen.care.models import DropoutEntry, DropoutStep, ReturnAttempt
from koumen.care.models.findings import Source
from koumen.care.policies.dropout import may_close_entry, may_list_child, may_work_on_entry
from koumen.care.presets.dropout import CATEGORY, Outcome
from koumen.care.services import bringing_back
from koumen.care.services.cases import open_case
from koumen.core import clock, files, outbox, pictures
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.models import OutboxMessage, StoredFile
from koumen.core.refusals import Conflict, Invalid
from koumen.core.words import for_others
from koumen.registry.models import Role, Staff, Student

State = DropoutEntry.State
Event = DropoutStep.Event
Result = ReturnAttempt.Result
AT_WORK = (State.SUSPECTED, State.DROPPED, State.PERSUADING)
OVER = (State.RETURNED, State.CLEARED)
ENDS_WITH = {Result.RETURNED: State.RETURNED, Result.TRANSFERRED: State.CLEARED, Result.SUSPENDED: State.CLEARED}


@dataclass(frozen=True)
class Found:
    """What is known when a child is put on the list. `signature` is the picture a guardian drew on the phone."""

    words: str
    reason: str = ""
    last_seen_on: date | None = None
    taken: str = ""
    signed_by: str = ""
    signature: bytes = b""


@action("dropout.list", may=may_list_child)
def list_child(
    student: Student, *, by: Actor, token: UUID, found: Found, source: Source = Source.TEACHER
) -> DropoutEntry:
    """Put a child on the list of the suspected, with a case and a 劝返 measure; a child stands there once.

    The page made `token`: sent twice, it is there once. Raises Invalid without words, or for a day to come.
    """
    Student.objects.select_for_update(no_key=True, of=("self",)).get(pk=student.pk)  # who lists it meanwhile, waits
    rows = DropoutEntry.objects.select_related("case").filter(student=student)
    known: DropoutEntry | None = rows.filter(source_id=token).first() or rows.live().first()
    if known is not None and known.source_id == token:
        return known
    _check(found)
    if known is not None:
        return _named_again(known, by=by, found=found)
    case = open_case(student, by=by, source=Source.DROPOUT, source_id=token, reasons=[CATEGORY], why=found.words)
    row = DropoutEntry.objects.create(
        student=student,
        case=case,
        source=source,
        source_id=token,
        found_on=clock.today(),
        last_seen_on=found.last_seen_on,
        reason=found.reason,
        reason_words=found.words.strip(),
        taken=found.taken.strip(),
        signed_by=found.signed_by.strip(),
        signature=kept_signature(found.signature, by=by) if found.signature else None,
        listed_by=Staff.objects.filter(pk=by.member_id or 0).first(),
    )
    _step(row, Event.LISTED, by)
    bringing_back.begin(row, by=by)
    _tell_office(by)
    return row


@action("dropout.describe", may=may_work_on_entry)
def describe(entry: DropoutEntry, *, by: Actor, found: Found) -> DropoutEntry:
    """Correct what is known: why, since when, what was done. Raises Invalid without words, or for a day to come."""
    _check(found)
    entry.reason, entry.reason_words = found.reason, found.words.strip()
    entry.last_seen_on, entry.taken = found.last_seen_on, found.taken.strip()
    entry.save(update_fields=["reason", "reason_words", "last_seen_on", "taken"])
    return entry


@dataclass(frozen=True)
class Attempt:
    """One attempt to bring a child back. `people` took part; the page made `token`."""

    token: UUID
    at: datetime
    mode: str
    people: str
    result: str
    text: str


@action("dropout.attempt", may=may_work_on_entry)
def attempt(entry: DropoutEntry, *, by: Actor, done: Attempt) -> ReturnAttempt:
    """劝返记录: number, people, time, result. Sent twice, it is there once.

    A child that came back stands as 复学, one that moved or is on leave as 已排除: both wait to be verified. Raises
    Invalid for a time to come or one before the day in doubt, Conflict when nobody is to be brought back any more.
    """
    known: ReturnAttempt | None = ReturnAttempt.objects.filter(entry=entry, token=done.token).first()
    if known is not None:
        return known
    _lock(entry)
    if entry.state not in AT_WORK:
        raise Conflict(_("这名学生现在不需要劝返，请先看核实情况。"))
    if done.at > clock.now():
        raise Invalid(_("劝返时间不能晚于现在。"))
    if clock.local(done.at).date() < (entry.last_seen_on or entry.found_on - timedelta(days=180)):
        raise Invalid(_("劝返时间早于最后到校的日期，请核对。"))
    last = entry.attempts.aggregate(last=Max("number"))["last"] or 0
    row = ReturnAttempt.objects.create(
        entry=entry,
        number=last + 1,
        at=done.at,
        mode=done.mode,
        people=done.people.strip(),
        result=done.result,
        text=done.text.strip(),
        by=Staff.objects.get(pk=by.member_id or 0),
        token=done.token,
    )
    bringing_back.note(entry, row)
    _move(entry, ENDS_WITH.get(Result(done.result), _still(entry)), Event.ATTEMPT, by=by)
    return row


@action("dropout.verify", may=may_work_on_entry)
def verify(entry: DropoutEntry, *, by: Actor, how: str, on: date, outcome: str) -> DropoutEntry:
    """核实: somebody has looked, on a day, in a way, and found this.

    `returned` confirms a child that an attempt brought back; `dropped` begins the count of the dropped out. Raises
    Invalid for a day to come or before the child was listed, Conflict when the finding does not fit the state.
    """
    _lock(entry)
    if not entry.found_on <= on <= clock.today():
        raise Invalid(_("核实日期要在列入名单那天到今天之间。"))
    if outcome == Outcome.RETURNED and entry.state != State.RETURNED:
        raise Conflict(_("请先记一次结果为“复学”的劝返，再核实。"))
    if outcome == Outcome.DROPPED and entry.state == State.PERSUADING:
        raise Conflict(_("这名学生已经在劝返中，不用再确认辍学。"))
    if outcome == Outcome.CLEARED and entry.state == State.RETURNED:
        raise Conflict(_("这名学生已经复学，请选“已经复学”。"))
    entry.verified_how, entry.verified_on = how, on
    entry.verified_by = Staff.objects.get(pk=by.member_id or 0)
    if outcome == Outcome.DROPPED and entry.state != State.DROPPED:
        entry.dropped_on = on
    entry.save(update_fields=["verified_how", "verified_on", "verified_by", "dropped_on"])
    _move(entry, State(outcome), Event.VERIFIED, by=by)
    return entry


@action("dropout.close", may=may_close_entry)
def close(entry: DropoutEntry, *, by: Actor) -> DropoutEntry:
    """销号, by a second person. Raises Conflict before the child is back or excluded, and before that is verified."""
    _lock(entry)
    if entry.state not in OVER:
        raise Conflict(_("学生复学或排除以后才能销号。"))
    last = entry.attempts.order_by("-number").first()
    since = clock.local(last.at).date() if last else entry.found_on
    if entry.verified_on is None or entry.verified_on < since:
        raise Conflict(_("还没有核实，不能销号。请班主任先核实。"))
    entry.closed_on, entry.closed_by = clock.today(), Staff.objects.get(pk=by.member_id or 0)
    entry.save(update_fields=["closed_on", "closed_by"])
    _step(entry, Event.CLOSED, by)
    return entry


def exclude(entry: DropoutEntry, *, by: Actor, how: str) -> None:
    """The doubt of today's return check was an error: the child is here. Inside that action."""
    entry.verified_how, entry.verified_on = how, clock.today()
    entry.verified_by = Staff.objects.filter(pk=by.member_id or 0).first()
    entry.save(update_fields=["verified_how", "verified_on", "verified_by"])
    _move(entry, State.CLEARED, Event.VERIFIED, by=by)


def kept_signature(content: bytes, *, by: Actor) -> StoredFile:
    """Keep a signature drawn on a phone. Raises Invalid when nothing was drawn."""
    drawn = pictures.ink(content)
    return files.keep(
        iter([drawn]), purpose="signature", label="signature.png", content_type="image/png", owner_id=by.account_id
    )


def _tell_office(by: Actor) -> None:
    """Somebody is on the list: who and why is read on the page, not in the note."""
    posts = Role.objects.current(clock.today()).filter(post="moral_office", staff__is_active=True)
    accounts = posts.exclude(staff=by.member_id or 0).exclude(staff__account_id=None)
    with for_others():
        for account in set(accounts.values_list("staff__account_id", flat=True)):
            outbox.say(
                OutboxMessage.Channel.IN_APP,
                account_id=account,
                subject=_("控辍保学名单有新的学生"),
                body=_("请在“控辍保学”里查看。"),
                url=reverse("care:dropout_lists", kwargs={"org": by.org.slug}),
            )


def _check(found: Found) -> None:
    if not found.words.strip():
        raise Invalid(_("请写一下发现了什么情况。"))
    if found.last_seen_on is not None and found.last_seen_on > clock.today():
        raise Invalid(_("最后到校的日期不能晚于今天。"))
    if found.signature and not found.signed_by.strip():
        raise Invalid(_("请写签名人的姓名。"))


def _named_again(entry: DropoutEntry, *, by: Actor, found: Found) -> DropoutEntry:
    """Somebody else names a child that stands on the list: their words are added, a missing signature is kept.

    A child that was back, or excluded, is in doubt once more.
    """
    words = found.words.strip()
    if words not in entry.reason_words:
        entry.reason_words = f"{entry.reason_words}\n{clock.today():%Y-%m-%d} {by.display_name}：{words}"
    if found.signature and entry.signature is None:
        entry.signature, entry.signed_by = kept_signature(found.signature, by=by), found.signed_by.strip()
    entry.save(update_fields=["reason_words", "signature", "signed_by"])
    if entry.state in OVER:
        entry.verified_on, entry.verified_how, entry.verified_by = None, "", None
        entry.save(update_fields=["verified_on", "verified_how", "verified_by"])
        _move(entry, State.PERSUADING if entry.dropped_on else State.SUSPECTED, Event.AGAIN, by=by)
    return entry


def _lock(entry: DropoutEntry) -> None:
    """Its state as it stands now, held until the action is over. Raises Conflict when it was struck off meanwhile."""
    now = DropoutEntry.objects.select_for_update().get(pk=entry.pk)
    entry.state, entry.closed_on, entry.verified_on = now.state, now.closed_on, now.verified_on
    if entry.closed_on is not None:
        raise Conflict(_("这名学生已经销号了。"))


def _still(entry: DropoutEntry) -> State:
    """Attempts without success: whoever is known to have left is being persuaded, a suspicion stays one."""
    return State.SUSPECTED if entry.state == State.SUSPECTED else State.PERSUADING


def _move(entry: DropoutEntry, state: State, event: Event, *, by: Actor) -> None:
    """The entry's state; its measure is open while somebody is to be brought back, and ends with that."""
    before = State(entry.state)
    entry.state = state
    entry.save(update_fields=["state"])
    _step(entry, event, by)
    if state in OVER and before not in OVER:
        bringing_back.end(entry, str(state.label))
    elif state not in OVER and before in OVER:
        bringing_back.begin(entry, by=by)


def _step(entry: DropoutEntry, event: Event, by: Actor) -> None:
    """A line of the entry's way: from it every month is counted, whenever it is handed in."""
    DropoutStep.objects.create(entry=entry, on=clock.today(), event=event, state=entry.state, by_id=by.member_id)
