"""Test databases: one template with all migrations and the cast, copied for every test process."""

from hashlib import sha256
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from koumen.config import database
from tests import cast

SOURCES = (
    "src/koumen/*/migrations/*.py",
    "src/koumen/core/rls.py",
    "src/koumen/*/models/*.py",
    "src/koumen/*/models.py",
    "tests/cast.py",
    "requirements/run.txt",
)


def _stamp() -> str:
    root = Path(__file__).resolve().parent.parent
    digest = sha256()
    for pattern in SOURCES:
        for path in sorted(root.glob(pattern)):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def use(name: str) -> None:
    """Point both connections at another database of the same server."""
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name


def drop(admin: "psycopg.Connection[tuple[object, ...]]", name: str) -> None:
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def remove(name: str) -> None:
    """Drop a database of this server."""
    server: database.Server = settings.SERVER
    with psycopg.connect(server.dsn(server.admin_user, "postgres"), autocommit=True) as admin:
        drop(admin, name)


def copy_of_template(name: str, other: str | None = None) -> None:
    """Make database `name` a fresh copy of the template, which is built first when migrations or cast changed.

    `other` names another database to copy instead; nobody may be connected to it.
    """
    server: database.Server = settings.SERVER
    template = other or f"koumen_template_{_stamp()}"
    with psycopg.connect(server.dsn(server.admin_user, "postgres"), autocommit=True) as admin:
        admin.execute("SELECT pg_advisory_lock(99)")
        if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone():
            _build(admin, server, template)
        drop(admin, name)
        database.create_database(admin, server, name, template)


def _build(admin: "psycopg.Connection[tuple[object, ...]]", server: database.Server, template: str) -> None:
    for (old,) in admin.execute("SELECT datname FROM pg_database WHERE datname LIKE 'koumen_template_%'").fetchall():
        drop(admin, str(old))
    building = template + "_building"
    drop(admin, building)
    database.create_database(admin, server, building)
    use(building)
    call_command("migrate", verbosity=0)
    cast.build()
    use(building)
    admin.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(building), sql.Identifier(template)))
