"""What ties an adult to a child: the rights it gives, and its end."""

from koumen.core import clock, links
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.refusals import Conflict
from koumen.registry import policies
from koumen.registry.models import Guardianship


@action("guardian.set_rights", may=policies.may_manage_guardian)
def set_rights(tie: Guardianship, *, by: Actor, sees_data: bool, gets_notices: bool, may_sign: bool) -> Guardianship:
    """Say what this adult may do for this child; links that need a right taken away open nothing any more."""
    tie.sees_data, tie.gets_notices, tie.may_sign = sees_data, gets_notices, may_sign
    tie.save(update_fields=["sees_data", "gets_notices", "may_sign"])
    return tie


@action("guardian.end", may=policies.may_manage_guardian)
def end_guardianship(tie: Guardianship, *, by: Actor, because: str = "") -> Guardianship:
    """This adult is no longer the child's: every link the adult holds is dead at once. Raises Conflict when ended."""
    tie = Guardianship.objects.select_for_update().get(pk=tie.pk)
    if tie.ends is not None:
        raise Conflict
    tie.ends = max(tie.starts, clock.today())
    tie.save(update_fields=["ends"])
    links.end_all(tie.guardian_id)
    return tie
