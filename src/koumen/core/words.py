"""Words put together the way the reader's language does it."""

from collections.abc import Iterable

from django.utils.translation import gettext as _


def listed(names: Iterable[object]) -> str:
    """Names one after the other: 甲、乙、丙 for Chinese readers, A, B, C for English ones."""
    return _("、").join(map(str, names))
