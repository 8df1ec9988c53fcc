"""Row-level security and rights, put on by `koumen migrate` after the migrations: no table can be forgotten."""

from django.apps import apps
from django.db import connections
from django.db.backends.utils import CursorWrapper

from koumen.core.wall import OrgModel

APP_ROLE = "koumen_app"
POLICY = "org = the scope's org"
SEES = "org_id = NULLIF(current_setting('koumen.org', true), '')::bigint"


def walled_tables() -> list[str]:
    """Tables of every walled model."""
    return sorted(m._meta.db_table for m in apps.get_models() if issubclass(m, OrgModel))


def append_only_tables() -> list[str]:
    """Tables whose model says `append_only`: the application role may read and add, nothing else."""
    return sorted(m._meta.db_table for m in apps.get_models() if getattr(m, "append_only", False))


def apply(alias: str = "owner") -> None:
    """Grant the application role its rights and put the wall on every walled table. Safe to repeat."""
    with connections[alias].cursor() as cursor:
        _grant(cursor)
        for table in walled_tables():
            cursor.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
            cursor.execute(f'DROP POLICY IF EXISTS "{POLICY}" ON "{table}"')
            cursor.execute(f'CREATE POLICY "{POLICY}" ON "{table}" USING ({SEES}) WITH CHECK ({SEES})')
        for table in append_only_tables():
            cursor.execute(f'REVOKE UPDATE, DELETE, TRUNCATE ON "{table}" FROM {APP_ROLE}')


def _grant(cursor: CursorWrapper) -> None:
    """Rights table by table: partitions and the log's chain heads stay out of reach."""
    cursor.execute(f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}")
    cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE}")
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p') AND NOT relispartition AND relname NOT IN ('core_audithead')"
    )
    for (table,) in cursor.fetchall():
        cursor.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO {APP_ROLE}')
