"""Who may print a handbook of visits."""

from koumen.core.actor import Actor
from koumen.registry.models import Staff
from koumen.visits.policies.visits import may_keep_records


def may_print_handbook(actor: Actor, staff: Staff) -> bool:
    """Everybody their own: it holds only visits on which they went themselves."""
    return may_keep_records(actor) and actor.member_id == staff.pk
