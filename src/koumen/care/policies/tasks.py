"""Who may give, do and confirm a task."""

from koumen.care.models import Task
from koumen.care.policies.help import STAFF_OF_CARE
from koumen.core.actor import Actor
from koumen.registry.models import Staff


def may_give(actor: Actor, owner: Staff) -> bool:
    """The school's people give tasks; so do jobs and, through what they ask for, families behind a link."""
    return owner.is_active and (actor.account_id is None or actor.holds(*STAFF_OF_CARE))


def may_finish(actor: Actor, task: Task) -> bool:
    """Its owner alone says that it is done."""
    return task.owner_id == actor.member_id


def may_drop(actor: Actor, task: Task) -> bool:
    """Whoever gave it, and the office."""
    return actor.member_id is not None and (task.given_by_id == actor.member_id or actor.holds("moral_office"))


def may_verify(actor: Actor, task: Task) -> bool:
    """Whoever gave it, and the office; never the owner."""
    return may_drop(actor, task) and task.owner_id != actor.member_id
