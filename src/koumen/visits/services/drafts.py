"""What is typed about a visit and not saved yet: kept sealed here, so that no shared computer has to keep it.

These writes are no actions: a draft is nobody's record, only its author ever reads it, and a line of the log every few
seconds of typing would hide the lines that matter.
"""

import json
from datetime import timedelta

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.refusals import Forbidden, TooLarge
from koumen.visits.models import RecordDraft
from koumen.visits.policies.visits import may_keep_records

LONGEST = 200_000  # bytes of one page
MOST = 40  # pages of one person; the oldest make room
KEPT = timedelta(days=14)
Words = dict[str, list[str]]


def keep_draft(name: str, words: Words, *, by: Actor) -> None:
    """Keep a page's fields, in place of what was kept of that page. Raises TooLarge, Forbidden."""
    text = json.dumps(words)
    if not may_keep_records(by):
        raise Forbidden
    if len(text) > LONGEST:
        raise TooLarge
    staff = by.member_id or 0
    mine = RecordDraft.objects.filter(staff=staff)
    mine.update_or_create(staff_id=staff, name=name, defaults={"words": text})
    old = mine.order_by("-changed_at", "-pk").values_list("pk", flat=True)[MOST:]
    mine.filter(pk__in=list(old)).delete()


def draft_of(name: str, *, by: Actor) -> Words | None:
    """What this person left on that page; None when nothing, or when it is too old."""
    since = clock.now() - KEPT
    row = RecordDraft.objects.filter(staff=by.member_id or 0, name=name, changed_at__gte=since).first()
    return json.loads(row.words) if row else None


def drop_draft(name: str, *, by: Actor) -> None:
    """The page was saved, or its author wants none of it. Safe to repeat."""
    RecordDraft.objects.filter(staff=by.member_id or 0, name=name).delete()


def forget_old() -> int:
    """Drop drafts nobody came back to; returns how many."""
    return int(RecordDraft.objects.filter(changed_at__lt=clock.now() - KEPT).delete()[0])
