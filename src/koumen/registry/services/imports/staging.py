"""Correct rows of a student file, sealed and streamed into a temporary table in which they are compared in bulk.

COPY cannot write into a table under row-level security, so rows go to a temporary copy of `StudentRow` first.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from koumen.core import crypto
from koumen.registry.models import ImportBatch, Place
from koumen.registry.services.roster import Member, StudentLine

# in the order in which `_values` gives them
_NAMES = """
id org_id batch_id sheet row change name gender birth_date ethnicity id_type id_no id_hash student_no student_no_hash
class_no class_id class_label boarding commute entered_on is_new address address_hash place_id lng lat flags told
m1_name m1_relation m1_phone m1_phone_hash m1_id_hash m1_guards
m2_name m2_relation m2_phone m2_phone_hash m2_id_hash m2_guards
"""
COLUMNS = tuple(_NAMES.split())
_ID, _NUMBER = "registry_student.id_no", "registry_student.student_no"
_ADDRESS, _PHONE = "registry_household.address", "registry_guardian.phone"
_NOBODY = ("", "", b"", b"", b"", None)
_ESCAPED = re.compile(r"[\\\t\n\r]")
_BETWEEN = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}


class PlaceBook:
    """Villages and communities of the school, found by name or as part of an address (the longest name wins)."""

    def __init__(self) -> None:
        places = sorted(Place.objects.values_list("name", "pk"), key=lambda p: -len(p[0]))
        self._ids = dict(places)
        self._pattern = re.compile("|".join(re.escape(name) for name, _pk in places)) if places else None

    def find(self, name: str, address: str) -> int | None:
        """The place's id, or None."""
        if not self._ids:
            return None
        if name in self._ids:
            return self._ids[name]
        found = self._pattern.search(f"{name} {address}") if self._pattern else None
        return self._ids[found[0]] if found else None


@contextmanager
def planned_for_many() -> Iterator[None]:
    """Let PostgreSQL join whole tables inside the block.

    Rows written in this transaction have no statistics yet: the planner takes them for few and loops over them.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        yield
        cursor.execute("SET LOCAL enable_nestloop = on")


def open_table() -> None:
    """Make the temporary table `incoming`; it and those made from it are gone with the transaction."""
    with connection.cursor() as cursor:
        for table in ("incoming", "difference", "adults", "flagged", "homes", "moved_homes", "members"):
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
        cursor.execute("CREATE TEMP TABLE incoming (LIKE registry_studentrow INCLUDING DEFAULTS) ON COMMIT DROP")


def stage(lines: Iterable[StudentLine], batch: ImportBatch, *, each: Callable[[int], None]) -> int:
    """Stream rows into `incoming`; `each` hears how many there are, now and then. Returns their number."""
    places, number = PlaceBook(), 0
    head = (batch.org_id, batch.pk)
    with connection.cursor() as cursor:
        with cursor.copy(sql.SQL("COPY incoming ({}) FROM STDIN").format(_names(COLUMNS))) as copy:
            held: list[str] = []
            for line in lines:
                number += 1
                held.append("\t".join(map(_text, (number, *head, *_values(line, places)))))
                if len(held) >= 500:
                    copy.write("\n".join(held) + "\n")
                    held.clear()
                    each(number)
            if held:
                copy.write("\n".join(held) + "\n")
        _prepare(cursor)
    return number


def keep() -> None:
    """Let the rows wait for confirmation."""
    columns = _names([c for c in COLUMNS if c != "id"])
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("INSERT INTO registry_studentrow ({0}) SELECT {0} FROM incoming ORDER BY id").format(columns)
        )


def fetch_back(batch: ImportBatch, new_classes: dict[str, int]) -> None:
    """Bring the waiting rows of a batch into `incoming` again; rows of classes just made get their class."""
    values = [sql.SQL("COALESCE(r.class_id, c.id)") if name == "class_id" else sql.SQL("r.") + sql.Identifier(name)
              for name in COLUMNS]  # fmt: skip
    query = sql.SQL(
        "INSERT INTO incoming ({}) SELECT {} FROM registry_studentrow r"
        " LEFT JOIN unnest(%s::text[], %s::bigint[]) c(label, id) ON r.class_id IS NULL AND c.label = r.class_label"
        " WHERE r.batch_id = %s ORDER BY r.id"
    ).format(_names(COLUMNS), sql.SQL(", ").join(values))
    with planned_for_many(), connection.cursor() as cursor:
        cursor.execute(query, [list(new_classes), list(new_classes.values()), batch.pk])
        _prepare(cursor)


def _names(columns: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _prepare(cursor: CursorWrapper) -> None:
    cursor.execute("CREATE INDEX ON incoming (id)")
    cursor.execute("ANALYZE incoming (id, class_id, student_no_hash, id_hash)")


def _values(line: StudentLine, places: PlaceBook) -> tuple[Any, ...]:
    seal, lookup = crypto.seal, crypto.lookup
    members = [_member(m) for m in line.members[:2]] + [_NOBODY] * (2 - len(line.members))
    return (
        line.sheet[:60], line.row, "", line.name, line.gender, line.birth_date, line.ethnicity, line.id_type,
        seal(line.id_no, _ID) if line.id_no else b"", lookup(line.id_no),
        seal(line.student_no, _NUMBER) if line.student_no else b"", lookup(line.student_no),
        line.class_no, line.class_id, line.class_label, line.boarding, line.commute, line.entered_on, line.is_new,
        seal(line.address, _ADDRESS) if line.address else b"", lookup(line.address),
        places.find(line.place, line.address), line.lng, line.lat, ",".join(line.flags), ",".join(line.told),
        *members[0], *members[1],
    )  # fmt: skip


def _member(member: Member) -> tuple[Any, ...]:
    phone = member.phone
    return (
        member.name, member.relation, crypto.seal(phone, _PHONE) if phone else b"", crypto.lookup(phone),
        crypto.lookup(member.id_no), member.is_guardian,
    )  # fmt: skip


def _text(value: Any) -> str:
    """A value as COPY's text format wants it."""
    kind = type(value)
    if kind is str:
        return value if value.isalnum() or not _ESCAPED.search(value) else _ESCAPED.sub(_between, value)
    if kind is bytes:
        return "\\\\x" + value.hex() if value else "\\\\x"
    if value is None:
        return "\\N"
    if kind is bool:
        return "t" if value else "f"
    return str(value)  # numbers; dates as 2017-01-02


def _between(found: re.Match[str]) -> str:
    return _BETWEEN[found[0]]
