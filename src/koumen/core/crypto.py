"""Encryption of single values (AES-256-GCM) and the keyed hash that finds them again.

A stored value is: 1 byte key number, 12 bytes nonce, ciphertext with tag. The key number is the first byte of the
key's SHA-256, so keys can be added and retired in any order. The column's name is bound in as associated data: a value
copied to another column does not open.
"""

import hmac
import os
from base64 import urlsafe_b64decode
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class CannotOpen(Exception):
    """No configured key opens this value."""


@lru_cache(maxsize=8)
def _ring(keys: tuple[str, ...]) -> tuple[int, dict[int, AESGCM]]:
    ring: dict[int, AESGCM] = {}
    numbers = []
    for text in keys:
        key = urlsafe_b64decode(text)
        number = sha256(key).digest()[0]
        if number in ring:
            raise ImproperlyConfigured("two keys of KOUMEN_FIELD_KEYS begin alike: make another new key")
        ring[number] = AESGCM(key)
        numbers.append(number)
    return numbers[0], ring


def newest() -> int:
    """The number of the key that new values are sealed with."""
    return _ring(settings.KOUMEN_FIELD_KEYS)[0]


def seal(text: str, column: str) -> bytes:
    """Encrypt one value for one column (`table.column`)."""
    number, ring = _ring(settings.KOUMEN_FIELD_KEYS)
    nonce = os.urandom(12)
    return bytes([number]) + nonce + ring[number].encrypt(nonce, text.encode(), column.encode())


def open_sealed(sealed: bytes, column: str) -> str:
    """Decrypt one value. Raises CannotOpen when no key fits or the value was tampered with."""
    key = _ring(settings.KOUMEN_FIELD_KEYS)[1].get(sealed[0])
    if key is None:
        raise CannotOpen(column)
    try:
        return key.decrypt(sealed[1:13], sealed[13:], column.encode()).decode()
    except InvalidTag as error:
        raise CannotOpen(column) from error


@lru_cache(maxsize=4)
def _keyed(key: str) -> hmac.HMAC:
    return hmac.new(key.encode(), digestmod="sha256")


def lookup(text: str) -> bytes:
    """A keyed hash (HMAC-SHA-256, first 16 bytes) by which an encrypted value is found. Empty text → empty bytes."""
    if not text:
        return b""
    keyed = _keyed(settings.KOUMEN_LOOKUP_KEY).copy()
    keyed.update(text.encode())
    return keyed.digest()[:16]
