"""Where the built front end lies: the manifest of Vite, read once."""

import json
import logging
from functools import lru_cache
from pathlib import Path
from typing import TypedDict

from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

log = logging.getLogger(__name__)


class Chunk(TypedDict, total=False):
    file: str
    css: list[str]
    imports: list[str]


Manifest = dict[str, Chunk]


@lru_cache(maxsize=4)
def _read(path: Path, _changed_ns: int) -> Manifest:
    # The time of change is part of the key, so a rebuild shows without a restart.
    chunks: Manifest = json.loads(path.read_text(encoding="utf-8"))
    return chunks


def manifest(folder: Path | None = None) -> Manifest:
    """The chunks by source name, of the pages or of another build; empty until the front end has been built."""
    path = (folder or Path(settings.KOUMEN_WEB_DIST)) / "manifest.json"
    try:
        return _read(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        log.warning("The front end is not built yet: run tools/front_end.py")
        return {}


def _with_imports(chunks: Manifest, source: str) -> list[str]:
    """The entry and everything it imports, the entry last, nothing twice."""
    found: list[str] = []

    def walk(key: str) -> None:
        for imported in chunks[key].get("imports", []):
            walk(imported)
        if key not in found:
            found.append(key)

    walk(source)
    return found


def tags(name: str) -> SafeString:
    """The <link> and <script> elements of an entry such as "main"."""
    chunks = manifest()
    source = f"src/{name}.ts"
    if source not in chunks:
        if chunks:
            raise LookupError(f"web/vite.config.ts has no entry {name!r}")
        return mark_safe("<!-- the front end is not built -->")
    keys = _with_imports(chunks, source)
    styles = [static(css) for key in keys for css in chunks[key].get("css", [])]
    links = format_html_join("\n", '<link rel="stylesheet" href="{}">', ((s,) for s in styles))
    shared = [static(chunks[key]["file"]) for key in keys[:-1]]
    preloads = format_html_join("", '<link rel="modulepreload" href="{}">', ((s,) for s in shared))
    entry = static(chunks[source]["file"])
    # Theme and type size must be known before the first paint, so this one blocks.
    script = '<script src="{}"></script>' if name == "early" else '<script type="module" src="{}"></script>'
    return format_html("{}{}{}", links, preloads, format_html(script, entry))


def file_url(source: str) -> str:
    """The address of one built file such as the icon sprite."""
    chunk = manifest().get(source)
    return static(chunk["file"]) if chunk else ""
