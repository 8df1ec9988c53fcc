"""`koumen backup FILE`: database, files and keys in one file."""

import argparse
import json
import os
import tarfile
import tempfile
from importlib.metadata import version
from pathlib import Path

from koumen.cli import archive
from koumen.cli.data import server
from koumen.cli.say import Step, say
from koumen.config import env
from koumen.core import clock


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `koumen backup`."""
    parser.add_argument("file", type=Path, help="备份文件，例如 koumen.tar")


def run(options: argparse.Namespace) -> int:
    """Write the backup beside its final name and move it there when it is whole."""
    target: Path = options.file.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(target.name + ".part")
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        dump = Path(folder) / archive.DUMP
        with Step("正在备份数据库"):
            at = server()
            # Counted before the dump: rows added meanwhile are in the dump, none are missing from it.
            before = archive.counts()
            words = ("--format=custom", "--no-owner", "--no-privileges", f"--file={dump}")
            archive.tool("pg_dump", *words, dsn=at.dsn(at.owner_user))
        with Step("正在打包文件"):
            _pack(half, dump, before)
    os.replace(half, target)
    say(f"备份完成：{target}（{target.stat().st_size / 1_048_576:.1f} MB）。其中含有解密用的密钥，请妥善保管。")
    return 0


def _pack(half: Path, dump: Path, before: dict[str, int]) -> None:
    data = env.data_folder()
    manifest = {
        "format": archive.FORMAT,
        "version": version("koumen"),
        "made": clock.now().isoformat(),
        "counts": before,
        "sha256": {archive.DUMP: archive.sha256(dump)},
    }
    half.touch(mode=0o600)
    half.chmod(0o600)
    with tarfile.open(half, "w") as tar:
        files = list(archive.stored_files())
        for path in files:
            name = str(path.relative_to(data))
            manifest["sha256"][name] = archive.sha256(path)  # type: ignore[index]
        note = dump.with_name(archive.MANIFEST)
        note.write_text(json.dumps(manifest, ensure_ascii=False, indent=1))
        tar.add(note, archive.MANIFEST)
        tar.add(dump, archive.DUMP)
        tar.add(data / archive.SECRETS, archive.SECRETS)
        for path in files:
            tar.add(path, str(path.relative_to(data)))
