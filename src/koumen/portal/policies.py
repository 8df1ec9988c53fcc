"""Who may read the log."""

from koumen.core.actor import Actor, OrgRef


def may_read_log(actor: Actor, org: OrgRef) -> bool:
    """The audit administrator alone; who acts does not audit."""
    return actor.holds("audit_admin")
