"""Sealed values: unreadable in the database, found by keyed hash, re-keyed without loss."""

import os
from base64 import urlsafe_b64encode
from hashlib import sha256

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings
from tests.cast import Cast

from koumen.core import crypto
from koumen.core.fields import masked
from koumen.registry.models import Student


@given(st.text())
def test_what_is_sealed_opens_to_the_same_text(text: str) -> None:
    assert crypto.open_sealed(crypto.seal(text, "t.c"), "t.c") == text


def test_the_same_text_is_never_sealed_the_same_way_twice() -> None:
    assert crypto.seal("100", "t.c") != crypto.seal("100", "t.c")


def test_a_value_moved_to_another_column_does_not_open() -> None:
    with pytest.raises(crypto.CannotOpen):
        crypto.open_sealed(crypto.seal("100", "t.a"), "t.b")


def test_a_changed_byte_does_not_open() -> None:
    sealed = bytearray(crypto.seal("100", "t.a"))
    sealed[-1] ^= 1
    with pytest.raises(crypto.CannotOpen):
        crypto.open_sealed(bytes(sealed), "t.a")


def another_key() -> str:
    """A key whose number differs from that of the key in use."""
    while True:
        key = os.urandom(32)
        if sha256(key).digest()[0] != crypto.newest():
            return urlsafe_b64encode(key).decode()


def test_old_values_open_after_a_new_key_is_put_in_front(settings: Settings) -> None:
    old = crypto.seal("旧", "t.c")
    fresh = another_key()
    settings.KOUMEN_FIELD_KEYS = (fresh, *settings.KOUMEN_FIELD_KEYS)
    new = crypto.seal("新", "t.c")
    assert crypto.open_sealed(old, "t.c") == "旧"
    assert new[0] == crypto.newest()
    settings.KOUMEN_FIELD_KEYS = (fresh,)
    assert crypto.open_sealed(new, "t.c") == "新"
    with pytest.raises(crypto.CannotOpen):
        crypto.open_sealed(old, "t.c")


def test_keys_that_could_be_mistaken_for_each_other_are_refused(settings: Settings) -> None:
    settings.KOUMEN_FIELD_KEYS = (settings.KOUMEN_FIELD_KEYS[0],) * 2
    with pytest.raises(ImproperlyConfigured):
        crypto.seal("新", "t.c")


@pytest.mark.django_db
@pytest.mark.rows("R45")
def test_the_database_holds_no_clear_id_number(hill: Cast) -> None:
    child = hill.student("阿梅")
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_no, student_no, id_hash FROM registry_student WHERE id = %s", [child.pk])
        id_no, student_no, id_hash = (bytes(v) for v in cursor.fetchone())
    assert child.id_no.encode() not in id_no
    assert child.student_no.encode() not in student_no
    assert id_hash == crypto.lookup(child.id_no)
    assert Student.objects.get(id_hash=crypto.lookup(child.id_no)) == child


@pytest.mark.parametrize(
    ("text", "shown"),
    [("10000001234", "100****1234"), ("1234567", "*******"), ("", ""), ("G4407001234X", "G44****234X")],
)
def test_masks(text: str, shown: str) -> None:
    assert masked(text) == shown
