"""Who prepares a visit, and who answers when asked about a child."""

from koumen.core.actor import Actor
from koumen.visits.models import Remark, Visit
from koumen.visits.policies.visits import may_record


def may_prepare(actor: Actor, visit: Visit) -> bool:
    """Whoever will go, and the class teacher of one of the children."""
    return may_record(actor, visit)


def may_answer(actor: Actor, remark: Remark) -> bool:
    """Whoever was asked."""
    return actor.member_id is not None and remark.teacher_id == actor.member_id
