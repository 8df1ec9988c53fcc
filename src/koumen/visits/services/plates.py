"""A Word page set once and printed many times: only the words in its boxes change. No words of the domain.

A document built for each paper costs ten times as much as its words do: every part is parsed, changed and written
again. Here the parts are read once, and a print puts escaped text between pieces of XML that never change.
"""

import re
import zipfile
from collections.abc import Mapping
from io import BytesIO
from xml.sax.saxutils import escape

from docx.document import Document as WordDocument

from koumen.core import word

# A box of a plate while it is set: no text of ours or of a template holds these signs.
_OPEN, _CLOSE = "\ue000", "\ue001"
_BOX = re.compile(f"<w:t(?: [^>]*)?>{_OPEN}(.*?){_CLOSE}</w:t>")
_BREAKS = {"\n": "<w:br/>", "\t": "<w:tab/>"}
_ANY_BREAK = re.compile(r"([\n\t])")


def box(name: str) -> str:
    """What stands in the document where the words called `name` will be printed."""
    return f"{_OPEN}{name}{_CLOSE}"


def _run(text: str) -> str:
    """Text inside a run, as python-docx writes it: breaks of lines are elements of their own."""
    pieces = _ANY_BREAK.split(word.clean(text))
    return "".join(
        _BREAKS.get(piece) or f'<w:t xml:space="preserve">{escape(piece)}</w:t>' for piece in pieces if piece
    )


class Plate:
    """A document with boxes, ready to be printed."""

    def __init__(self, document: WordDocument) -> None:
        self._fixed: list[tuple[str, bytes]] = []
        self._set: list[tuple[str, list[str]]] = []  # of each part with boxes: XML, name, XML, name, … XML
        with zipfile.ZipFile(BytesIO(word.as_bytes(document))) as parts:
            for name in parts.namelist():
                content = parts.read(name)
                if _OPEN.encode() in content:
                    self._set.append((name, _BOX.split(content.decode())))
                else:
                    self._fixed.append((name, content))

    def print(self, words: Mapping[str, str]) -> bytes:
        """The document with these words in its boxes. Raises KeyError for a box without words."""
        out = BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as parts:
            for name, content in self._fixed:
                parts.writestr(name, content)
            for name, pieces in self._set:
                filled = [_run(words[piece]) if at % 2 else piece for at, piece in enumerate(pieces)]
                parts.writestr(name, "".join(filled))
        return out.getvalue()
