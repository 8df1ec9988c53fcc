"""Counting tries from outside, where no account and no scope is known yet: guessed links, new links asked for.

The counts lie in one table, so every web process sees the same ones. What is counted is known by a keyed hash only.
"""

from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.http import HttpRequest

from koumen.core import clock, crypto
from koumen.core.models import Tally
from koumen.core.refusals import TooMany


def origin(request: HttpRequest) -> str:
    """Where a request comes from: the address the nearest proxy saw, or the caller's own."""
    passed = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[-1].strip()
    return passed if passed and settings.SECURE_PROXY_SSL_HEADER else str(request.META.get("REMOTE_ADDR", ""))


def count(what: str, who: str, per: timedelta) -> int:
    """Count one try of `who`; how many there were in the stretch of time `per`, this one included."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_tally AS kept (key, since, times) VALUES (%(key)s, %(now)s, 1)"
            " ON CONFLICT (key) DO UPDATE SET times = CASE WHEN kept.since <= %(old)s THEN 1 ELSE kept.times + 1 END,"
            " since = CASE WHEN kept.since <= %(old)s THEN %(now)s ELSE kept.since END RETURNING times",
            {"key": _key(what, who), "now": now, "old": now - per},
        )
        return int(cursor.fetchone()[0])


def used(what: str, who: str, per: timedelta) -> int:
    """How many tries were counted in the stretch that is running; counts nothing."""
    row = Tally.objects.filter(key=_key(what, who), since__gt=clock.now() - per).first()
    return row.times if row else 0


def require_below(what: str, who: str, times: int, per: timedelta) -> None:
    """Raise TooMany once `times` tries have been counted; counts nothing itself."""
    if used(what, who, per) >= times:
        refusal = TooMany()
        refusal.retry_after = int(per.total_seconds())
        raise refusal


def forget(older_than: timedelta) -> int:
    """Delete counts nobody asks for any more. Returns how many."""
    return Tally.objects.filter(since__lt=clock.now() - older_than).delete()[0]


def _key(what: str, who: str) -> bytes:
    return crypto.lookup(f"{what} {who}")
