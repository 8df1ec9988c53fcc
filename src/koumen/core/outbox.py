"""Saying something to a person: one face for every channel, allowed hours, each thing said once."""

import json
import logging
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from koumen.core import clock, scope
from koumen.core.models import InboxNote, OutboxMessage

log = logging.getLogger(__name__)
Channel = OutboxMessage.Channel
ATTEMPTS = 5


class NotDelivered(Exception):
    """The channel did not take the message this time."""


def next_allowed(moment: datetime, quiet: tuple[time, time]) -> datetime:
    """The first moment from `moment` on that is not in the quiet hours (which may span midnight)."""
    local = clock.local(moment)
    start, end = quiet
    inside = start <= local.time() < end if start < end else (local.time() >= start or local.time() < end)
    if not inside:
        return moment
    opens = local.replace(hour=end.hour, minute=end.minute, second=0, microsecond=0)
    return opens if opens > local else opens + timedelta(days=1)


def say(
    channel: str,
    *,
    subject: str,
    body: str,
    account_id: int | None = None,
    address: str = "",
    url: str = "",
    once_key: str = "",
    urgent: bool = False,
) -> OutboxMessage | None:
    """Queue one message in the open transaction. The same `once_key` on a channel is said once: then None."""
    if once_key and OutboxMessage.objects.filter(channel=channel, once_key=once_key).exists():
        return None
    quiet = settings.KOUMEN_QUIET_HOURS
    at = clock.now() if urgent or channel == Channel.IN_APP else next_allowed(clock.now(), quiet)
    row = OutboxMessage.objects.create(
        channel=channel,
        account_id=account_id,
        address=address,
        subject=subject,
        body=body,
        url=url,
        once_key=once_key,
        not_before=at,
    )
    deliver.configure(schedule_at=at).defer(org_id=row.org_id, message_id=row.pk)
    return row


@app.task(name="core.deliver", queue="outbox", retry=RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=10))
def deliver(org_id: int, message_id: int) -> None:
    """Deliver one message; a failed channel is tried again, then the message says so.

    Raises NotDelivered, after the failure was written, so that the engine tries again.
    """
    with scope.enter(org_id):
        delivered = attempt(message_id)
    if not delivered:
        raise NotDelivered(message_id)


def attempt(message_id: int) -> bool:
    """Try once, in the open scope. False when the channel failed and another try is due."""
    row = OutboxMessage.objects.select_for_update().get(pk=message_id)
    if row.state != OutboxMessage.State.WAITING:
        return True
    row.attempts += 1
    try:
        BACK_ENDS[row.channel](row)
    except OSError as error:
        row.failure = str(error)[:300]
        if row.attempts >= ATTEMPTS:
            row.state = OutboxMessage.State.FAILED
    else:
        row.state, row.sent_at = OutboxMessage.State.SENT, clock.now()
    row.save(update_fields=["attempts", "failure", "state", "sent_at"])
    return row.state != OutboxMessage.State.WAITING


def _in_app(row: OutboxMessage) -> None:
    assert row.account_id is not None
    InboxNote.objects.create(account_id=row.account_id, subject=row.subject, body=row.body, url=row.url)


def _outside(row: OutboxMessage) -> None:
    """E-mail and SMS until a provider is set up: a file per message, a line on the console, or nothing."""
    if settings.KOUMEN_OUTBOX == "console":
        log.warning("outbox %s %s: %s", row.channel, row.pk, row.subject)
    elif settings.KOUMEN_OUTBOX == "file":
        folder = Path(settings.KOUMEN_OUTBOX_FOLDER)
        folder.mkdir(parents=True, exist_ok=True)
        text = {
            "channel": row.channel,
            "to": row.address,
            "subject": row.subject,
            "body": row.body,
            "url": row.url,
        }
        (folder / f"{uuid4()}.json").write_text(json.dumps(text, ensure_ascii=False))


BACK_ENDS: dict[str, Callable[[OutboxMessage], None]] = {
    Channel.IN_APP: _in_app,
    Channel.EMAIL: _outside,
    Channel.SMS: _outside,
}
