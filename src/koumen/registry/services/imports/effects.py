"""What one row of a short file would do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Effect:
    """What one row would do, and the doing of it."""

    sheet: str
    row: int
    change: str
    label: str
    changes: list[dict[str, str]] = field(default_factory=list)
    act: Callable[[], object] = lambda: None


def differing(pairs: Sequence[tuple[str, Any, Any]]) -> list[dict[str, str]]:
    """The changes among (field, old, new); empty text and None say nothing."""
    return [{"field": f, "old": str(old), "new": str(new)} for f, old, new in pairs if new not in ("", None, old)]
