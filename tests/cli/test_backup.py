"""`koumen backup` and `koumen restore`: a site comes back as it was, from one file."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from koumen.config import database
from tests.environment import ROOT


class OwnSite:
    """A site with a data folder and a database server of its own."""

    def __init__(self, data: Path) -> None:
        self.data = data
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("KOUMEN_", "DATABASE_URL"))}
        self.environment = kept | {"KOUMEN_DATA": str(data), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-W", "ignore", *words]
        return subprocess.run(command, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False)

    def koumen(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return self.run("-m", "koumen.cli.main", *words)

    def rows(self) -> dict[str, Any]:
        ended = self.run("-m", "tests.cli.site_of_rows")
        assert ended.returncode == 0, ended.stderr
        told: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
        return told

    def wipe(self) -> None:
        database.stop(self.data)
        shutil.rmtree(self.data)


@pytest.fixture
def own_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnSite]:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    site = OwnSite(tmp_path / "data")
    database.start(site.data)  # kept running, so that the commands below do not start and stop it each time
    assert site.koumen("migrate").returncode == 0
    yield site
    database.stop(site.data)


def test_backup_wipe_restore(own_site: OwnSite, tmp_path: Path) -> None:
    before, file = own_site.rows(), tmp_path / "koumen.tar"
    assert own_site.koumen("backup", str(file)).returncode == 0
    assert file.stat().st_mode & 0o077 == 0
    own_site.wipe()
    database.start(own_site.data)
    restored = own_site.koumen("restore", str(file))
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert own_site.rows() == before
    assert (before["broken"], before["log"], before["file"], len(before["children"])) == (0, 5, "月报", 6)


def test_nothing_changes_for_a_damaged_file_or_a_site_in_use(own_site: OwnSite, tmp_path: Path) -> None:
    before, file = own_site.rows(), tmp_path / "koumen.tar"
    assert own_site.koumen("backup", str(file)).returncode == 0
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    damaged, other = tmp_path / "damaged.tar", tmp_path / "other.txt"
    damaged.write_bytes(content)
    other.write_text("别的文件")
    for wrong, word in ((damaged, "损坏"), (other, "不是叩门的备份"), (file, "--yes")):
        refused = own_site.koumen("restore", str(wrong))
        assert refused.returncode == 1
        assert word in refused.stderr
    assert own_site.rows() == before
