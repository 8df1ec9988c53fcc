"""The log: chained, append-only, in monthly partitions."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import ProgrammingError, connection, connections, transaction
from tests.cast import Cast

from koumen.core import audit, clock, scope
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R45")]
WhoIs = Callable[..., Actor]


def _sql(query: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall() if cursor.description else []


def test_rows_of_one_person_are_numbered_and_chained(hill: Cast, actor: WhoIs) -> None:
    office = actor("office")
    for n in range(3):
        audit.write(office, f"test.{n}")
    seqs = list(AuditEntry.objects.order_by("id").values_list("seq", flat=True))
    assert seqs == [1, 2, 3]
    assert audit.broken_links() == []


def test_chains_of_two_orgs_are_apart(cast: Cast, actor: WhoIs) -> None:
    with scope.enter(cast.hill.pk):
        audit.write(actor("office"), "test.a")
    with scope.enter(cast.river.pk):
        audit.write(actor("office2", "river"), "test.b")
        assert [e.verb for e in AuditEntry.objects.all()] == ["test.b"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_auditentry SET verb = 'x'",
        "DELETE FROM core_auditentry",
        "TRUNCATE core_auditentry",
        "UPDATE core_audithead SET seq = 0",
        "SELECT * FROM core_audithead",
        "DELETE FROM core_auditentry_rest",
    ],
)
def test_the_application_role_can_only_add(hill: Cast, actor: WhoIs, statement: str) -> None:
    audit.write(actor("office"), "test.a")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        _sql(statement)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize(
    "tamper",
    [
        "UPDATE core_auditentry SET reason = 'x' WHERE seq = 2",
        "DELETE FROM core_auditentry WHERE seq = 2",
        "DELETE FROM core_auditentry WHERE seq = 3",
        "UPDATE core_auditentry SET at = at + interval '1 second' WHERE seq = 1",
    ],
)
def test_tampering_by_the_owner_is_found(cast: Cast, actor: WhoIs, tamper: str) -> None:
    office = actor("office")
    with scope.enter(cast.hill.pk):
        for n in range(3):
            audit.write(office, f"test.{n}", reason="因为")
        assert audit.broken_links() == []
    with connections["owner"].cursor() as cursor:
        cursor.execute(tamper)
    with scope.enter(cast.hill.pk):
        assert len(audit.broken_links()) == 1


def test_a_row_lies_in_the_partition_of_its_month(hill: Cast, actor: WhoIs) -> None:
    audit.write(actor("office"), "test.now")
    now = clock.now()
    with clock.at(datetime(2031, 5, 1, 12)):
        audit.write(actor("office"), "test.far")
    rows = dict(_sql("SELECT verb, tableoid::regclass::text FROM core_auditentry"))
    assert rows["test.now"] == f"core_auditentry_{now:%Y_%m}"
    assert rows["test.far"] == "core_auditentry_rest"


def test_reads_of_personal_files_are_noted(hill: Cast, actor: WhoIs) -> None:
    audit.note_read(actor("office"), "student.file", hill.student("阿梅"), reason="核对地址")
    entry = AuditEntry.objects.get(kind="read")
    assert (entry.verb, entry.reason) == ("student.file", "核对地址")
    assert "阿梅" not in entry.target
