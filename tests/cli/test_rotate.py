"""`koumen rotate-keys`: afterwards the newest key alone opens everything."""

import argparse
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt, encrypt
from django.db import connection
from pytest_django.fixtures import Settings

from koumen.cli import rotate
from koumen.cli.say import Stop
from koumen.core import clock, crypto, scope
from koumen.core.crypto import CannotOpen
from koumen.core.models import OutboxMessage
from koumen.core.wall import OrgModel
from koumen.registry.models import Org, Student
from koumen.visits.models import RecordDraft, SafetyContact, Trip
from tests.cast import Cast
from tests.cli.sealed import fill_care

pytestmark = pytest.mark.django_db
NEW, OTHER = (urlsafe_b64encode(bytes([n]) * 32).decode() for n in (7, 8))


def _read(model: Any, columns: list[str]) -> list[str]:
    return sorted(value for row in model.objects.values_list(*columns) for value in row)


def _values() -> dict[str, list[str]]:
    """Every sealed value of every org, by table and column."""
    found = {}
    for model, columns in rotate.sealed_columns():
        for column in columns:
            if not issubclass(model, OrgModel):
                found[f"{model.__name__}.{column}"] = _read(model, [column])
    for org in Org.objects.all():
        with scope.enter(org.pk):
            for model, columns in rotate.sealed_columns():
                if issubclass(model, OrgModel):
                    found |= {f"{org.slug} {model.__name__}.{column}": _read(model, [column]) for column in columns}
    return found


def _fill(cast: Cast) -> None:
    """More children than one batch holds, a message to an address, and a second factor."""
    with scope.enter(cast.hill.pk):
        rows = [Student(name=f"雨{n}", id_no=f"9901{n:014}", student_no=f"L{n:018}") for n in range(rotate.BATCH + 1)]
        Student.objects.bulk_create(rows)
        OutboxMessage.objects.create(channel="sms", address="10000000001", subject="", body="", not_before=clock.now())
        now, one, other = clock.now(), cast.staff("teacher1"), cast.staff("principal")
        Trip.objects.create(
            contact="10000000003", leaves_at=now, arrives_at=now, back_at=now, filed_at=now, filed_by=one, buddy=one,
            duty_leader=other,
        )  # fmt: skip
        SafetyContact.objects.create(name="值班室", phone="10000000004")
        RecordDraft.objects.create(staff=one, name="record-1", words="{}")
        one.phone = "10000000005"
        one.save()
        fill_care(cast)
    account = cast.account("office")
    account.phone = "10000000002"
    account.save()
    Authenticator.objects.create(user=account, type=Authenticator.Type.TOTP, data={"secret": encrypt("totp")})
    Authenticator.objects.create(
        user=account, type=Authenticator.Type.RECOVERY_CODES, data={"seed": encrypt("seed"), "used_mask": 0}
    )


def test_after_it_every_value_opens_with_the_new_key_alone(
    cast: Cast, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    _fill(cast)
    before, old_keys = _values(), tuple(settings.KOUMEN_FIELD_KEYS)
    settings.KOUMEN_FIELD_KEYS = (NEW, *old_keys)
    assert rotate.run(argparse.Namespace()) == 0
    assert f"student：{rotate.BATCH}/" in capsys.readouterr().out
    settings.KOUMEN_FIELD_KEYS = (NEW,)
    assert _values() == before
    secrets = [row.data.get("secret") or row.data["seed"] for row in Authenticator.objects.order_by("type")]
    assert sorted(map(decrypt, secrets)) == ["seed", "totp"]
    settings.KOUMEN_FIELD_KEYS = old_keys
    with pytest.raises(CannotOpen):
        _values()


def test_a_second_time_it_writes_nothing(cast: Cast, settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    _fill(cast)
    settings.KOUMEN_FIELD_KEYS = (NEW, *settings.KOUMEN_FIELD_KEYS)
    rotate.run(argparse.Namespace())
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM registry_account ORDER BY id")
        first = cursor.fetchall()
        capsys.readouterr()
        rotate.run(argparse.Namespace())
        cursor.execute("SELECT phone FROM registry_account ORDER BY id")
        assert cursor.fetchall() == first
    assert "重新加密 0 行" in capsys.readouterr().out


def test_a_value_whose_key_is_gone_stops_it_and_changes_nothing_there(cast: Cast, settings: Settings) -> None:
    _fill(cast)
    before, old_keys = _values(), tuple(settings.KOUMEN_FIELD_KEYS)
    settings.KOUMEN_FIELD_KEYS = (NEW, OTHER)
    with pytest.raises(Stop, match="旧密钥"):
        rotate.run(argparse.Namespace())
    settings.KOUMEN_FIELD_KEYS = old_keys
    assert _values() == before


def test_no_sealed_column_is_forgotten(cast: Cast) -> None:
    """What these tests fill is all there is: a new sealed column is to be filled here and is then proved, too."""
    _fill(cast)
    found = _values()
    columns = {f"{model.__name__}.{column}" for model, names in rotate.sealed_columns() for column in names}
    filled = {name.rpartition(" ")[2] for name, values in found.items() if any(values)}
    assert columns == filled
    assert crypto.newest() in range(256)
