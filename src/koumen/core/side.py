"""A second connection, for what must be seen before the main transaction ends: a job's progress and its cancel."""

from threading import local
from typing import Any

from django.db import connection

_kept = local()


def _side() -> Any:
    side = getattr(_kept, "connection", None)
    if side is None or side.settings_dict["NAME"] != connection.settings_dict["NAME"]:
        side = _kept.connection = connection.copy(alias="side")
    return side


def side_execute(org_id: int, query: str, params: list[Any]) -> list[tuple[Any, ...]]:
    """Run one statement in one org's scope and commit it at once. Returns its rows, if it has any."""
    side = _side()
    side.close_if_unusable_or_obsolete()
    side.ensure_connection()
    with side.cursor() as cursor:
        cursor.execute("BEGIN")
        try:
            cursor.execute("SELECT set_config('koumen.org', %s, true)", [str(org_id)])
            cursor.execute(query, params)
            rows = cursor.fetchall() if cursor.description else []
            cursor.execute("COMMIT")
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
    return rows


def close_side() -> None:
    """Close this thread's second connection (at the end of a job or a test)."""
    side = getattr(_kept, "connection", None)
    if side is not None:
        side.close()
        _kept.connection = None
