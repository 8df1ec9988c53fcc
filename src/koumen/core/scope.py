"""Whose data may be touched right now (the wall's gate house).

A scope is a transaction: on entering it the org's number is told to PostgreSQL for that transaction alone
(`set_config(..., is_local => true)`), so row-level security holds raw SQL too, and holds it just as well behind a
transaction pooler, where nothing outlives a transaction.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection, transaction


class NoScope(Exception):
    """Tenant rows were touched outside `enter()`, or in another org's name."""


_current: ContextVar[int | None] = ContextVar("koumen_scope", default=None)


def peek() -> int | None:
    """The org whose scope is open, or None."""
    return _current.get()


def org_id() -> int:
    """The org whose scope is open. Raises NoScope when none is."""
    here = _current.get()
    if here is None:
        raise NoScope("enter a scope before touching tenant rows")
    return here


def _tell(org: int | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('koumen.org', %s, true)", [str(org) if org else ""])


@contextmanager
def enter(org: int) -> Iterator[None]:
    """Open one org's scope: one transaction in which only its rows exist. Scopes nest; the outer one returns."""
    before, is_outermost = _current.get(), not connection.in_atomic_block
    with transaction.atomic():
        _tell(org)
        token = _current.set(org)
        try:
            yield
        finally:
            _current.reset(token)
            # With the outermost transaction, what PostgreSQL was told ends by itself.
            if not is_outermost and connection.in_atomic_block and not connection.needs_rollback:
                _tell(before)
