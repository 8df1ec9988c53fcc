"""Audit the locked dependencies for known vulnerabilities.

A finding fails. Where the vulnerability data cannot be reached from this machine, that is said, and nothing is claimed.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements" / "run.txt"


def main() -> int:
    asked = [
        sys.executable,
        "-m",
        "pip_audit",
        "-r",
        str(LOCK),
        "--disable-pip",
        "--format",
        "json",
        "--progress-spinner",
        "off",
    ]
    try:
        answer = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=300)
        found = json.loads(answer.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, json.JSONDecodeError, KeyError):
        print("audit: the vulnerability data could not be reached; nothing was audited")
        return 0
    audited = [d for d in found if "vulns" in d]
    for dependency in audited:
        for hole in dependency["vulns"]:
            print(f"{dependency['name']} {dependency['version']}: {hole['id']}, mended in {hole['fix_versions']}")
    print(f"audit: {len(audited)} of {len(found)} dependencies could be audited")
    return 1 if any(d["vulns"] for d in audited) else 0


if __name__ == "__main__":
    sys.exit(main())
