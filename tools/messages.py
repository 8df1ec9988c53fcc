"""Translations: collect what people read, keep each app's English catalogue in step, compile it.

python tools/messages.py update    # add new strings to the catalogues, drop unused ones
python tools/messages.py compile   # .po → .mo (part of `make setup`)
python tools/messages.py missing   # list what has no English yet
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

SRC = Path(__file__).resolve().parents[1] / "src" / "koumen"
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
CALL_IN_TEMPLATE = re.compile(r"\b(_|gettext|ngettext)\(")
Message = str | tuple[str, str]


def apps() -> list[Path]:
    """Every package of ours that speaks."""
    return sorted(p for p in SRC.iterdir() if (p / "__init__.py").exists() and p.name != "planner")


def _message(call: ast.Call) -> Message | None:
    words = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if not words or name not in CALLS:
        return None
    return (words[0], words[1]) if name.startswith("n") and len(words) > 1 else words[0]


def in_python(source: str) -> Iterator[Message]:
    """Messages of the gettext calls in Python source."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and (found := _message(node)):
            yield found


def in_template(source: str) -> Iterator[Message]:
    """Messages of the translate and blocktranslate tags of a template."""
    plain = templatize(source)
    for start in CALL_IN_TEMPLATE.finditer(plain):
        for end in (m.end() for m in re.finditer(r"\)", plain[start.start() :])):
            try:
                call = ast.parse(plain[start.start() : start.start() + end].strip(), mode="eval").body
            except SyntaxError:
                continue
            if isinstance(call, ast.Call) and (found := _message(call)):
                yield found
            break


def collect(app: Path) -> set[Message]:
    """Every message of one app."""
    found: set[Message] = set()
    for path in sorted(app.rglob("*.py")):
        if "migrations" not in path.parts:
            found.update(in_python(path.read_text()))
    for path in sorted(app.rglob("*.html")):
        found.update(in_template(path.read_text()))
    return {m for m in found if re.search(r"[\u3001\u4e00-\u9fff]", m if isinstance(m, str) else m[0])}


def catalogue_path(app: Path) -> Path:
    return app / "locale" / "en" / "LC_MESSAGES" / "django.po"


def load(app: Path) -> Catalog:
    """The app's English catalogue; an empty one when there is none."""
    path = catalogue_path(app)
    if not path.exists():
        return Catalog(locale="en")
    with path.open("rb") as file:
        return read_po(file, locale="en")


def missing(app: Path) -> list[str]:
    """Messages of the app without an English text."""
    catalogue = load(app)
    wanted = sorted(collect(app), key=str)
    return [str(m) for m in wanted if not (found := catalogue.get(m)) or not found.string or found.fuzzy]


def update(app: Path) -> int:
    """Bring the app's catalogue in step with its sources. Returns how many messages it has."""
    old, fresh = load(app), Catalog(locale="en", project="koumen", version="", copyright_holder="")
    fresh.mime_headers  # noqa: B018  (babel fills the headers when they are first read)
    for message in sorted(collect(app), key=str):
        kept = old.get(message)
        fresh.add(message, string=kept.string if kept and kept.string else None)
    if not len(fresh):
        return 0
    path = catalogue_path(app)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, fresh, width=110, omit_header=False, sort_output=True, no_location=True)
    text = re.sub(
        r'"(POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Report-Msgid[^:]*):.*\n',
        "",
        path.read_text(),
    )
    path.write_text(re.sub(r"\A(#.*\n)+", "", text))
    return len(fresh)


def compile_all() -> int:
    """Write the .mo files Django reads. Returns how many."""
    made = 0
    for app in apps():
        path = catalogue_path(app)
        if path.exists():
            with path.with_suffix(".mo").open("wb") as file:
                write_mo(file, load(app))
            made += 1
    return made


def main() -> int:
    verb = sys.argv[1] if len(sys.argv) == 2 else ""
    if verb == "update":
        for app in apps():
            print(f"{app.name}: {update(app)} messages, {len(missing(app))} without English")
    elif verb == "compile":
        print(f"{compile_all()} catalogues compiled")
    elif verb == "missing":
        for app in apps():
            for message in missing(app):
                print(f"{app.name}\t{message}")
    else:
        print(__doc__)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
