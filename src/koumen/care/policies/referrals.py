"""Who refers a matter to others, and who answers. The receiver sees its own copy alone."""

from typing import Any

from koumen.care.models import Case, Referral
from koumen.care.models.referrals import Way
from koumen.care.policies.cases import may_work_on_case
from koumen.care.policies.help import STAFF_OF_CARE
from koumen.core.actor import Actor

To = Referral.To
# They have no account here: a printed letter goes, and what they answer is written down by the sender.
PARTNERS = (To.COMMUNITY, To.CIVIL, To.POLICE, To.YOUTH, To.HEALTH, To.OTHER)
RECEIVERS = ("moral_office", "bureau_officer")


def may_see_referrals(actor: Actor, target: Any = None) -> bool:
    """The page of what was sent and what came; what stands on it is asked of the rows."""
    return actor.holds(*STAFF_OF_CARE, "bureau_officer")


def may_refer(actor: Actor, case: Case) -> bool:
    """Whoever works in the case."""
    return may_work_on_case(actor, case)


def may_answer(actor: Actor, referral: Referral) -> bool:
    """Whom it was sent to by name; else the office of the school or the bureau."""
    if referral.way != Way.IN or actor.member_id is None:
        return False
    if referral.to_staff_id is not None:
        return referral.to_staff_id == actor.member_id
    return actor.holds(*RECEIVERS)


def may_follow_up(actor: Actor, referral: Referral) -> bool:
    """The sender's side: take it back, print it, write down what a partner answered."""
    return referral.way == Way.OUT and referral.case is not None and may_work_on_case(actor, referral.case)


def may_read_referral(actor: Actor, referral: Referral) -> bool:
    """Whoever sees the row; the rows know who does."""
    return actor.member_id is not None
