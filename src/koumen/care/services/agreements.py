"""The family's page of a case: what school and family do, in plain words; confirmed or corrected by link."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from koumen.care.models import Case, CaseAgreement, Measure
from koumen.care.policies.cases import (
    CASE_AGREEMENT,
    may_answer_agreement,
    may_confirm_agreement,
    may_send_agreement,
    may_work_on_case,
)
from koumen.care.presets.measures import PLAIN_WORDS, Kind
from koumen.care.services.casework import locked
from koumen.core import clock, links, outbox
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.models import OutboxMessage
from koumen.core.refusals import Conflict, Gone, Invalid
from koumen.core.words import for_others
from koumen.registry.models import Guardian, Guardianship, Staff
from koumen.registry.presets.codes import RELATIONS

LASTS = timedelta(days=60)
MOST_ITEMS, LONGEST_ITEM, LONGEST_CORRECTION = 10, 200, 500
State = CaseAgreement.State
Address = Callable[[str], str]  # a link's secret → its whole address


@dataclass(frozen=True)
class Letter:
    """One adult's personal link, to paste or send."""

    key: str
    name: str
    relation: str
    text: str


def drafted(case: Case) -> list[str]:
    """What the case's open help is, in the family's words. Reasons do not enter."""
    kinds = Measure.objects.open().filter(case=case).values_list("kind", flat=True)
    return [str(PLAIN_WORDS[Kind(kind)]) for kind in dict.fromkeys(kinds)]


@action("case_agreement.make", may=may_work_on_case)
def make_agreement(case: Case, *, by: Actor, items: list[str]) -> CaseAgreement:
    """Write down what the family will be shown. The same words keep the answer; others are asked anew, by new links.

    Raises Invalid for none, too many or too long ones.
    """
    lines = [line.strip() for line in items if line.strip()]
    if not lines:
        raise Invalid(_("请写下至少一条约定。"))
    if len(lines) > MOST_ITEMS or any(len(line) > LONGEST_ITEM for line in lines):
        raise Invalid(_("约定最多十条，每条不超过 200 个字。"))
    row = locked(case)
    last = CaseAgreement.objects.filter(case=row).first()
    if last is not None and last.items == lines and last.state in (State.ASKED, State.CONFIRMED):
        return last
    if last is not None:
        CaseAgreement.objects.filter(case=row, state=State.ASKED).update(state=State.WITHDRAWN)
        links.end(CASE_AGREEMENT, object_id=last.pk)
    return CaseAgreement.objects.create(
        case=row, items=lines, made_by=Staff.objects.get(pk=by.member_id or 0), made_at=clock.now()
    )


@action("case_agreement.send", may=may_send_agreement)
def letters(agreement: CaseAgreement, *, by: Actor, address: Address, send: bool = False) -> list[Letter]:
    """A fresh link for each adult who may see the child's data; links given before end. `send`: by SMS as well."""
    links.end(CASE_AGREEMENT, object_id=agreement.pk)
    found = []
    ties = Guardianship.objects.filter(student=agreement.case.student_id, ends=None, sees_data=True)
    for tie in ties.select_related("guardian").order_by("order", "pk"):
        url = address(links.issue(CASE_AGREEMENT, person_id=tie.guardian_id, object_id=agreement.pk, lasts=LASTS))
        relation = str(RELATIONS.get(tie.relation, ""))
        with for_others():
            text = _("%(relation)s您好！学校和您商量的共育约定写好了，请点开您的专属链接看一看：%(url)s") % {
                "relation": relation, "url": url,
            }  # fmt: skip
            if send and tie.guardian.phone:
                subject = _("共育约定")
                outbox.say(OutboxMessage.Channel.SMS, address=tie.guardian.phone, subject=subject, body=text, url=url)
        found.append(Letter(f"letter-{tie.guardian_id}", tie.guardian.name, relation, text))
    return found


@action("case_agreement.confirm", may=may_confirm_agreement)
def confirm(agreement: CaseAgreement, *, by: Actor) -> CaseAgreement:
    """The family says yes; safe to repeat. Raises Conflict after a correction, Gone when the case is over."""
    row = _answerable(agreement)
    if row.state == State.CORRECTED:
        raise Conflict(_("您写的更正已经交给老师，老师改好后会再请您看。"))
    if row.state == State.ASKED:
        row.state = State.CONFIRMED
        _answered(row, by)
    return row


@action("case_agreement.correct", may=may_answer_agreement)
def correct(agreement: CaseAgreement, *, by: Actor, text: str) -> CaseAgreement:
    """The family says what is wrong; the lead is told. Raises Invalid for none, Gone when the case is over."""
    words = text.strip()
    if not words or len(words) > LONGEST_CORRECTION:
        raise Invalid(_("请写一下哪里不对，500 字以内。"))
    row = _answerable(agreement)
    row.state, row.correction = State.CORRECTED, words
    _answered(row, by)
    lead = row.case.lead
    if lead is not None and lead.account_id is not None:
        with for_others():
            outbox.say(
                OutboxMessage.Channel.IN_APP,
                account_id=lead.account_id,
                subject=_("有家长更正了共育约定"),
                body=_("请看一看哪里不一样，改好后再请家长确认。"),
                url=reverse("care:case", kwargs={"org": by.org.slug, "pk": row.case_id}) + "?tab=team",
                once_key=f"case-correction:{row.pk}:{clock.now().timestamp():.0f}",
            )
    return row


def is_over(agreement: CaseAgreement) -> bool:
    """Whether the family's page tells nothing any more: the case is over, or other words have taken its place."""
    return not agreement.case.is_live or agreement.state == State.WITHDRAWN


def _answerable(agreement: CaseAgreement) -> CaseAgreement:
    rows = CaseAgreement.objects.select_for_update(of=("self",)).select_related("case__lead")
    row: CaseAgreement = rows.get(pk=agreement.pk)
    if is_over(row):
        raise Gone(_("这份约定已经结束，不用再回复。有事请联系班主任。"))
    return row


def _answered(row: CaseAgreement, by: Actor) -> None:
    row.answered_by = Guardian.objects.filter(pk=by.visitor.person_id or 0).first() if by.visitor else None
    row.answered_at = clock.now()
    row.save()
