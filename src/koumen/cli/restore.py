"""`koumen restore FILE`: a site as it was when the backup was made."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from koumen.cli import archive
from koumen.cli.data import server
from koumen.cli.say import Step, Stop, say
from koumen.config import database, env


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `koumen restore`."""
    parser.add_argument("file", type=Path, help="备份文件")
    parser.add_argument("--yes", action="store_true", help="现有数据可以被替换")


def run(options: argparse.Namespace) -> int:
    """Check the whole backup first; then replace database, files and keys. Nothing changes before it was checked."""
    if not tarfile.is_tarfile(options.file):
        raise Stop("这个文件不是叩门的备份，或已损坏，请另选一个。")
    data = env.data_folder()
    with tarfile.open(options.file) as tar, tempfile.TemporaryDirectory(dir=data) as name:
        folder = Path(name)
        with Step("正在核对备份"):
            manifest = _unpack(tar, folder)
        if _in_use() and not options.yes:
            raise Stop("这个站点里已有数据。确认要用备份替换它，请加上 --yes 再运行一次。")
        with Step("正在恢复数据库"):
            _restore_database(folder / archive.DUMP)
        with Step("正在恢复文件"):
            _restore_files(folder, data)
    # A fresh process: this one still holds the old keys and the old connections.
    after = [sys.executable, "-W", "ignore", "-m", "koumen.cli.main"]
    for command in (("migrate", "--force"), ("check",)):
        if subprocess.run([*after, *command], check=False).returncode:
            raise Stop("数据已恢复，但检查没有通过，上面的输出说明了原因。")
    _compare(manifest["counts"])
    say("恢复完成，与备份一致。")
    return 0


def _unpack(tar: tarfile.TarFile, folder: Path) -> dict[str, Any]:
    manifest = archive.read_manifest(tar)
    try:
        _extract(tar, folder)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise Stop("备份文件已损坏，没有改动任何内容。") from error
    for name, digest in manifest["sha256"].items():
        if not (folder / name).is_file() or archive.sha256(folder / name) != digest:
            raise Stop(f"备份文件已损坏（{name}），没有改动任何内容。")
    return manifest


def _extract(tar: tarfile.TarFile, folder: Path) -> None:
    """Plain files and folders inside `folder` and nothing else; Python before 3.11.4 has no filter that says so."""
    if hasattr(tarfile, "data_filter"):
        tar.extractall(folder, filter="data")
        return
    for member in tar.getmembers():
        inside = (folder / member.name).resolve().is_relative_to(folder.resolve())
        if not inside or not (member.isfile() or member.isdir()):
            raise tarfile.TarError(member.name)
        tar.extract(member, folder)


def _in_use() -> bool:
    at = server()
    with psycopg.connect(at.dsn(at.owner_user)) as db:
        found = db.execute("SELECT to_regclass('public.registry_org') IS NOT NULL").fetchone()
        if not found or not found[0]:
            return False
        row = db.execute("SELECT EXISTS (SELECT FROM registry_org)").fetchone()
        return bool(row and row[0])


def _restore_database(dump: Path) -> None:
    at = server()
    with psycopg.connect(at.dsn(at.admin_user, "postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(at.name)))
        database.create_database(admin, at, at.name)
    words = ("--no-owner", "--no-privileges", "--exit-on-error", f"--dbname={at.name}", str(dump))
    archive.tool("pg_restore", *words, dsn=at.dsn(at.owner_user))


def _restore_files(folder: Path, data: Path) -> None:
    """The keys of the backup open its fields; the password of the application role stays this server's."""
    kept, own = json.loads((folder / archive.SECRETS).read_text()), data / archive.SECRETS
    if own.exists():
        kept["KOUMEN_APP_PASSWORD"] = json.loads(own.read_text())["KOUMEN_APP_PASSWORD"]
    half = own.with_name(own.name + ".part")
    half.touch(mode=0o600)
    half.write_text(json.dumps(kept, indent=1))
    os.replace(half, own)
    shutil.rmtree(data / archive.FILES, ignore_errors=True)
    if (folder / archive.FILES).exists():
        shutil.move(folder / archive.FILES, data / archive.FILES)


def _compare(expected: dict[str, int]) -> None:
    found = archive.counts()
    # Applied migrations are counted anew by this version, which may be newer than the backup's.
    differing = [t for t, n in expected.items() if t != "django_migrations" and found.get(t, 0) < n]
    if differing:
        raise Stop(f"恢复后行数不符：{'、'.join(differing)}。请保留备份并联系维护人员。")
