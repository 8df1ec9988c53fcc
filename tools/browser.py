"""Have what browser tests need: Chromium and Chinese fonts, from the system or through its package manager."""

import os
import shutil
import subprocess
import sys

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def missing() -> list[str]:
    """Debian packages that are needed and not there."""
    wanted = [] if any(map(shutil.which, BROWSERS)) else ["chromium"]
    fonts = (
        subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=False)
        if shutil.which("fc-list")
        else None
    )
    if fonts is None or not fonts.stdout.strip():
        wanted += ["fontconfig", "fonts-noto-cjk"]
    return wanted


def main() -> int:
    wanted = missing()
    if not wanted:
        return 0
    print(f"setup: {', '.join(wanted)} (system packages for the browser tests)", flush=True)
    if not shutil.which("apt-get"):
        print("There is no apt-get here: install Chromium and a Chinese font by hand, then try again.")
        return 1
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    quiet = {"stdout": subprocess.DEVNULL, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
    subprocess.run([*root, "apt-get", "update", "-qq"], check=False, **quiet)  # type: ignore[call-overload]
    install = [*root, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *wanted]
    return subprocess.run(install, check=False, **quiet).returncode  # type: ignore[call-overload, no-any-return]


if __name__ == "__main__":
    sys.exit(main())
