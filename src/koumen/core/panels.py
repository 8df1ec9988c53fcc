"""Places on the pages of an app where apps above it show something of theirs.

An app registers in its `ready`; a page asks for everything registered at its place. Nothing is imported upwards.
"""

from collections.abc import Callable, Sequence
from typing import Any

from koumen.core.actor import Actor
from koumen.core.requests import Request

Panel = Callable[[Request, Any], str]
Marks = Callable[[Actor, Sequence[int]], dict[int, str]]
_PANELS: dict[str, list[Panel]] = {}
_MARKS: dict[str, list[Marks]] = {}


def panel(place: str) -> Callable[[Panel], Panel]:
    """Register `fn(request, row) -> html` for a place of a row's page; "" shows nothing."""

    def keep(fn: Panel) -> Panel:
        _PANELS.setdefault(place, []).append(fn)
        return fn

    return keep


def marks(place: str) -> Callable[[Marks], Marks]:
    """Register `fn(actor, ids) -> {id: word}` for a list: one word beside some of its rows, for all rows at once."""

    def keep(fn: Marks) -> Marks:
        _MARKS.setdefault(place, []).append(fn)
        return fn

    return keep


def panels_of(place: str, request: Request, row: Any) -> list[str]:
    """The panels of a row's page, those with something to show."""
    return [html for fn in _PANELS.get(place, ()) if (html := fn(request, row))]


def marks_of(place: str, actor: Actor, ids: Sequence[int]) -> dict[int, list[str]]:
    """The words beside each row of a list."""
    found: dict[int, list[str]] = {}
    for fn in _MARKS.get(place, ()):
        for pk, word in fn(actor, ids).items():
            found.setdefault(pk, []).append(word)
    return found
