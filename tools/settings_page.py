"""Writes docs/settings.md from the one list of settings (`koumen.config.env.KNOWN`); a test holds them in step."""

import sys
from pathlib import Path

from koumen.config.env import KNOWN

PAGE = Path(__file__).resolve().parents[1] / "docs" / "settings.md"
HEAD = """# Settings

Made by `python tools/settings_page.py` from `src/koumen/config/env.py`. All of them are environment variables; a
misspelt `KOUMEN_…` stops the start. `DATABASE_URL` names an external PostgreSQL (15 or newer) whose user may create
roles and databases; without it the embedded one below `KOUMEN_DATA` is used.

| Variable | Default | What it does |
|---|---|---|
"""


def page() -> str:
    """The page's text."""
    quoted = ((name, f"`{default}`" if default else "—", text) for name, (default, text) in KNOWN.items())
    return HEAD + "".join(f"| `{name}` | {default} | {text} |\n" for name, default, text in quoted)


def main() -> int:
    PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
