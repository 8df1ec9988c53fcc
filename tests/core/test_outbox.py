"""The outbox: allowed hours, said once, delivered by the worker."""

import json
from datetime import datetime, time
from pathlib import Path
from unittest.mock import patch

import pytest
from pytest_django.fixtures import Settings
from tests.cast import Cast

from koumen.core import clock, outbox
from koumen.core.models import InboxNote, OutboxMessage

QUIET = (time(21), time(7))
Channel = OutboxMessage.Channel


@pytest.mark.parametrize(
    ("moment", "allowed"),
    [
        (datetime(2026, 3, 2, 20, 59), datetime(2026, 3, 2, 20, 59)),
        (datetime(2026, 3, 2, 21, 0), datetime(2026, 3, 3, 7, 0)),
        (datetime(2026, 3, 3, 3, 0), datetime(2026, 3, 3, 7, 0)),
        (datetime(2026, 3, 3, 7, 0), datetime(2026, 3, 3, 7, 0)),
    ],
)
def test_nothing_is_sent_in_the_quiet_hours(moment: datetime, allowed: datetime) -> None:
    at = outbox.next_allowed(moment.replace(tzinfo=clock.ZONE), QUIET)
    assert at == allowed.replace(tzinfo=clock.ZONE)


def test_quiet_hours_inside_one_day() -> None:
    noon = datetime(2026, 3, 2, 12, 30, tzinfo=clock.ZONE)
    assert outbox.next_allowed(noon, (time(12), time(14))) == noon.replace(hour=14, minute=0)


@pytest.mark.django_db
def test_in_app_messages_arrive_in_the_inbox_once(hill: Cast) -> None:
    account = hill.account("teacher1")
    row = outbox.say(Channel.IN_APP, subject="排程已完成", body="请查看", account_id=account.pk, once_key="plan:1")
    assert row is not None
    assert outbox.say(Channel.IN_APP, subject="x", body="", account_id=account.pk, once_key="plan:1") is None
    outbox.deliver(org_id=hill.hill.pk, message_id=row.pk)
    outbox.deliver(org_id=hill.hill.pk, message_id=row.pk)
    note = InboxNote.objects.unread_by(account.pk).get()
    assert note.subject == "排程已完成"


@pytest.mark.django_db
def test_sms_goes_to_a_file_until_a_provider_is_set_up(hill: Cast, settings: Settings, tmp_path: Path) -> None:
    settings.KOUMEN_OUTBOX, settings.KOUMEN_OUTBOX_FOLDER = "file", tmp_path
    row = outbox.say(Channel.SMS, subject="家访提醒", body="明晚七点", address="10000000001", urgent=True)
    assert row is not None
    outbox.deliver(org_id=hill.hill.pk, message_id=row.pk)
    (written,) = tmp_path.iterdir()
    assert json.loads(written.read_text())["to"] == "10000000001"
    assert OutboxMessage.objects.get().state == "sent"


@pytest.mark.django_db
def test_a_failing_channel_is_tried_five_times_and_then_says_so(hill: Cast) -> None:
    row = outbox.say(Channel.SMS, subject="x", body="x", address="10000000001")
    assert row is not None

    def broken(message: OutboxMessage) -> None:
        raise ConnectionError("线路忙")

    with patch.dict(outbox.BACK_ENDS, {Channel.SMS: broken}):
        for _attempt in range(4):
            outbox.attempt(row.pk)
            assert OutboxMessage.objects.get().state == "waiting"
        outbox.attempt(row.pk)
    found = OutboxMessage.objects.get()
    assert (found.state, found.failure, found.attempts) == ("failed", "线路忙", 5)
