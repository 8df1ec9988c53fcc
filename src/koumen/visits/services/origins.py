"""From which phone a record came, and in which forms it was sent: the same bytes again are the same record."""

from dataclasses import dataclass

from koumen.visits.models import RecordOrigin, VisitRecord
from koumen.visits.services.files import Announced, announce

MOST_FORMS = 20  # a phone that sends more than this many versions starts to be asked for conflicts


@dataclass(frozen=True)
class Origin:
    """What a phone says with a record. `digest` is the hash of what it sent, byte for byte in meaning."""

    device: str
    skew_seconds: int
    digest: str
    files: tuple[Announced, ...] = ()


def was_sent(record: VisitRecord, origin: Origin | None) -> bool:
    """Whether this very content has been accepted before."""
    kept = RecordOrigin.objects.filter(record=record).first() if origin else None
    return kept is not None and origin is not None and origin.digest in kept.sent


def keep_origin(record: VisitRecord, origin: Origin | None, *, is_new: bool = False) -> None:
    """Note where the record came from and which files belong to it; nothing for records typed on a page."""
    if origin is None:
        return
    row = None if is_new else RecordOrigin.objects.filter(record=record).first()
    if row is None:
        RecordOrigin.objects.create(
            record=record, device=origin.device, skew_seconds=origin.skew_seconds, sent=[origin.digest]
        )
    elif origin.digest not in row.sent:
        row.sent = [*row.sent, origin.digest][-MOST_FORMS:]
        row.save(update_fields=["sent"])
    if origin.files:
        announce(record, origin.files)
