"""Words put together the way the reader's language does it."""

from collections.abc import Iterable
from contextlib import AbstractContextManager

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override


def listed(names: Iterable[object]) -> str:
    """Names one after the other: 甲、乙、丙 for Chinese readers, A, B, C for English ones."""
    return _("、").join(map(str, names))


def for_others() -> AbstractContextManager[None]:
    """Within it, words are the site's own language: for what somebody else will read, whoever pressed the button."""
    return override(settings.LANGUAGE_CODE)
