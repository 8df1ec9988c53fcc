"""The log: who did what to what, in which org, and why. Only ever added to; PostgreSQL chains the rows."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, models

from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry


@dataclass(frozen=True)
class Broken:
    """The first row at which a chain does not hold."""

    chain: int
    seq: int


def label(target: object) -> str:
    """A short name of the row for the log: its class and number, never personal data."""
    if isinstance(target, models.Model):
        return f"{target._meta.label_lower}:{target.pk}"
    return ""


def write(
    actor: Actor,
    verb: str,
    target: object = None,
    *,
    kind: str = AuditEntry.WRITE,
    reason: str = "",
    changes: dict[str, object] | None = None,
) -> None:
    """Add one row. Its number in the chain and its hash are given by the database."""
    AuditEntry.objects.bulk_create([_entry(actor, verb, target, kind, reason, changes or {})])


def write_each(actor: Actor, verb: str, targets: Iterable[object]) -> None:
    """The same for many rows of one deed, in one statement."""
    AuditEntry.objects.bulk_create([_entry(actor, verb, target, AuditEntry.WRITE, "", {}) for target in targets])


def _entry(actor: Actor, verb: str, target: object, kind: str, reason: str, changes: dict[str, object]) -> AuditEntry:
    return AuditEntry(
        at=clock.now(),
        actor_id=actor.account_id,
        actor_name=actor.display_name,
        kind=kind,
        verb=verb,
        target=label(target),
        reason=reason[:500],
        changes=changes,
    )


def note_read(actor: Actor, what: str, target: models.Model, *, reason: str = "") -> None:
    """Note that a personal file, or the clear value of a masked field, was read."""
    write(actor, what, target, kind=AuditEntry.READ, reason=reason)


def broken_links() -> list[Broken]:
    """Check the scope's chains: recompute every hash. An empty list means intact."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT chain, seq FROM koumen_audit_broken(%s)", [scope.org_id()])
        return [Broken(chain, seq) for chain, seq in cursor.fetchall()]
