"""What an office program makes of our Word and Excel files: printed by LibreOffice where there is one."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pypdf import PdfReader

MM = 25.4 / 72


@dataclass(frozen=True)
class Page:
    """A printed page: its size in mm, and its words."""

    width: float
    height: float
    text: str


def as_pdf(content: bytes, kind: str, folder: Path) -> Path:
    """The file printed by LibreOffice. Raises CalledProcessError when it cannot be opened."""
    file = folder / f"printed.{kind}"
    file.write_bytes(content)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(file)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return file.with_suffix(".pdf")


def printed(content: bytes, kind: str, folder: Path) -> Iterator[list[Page]]:
    """The pages, once; nothing on a machine without LibreOffice, whose tests still look at the file itself."""
    if not shutil.which("soffice"):
        return
    pages = PdfReader(as_pdf(content, kind, folder)).pages
    yield [Page(float(p.mediabox.width) * MM, float(p.mediabox.height) * MM, p.extract_text()) for p in pages]
