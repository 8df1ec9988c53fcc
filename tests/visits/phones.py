"""A phone as the interface sees one: signs in, sends records and pieces of files."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

from django.test import Client
from PIL import Image

from koumen.visits.models import Visit
from tests.visits.stories import EVENING, LATER

PIECE = 64 * 1024


@dataclass
class Phone:
    """One teacher's phone. `client` is signed in; every answer is (status, what was said)."""

    client: Client
    org: str = "hill"
    now: datetime = LATER
    device: str = field(default_factory=lambda: uuid4().hex[:12])

    def send(self, record: UUID, visit: Visit | None, **more: Any) -> tuple[int, Any]:
        """Put a record; `entry` changes answers, everything else the envelope."""
        return self.send_body(record, self.body(visit, **more))

    def send_body(self, record: UUID, body: dict[str, Any]) -> tuple[int, Any]:
        """Put what was said, byte for byte."""
        url = f"/s/{self.org}/api/visits/{record}"
        return self.answer(self.client.put(url, json.dumps(body), content_type="application/json"))

    def body(self, visit: Visit | None, **more: Any) -> dict[str, Any]:
        """What the recorder sends for three taps."""
        students = [row.student_id for row in visit.students.all()] if visit else []
        along = [row.staff_id for row in visit.companions.all()] if visit else []
        said = answers(students) | {"companions": along} | more.pop("entry", {})
        return {
            "visit": str(visit.pk) if visit else None,
            "device": self.device,
            "client_time": self.now.isoformat(),
            "entry": said,
        } | more

    def piece(self, record: UUID, content: bytes, start: int = 0, stop: int | None = None) -> tuple[int, Any]:
        """Put bytes start–stop of a file."""
        stop = min(len(content), start + PIECE) if stop is None else stop
        response = self.client.put(
            f"/s/{self.org}/api/visits/{record}/files/{name_of(content)}",
            content[start:stop],
            content_type="application/octet-stream",
            headers={"Content-Range": f"bytes {start}-{stop - 1}/{len(content)}"},
        )
        return self.answer(response)

    def get(self, path: str) -> tuple[int, Any]:
        """Ask for something below the interface."""
        return self.answer(self.client.get(f"/s/{self.org}/api/{path}"))

    @staticmethod
    def answer(response: Any) -> tuple[int, Any]:
        """Every answer is JSON, refusals too."""
        assert response.headers["Content-Type"].startswith("application/json"), response.content[:200]
        return response.status_code, response.json()


def answers(students: list[int], at: datetime = EVENING) -> dict[str, Any]:
    """Three answers and the times of a visit."""
    return {
        "mode": "01",
        "met_relation": "52",
        "topics": ["study"],
        "starts_at": at.isoformat(),
        "ends_at": (at + timedelta(minutes=40)).isoformat(),
        "students": students,
    }


def name_of(content: bytes) -> str:
    """The name a file goes by."""
    return hashlib.sha256(content).hexdigest()


def announced(content: bytes, kind: str = "photo") -> dict[str, Any]:
    """A file as the record names it."""
    return {"hash": name_of(content), "kind": kind, "size": len(content)}


def photo(width: int = 900, seed: int = 1) -> bytes:
    """A picture that does not compress away, with a place in its metadata as phones write it."""
    picture = Image.effect_noise((width, width * 3 // 4), 90).convert("RGB")
    picture.putpixel((0, 0), (seed % 256, 1, 2))
    exif = Image.Exif()
    exif[0x010F] = "SomePhone"
    exif.get_ifd(0x8825)[2] = (23.0, 3.0, 7.0)
    out = BytesIO()
    picture.save(out, "JPEG", quality=90, exif=exif)
    return out.getvalue()
