"""Who lets a case go with its child to another school, and who takes it in."""

from koumen.care.models import Case, CaseTransfer
from koumen.care.models.referrals import Way
from koumen.care.policies.cases import may_work_on_case
from koumen.core.actor import Actor


def may_ask_transfer(actor: Actor, case: Case) -> bool:
    """Whoever works in it. Suspected harm does not travel this way: it is referred by the persons named."""
    return case.kind == Case.Kind.CARE and may_work_on_case(actor, case)


def may_answer_transfer(actor: Actor, transfer: CaseTransfer) -> bool:
    """The office of the school that is asked."""
    return transfer.way == Way.IN and actor.member_id is not None and actor.holds("moral_office")


def may_withdraw_transfer(actor: Actor, transfer: CaseTransfer) -> bool:
    """Whoever works in the case, while nobody answered."""
    return transfer.way == Way.OUT and transfer.case is not None and may_work_on_case(actor, transfer.case)


def may_read_transfer(actor: Actor, transfer: CaseTransfer) -> bool:
    """Whoever sees the row; the rows know who does."""
    return actor.member_id is not None
