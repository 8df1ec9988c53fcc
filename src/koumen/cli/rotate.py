"""`koumen rotate-keys`: every sealed value is sealed anew with the newest key, so that older keys can be retired."""

import argparse
from base64 import b64decode
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt, encrypt
from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from psycopg import sql

from koumen.cli.say import Progress, Stop, say
from koumen.core import crypto, scope
from koumen.core.fields import SealedField
from koumen.core.wall import OrgModel
from koumen.registry.models import Org

BATCH = 500
MFA_SECRETS = ("secret", "seed")  # the keys under which allauth keeps in JSON what it encrypts


def arguments(parser: argparse.ArgumentParser) -> None:
    """`koumen rotate-keys` has no options: the newest key is the first of KOUMEN_FIELD_KEYS."""


def run(options: argparse.Namespace) -> int:
    """Seal table by table. Stopped half way, it goes on where it was; run twice, the second time does nothing.

    Raises Stop when a value's key is not there any more: its batch stays as it was.
    """
    try:
        done = _everything()
    except crypto.CannotOpen as error:
        raise Stop(f"{error} 里有打不开的值：加密它的旧密钥不在 KOUMEN_FIELD_KEYS 里。请放回后再运行。") from error
    say(f"完成：重新加密 {done} 行。现在配置了 {len(settings.KOUMEN_FIELD_KEYS)} 把密钥，以后只需保留第一把。")
    return 0


def _everything() -> int:
    orgs = list(Org.objects.order_by("pk"))
    done = 0
    for model, columns in sealed_columns():
        name = str(model._meta.verbose_name)
        if issubclass(model, OrgModel):
            done += sum(_table(f"{org.name} {name}", model, columns, org.pk) for org in orgs)
        else:
            done += _table(name, model, columns, None)
    return done + _second_factors()


def sealed_columns() -> Iterator[tuple[type[models.Model], list[str]]]:
    """Every table with sealed columns, found in the models themselves: none can be forgotten."""
    for model in apps.get_models():
        columns = [str(field.column) for field in model._meta.local_concrete_fields if isinstance(field, SealedField)]
        if columns and not model._meta.proxy:
            yield model, columns


def _place(org: int | None) -> AbstractContextManager[Any]:
    return transaction.atomic() if org is None else scope.enter(org)


def _table(what: str, model: type[models.Model], columns: list[str], org: int | None) -> int:
    """One table of one org, a transaction for each batch. Returns the number of rows."""
    table, key = model._meta.db_table, str(model._meta.pk.column)
    # A value's first byte is the number of its key.
    is_old = sql.SQL(" OR ").join(
        sql.SQL("(length({0}) > 0 AND get_byte({0}, 0) <> {1})").format(sql.Identifier(column), crypto.newest())
        for column in columns
    )
    find = sql.SQL("SELECT {} FROM {} WHERE {}").format(sql.Identifier(key), sql.Identifier(table), is_old)
    with _place(org), connection.cursor() as cursor:
        cursor.execute(find)
        waiting = [row[0] for row in cursor.fetchall()]
    progress = Progress(what, len(waiting))
    for start in range(0, len(waiting), BATCH):
        chunk = waiting[start : start + BATCH]
        with _place(org):
            _batch(table, key, columns, chunk)
        progress.at(start + len(chunk))
    return len(waiting)


def _batch(table: str, key: str, columns: list[str], chunk: list[Any]) -> None:
    """Past the models, whose saving would read and check more than the values; row-level security holds here too."""
    names = [sql.Identifier(column) for column in columns]
    # Locked: what somebody writes at this moment is not written over with what was there before.
    read = sql.SQL("SELECT {}, {} FROM {} WHERE {} = ANY(%s) FOR UPDATE").format(
        sql.Identifier(key), sql.SQL(", ").join(names), sql.Identifier(table), sql.Identifier(key)
    )
    write = sql.SQL("UPDATE {} SET {} WHERE {} = %s").format(
        sql.Identifier(table),
        sql.SQL(", ").join(sql.SQL("{} = %s").format(name) for name in names),
        sql.Identifier(key),
    )
    with connection.cursor() as cursor:
        cursor.execute(read, [chunk])
        fresh = [
            [*(_resealed(bytes(value), f"{table}.{column}") for value, column in zip(row[1:], columns, strict=True)),
             row[0]]
            for row in cursor.fetchall()
        ]  # fmt: skip
        cursor.executemany(write, fresh)


def _resealed(sealed: bytes, column: str) -> bytes:
    return crypto.seal(crypto.open_sealed(sealed, column), column) if sealed else b""


def _second_factors() -> int:
    """Secrets of the second factor, which allauth keeps inside JSON (and encrypts through registry.sign_in)."""
    done = 0
    settled = (b"", bytes([crypto.newest()]))  # absent, or sealed with the newest key
    for pk in list(Authenticator.objects.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            data = row.data if row else {}
            old = [name for name in MFA_SECRETS if b64decode(data.get(name, ""))[:1] not in settled]
            if row and old:
                row.data = data | {name: encrypt(decrypt(data[name])) for name in old}
                row.save(update_fields=["data"])
                done += 1
    return done
