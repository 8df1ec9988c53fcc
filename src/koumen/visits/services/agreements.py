"""约定: in plain words to the family, which confirms it or says what is wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from koumen.care.presets.measures import PLAIN_WORDS
from koumen.core import clock, links, outbox
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.models import OutboxMessage
from koumen.core.refusals import Conflict, Invalid
from koumen.core.words import for_others
from koumen.registry.models import Guardian, Guardianship, Staff
from koumen.registry.presets.codes import RELATIONS
from koumen.visits.models import Agreement, Visit, VisitRecord
from koumen.visits.policies.after import (
    AGREEMENT,
    may_confirm,
    may_follow_record,
    may_keep,
    may_read_agreement,
    may_send,
)

LASTS = timedelta(days=30)
MOST_ITEMS, LONGEST_ITEM = 10, 200
State = Agreement.State
Address = Callable[[str], str]  # a link's secret → its whole address


@dataclass(frozen=True)
class Letter:
    """One adult's personal link, to paste or send."""

    key: str
    name: str
    relation: str
    text: str


def drafted(record: VisitRecord) -> list[str]:
    """What the record says was agreed, in the family's words. Problems and reasons do not enter."""
    said = [str(PLAIN_WORDS[kind]) for kind in PLAIN_WORDS if kind in record.measures]
    return [*said, record.next_step] if record.next_step else said


@action("agreement.make", may=may_follow_record)
def make_agreement(record: VisitRecord, *, by: Actor, items: list[str], follow_up_on: date | None) -> Agreement:
    """Write down what the family will be shown. Changed words are asked anew; the same ones keep the answer.

    Raises Invalid for none, too many or too long ones.
    """
    lines = [line.strip() for line in items if line.strip()]
    if not lines:
        raise Invalid(_("请写下至少一条约定。"))
    if len(lines) > MOST_ITEMS or any(len(line) > LONGEST_ITEM for line in lines):
        raise Invalid(_("约定最多十条，每条不超过 200 个字。"))
    row = Agreement.objects.select_for_update().filter(record=record).first()
    if row is not None and row.state != State.CORRECTED and (row.items, row.follow_up_on) == (lines, follow_up_on):
        return row
    row = row or Agreement(record=record)
    row.state, row.items, row.follow_up_on = State.ASKED, lines, follow_up_on
    row.made_by, row.made_at = Staff.objects.get(pk=by.member_id or 0), clock.now()
    row.answered_by, row.answered_at, row.read_by, row.read_at, row.keep = None, None, None, None, False
    row.save()
    return row


@action("agreement.send", may=may_send)
def letters(agreement: Agreement, *, by: Actor, address: Address, send: bool = False) -> list[Letter]:
    """A fresh link for each adult who may see the child's data; links given before end. `send`: by SMS as well."""
    links.end(AGREEMENT, object_id=agreement.pk)
    found = []
    for tie in families_of(agreement.record.visit):
        url = address(links.issue(AGREEMENT, person_id=tie.guardian_id, object_id=agreement.pk, lasts=LASTS))
        relation = str(RELATIONS.get(tie.relation, ""))
        with for_others():
            text = _("%(relation)s您好！家访时商量的事写好了，请点开您的专属链接看一看：%(url)s") % {
                "relation": relation,
                "url": url,
            }
            if send and tie.guardian.phone:
                outbox.say(
                    OutboxMessage.Channel.SMS, address=tie.guardian.phone, subject=_("家访约定"), body=text, url=url
                )
        found.append(Letter(f"letter-{tie.guardian_id}", tie.guardian.name, relation, text))
    return found


def families_of(visit: Visit) -> list[Guardianship]:
    """The adults of a visit's children who may see their data, each once."""
    rows = Guardianship.objects.filter(student__visits__visit=visit.pk, ends=None, sees_data=True)
    found: dict[int, Guardianship] = {}
    for row in rows.select_related("guardian").order_by("order", "pk"):
        found.setdefault(row.guardian_id, row)
    return list(found.values())


@action("agreement.confirm", may=may_confirm)
def confirm(agreement: Agreement, *, by: Actor, shown: str) -> Agreement:
    """The family says yes to the words it was shown; safe to repeat. Raises Conflict when they have changed since."""
    row = _locked(agreement, shown)
    if row.state == State.CONFIRMED:
        return row
    if row.state == State.CORRECTED:
        raise Conflict(_("您写的更正已经交给老师，老师改好后会再请您看。"))
    row.state = State.CONFIRMED
    return _answered(row, by)


@action("agreement.correct", may=may_read_agreement)
def correct(agreement: Agreement, *, by: Actor, text: str, shown: str) -> Agreement:
    """The family says what is wrong; it stands beside the record, and the teacher is told. Raises Invalid for none."""
    words = text.strip()
    if not words or len(words) > 500:
        raise Invalid(_("请写一下哪里不对，500 字以内。"))
    row = _locked(agreement, shown)
    row.state, row.correction, row.keep = State.CORRECTED, words, False
    _answered(row, by)
    account = row.made_by.account_id
    if account is not None and row.answered_at is not None:
        with for_others():
            outbox.say(
                OutboxMessage.Channel.IN_APP,
                account_id=account,
                subject=_("有家长更正了家访约定"),
                body=_("请看一看哪里不一样，改好后再请家长确认。"),
                url=reverse("visits:visit", kwargs={"org": by.org.slug, "pk": row.record.visit_id}),
                once_key=f"correction:{row.pk}:{row.answered_at.timestamp()}",
            )
    return row


@action("agreement.read", may=may_read_agreement)
def note_seen(agreement: Agreement, *, by: Actor, shown: str) -> Agreement:
    """Somebody who does not sign for the child, or holds the phone for another, has read it."""
    row = _locked(agreement, shown)
    row.read_by, row.read_at = _guardian(by), clock.now()
    row.save(update_fields=["read_by", "read_at"])
    return row


@action("agreement.keep", may=may_keep)
def keep(agreement: Agreement, *, by: Actor, is_kept: bool) -> Agreement:
    """Mark a confirmed agreement for the child's growth record, or take the mark away."""
    row = Agreement.objects.select_for_update().get(pk=agreement.pk)
    if row.state != State.CONFIRMED:
        raise Conflict(_("家长确认以后，才能放进成长档案。"))
    row.keep = is_kept
    row.save(update_fields=["keep"])
    return row


def _locked(agreement: Agreement, shown: str) -> Agreement:
    rows = Agreement.objects.select_for_update(of=("self",)).select_related("record", "made_by")
    row: Agreement = rows.get(pk=agreement.pk)
    if row.made_at.isoformat() != shown:
        raise Conflict(_("老师刚刚改了约定，请再看一次。"))
    return row


def _answered(row: Agreement, by: Actor) -> Agreement:
    row.answered_by, row.answered_at = _guardian(by), clock.now()
    row.save()
    return row


def _guardian(by: Actor) -> Guardian | None:
    return Guardian.objects.filter(pk=by.visitor.person_id or 0).first() if by.visitor else None
