"""The data folder and the database server, as commands use them."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import psycopg
from psycopg import sql

from koumen.config import database, env

PACKAGE = Path(__file__).resolve().parents[1]
SCHEMA_SOURCES = ("*/migrations/*.py", "core/rls.py", "core/management/commands/migrate.py")
SCHEMA_PACKAGES = ("django", "django-allauth", "procrastinate")


def server() -> database.Server:
    """Where the site's database is."""
    folder = env.data_folder()
    return database.locate(folder, env.load_secrets(folder).app_password, env.read("KOUMEN_DATABASE"))


def is_running() -> bool:
    """Whether the database server answers."""
    at = server()
    if at.host.startswith("/"):
        path = Path(at.host) / f".s.PGSQL.{at.port}"
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(path)) == 0 if len(str(path)) < 100 else path.exists()
    with socket.socket() as probe:
        probe.settimeout(5)
        return probe.connect_ex((at.host, int(at.port))) == 0


@contextmanager
def database_running() -> Iterator[bool]:
    """The server runs inside the block, and is stopped afterwards if this started it. Yields whether it did."""
    folder = env.data_folder()
    ours = not is_running()
    database.start(folder)
    try:
        database.prepare(server())
        yield ours
    finally:
        if ours:
            database.stop(folder)


def schema() -> str:
    """A fingerprint of everything that makes the tables."""
    digest = sha256()
    for pattern in SCHEMA_SOURCES:
        for path in sorted(PACKAGE.glob(pattern)):
            digest.update(str(path.relative_to(PACKAGE)).encode() + path.read_bytes())
    for package in SCHEMA_PACKAGES:
        digest.update(f"{package} {version(package)}".encode())
    return f"koumen schema {digest.hexdigest()[:16]}"


def is_migrated() -> bool:
    """Whether the database was migrated by exactly this code: its comment carries the fingerprint."""
    at = server()
    with psycopg.connect(at.dsn(at.owner_user), autocommit=True) as db:
        row = db.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    return row is not None and row[0] == schema()


def note_migrated() -> None:
    """Write the fingerprint on the database."""
    at = server()
    with psycopg.connect(at.dsn(at.owner_user), autocommit=True) as db:
        db.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(at.name), sql.Literal(schema())))
