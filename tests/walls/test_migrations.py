"""Migrations run on a populated database, back and forth, and leave the wall standing."""

import os
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from tests import database

from koumen.core import audit, rls, scope
from koumen.registry.models import Account, Org, Student
from koumen.registry.queries.actors import actor_for

APPS = ("reporting", "visits", "care", "registry", "core")


@pytest.fixture
def populated(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[str]:
    """A copy of the template, with the cast and a log row in it; its name."""
    before = connections["default"].settings_dict["NAME"]
    name = f"koumen_migrations_{os.getpid()}"
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        database.copy_of_template(name)
        database.use(name)
        hill = Org.objects.get(slug="hill")
        office = actor_for(Account.objects.get(username="office"), "hill")
        assert office is not None
        with scope.enter(hill.pk):
            audit.write(office, "test.before")
        yield name
        database.use(str(before))
        database.remove(name)


def _children() -> int:
    with scope.enter(Org.objects.get(slug="hill").pk):
        return int(Student.objects.count())


def _unwalled() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND NOT relrowsecurity", [rls.walled_tables()]
        )
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize("app", APPS)
def test_the_last_migration_of_an_app_goes_back_and_forth_with_data(populated: str, app: str) -> None:
    names = sorted(name for label, name in MigrationLoader(None).disk_migrations if label == app)
    if len(names) > 1:
        call_command("migrate", app, names[-2], verbosity=0)
    call_command("migrate", verbosity=0)
    assert _children() == 6
    assert _unwalled() == []


def test_running_them_again_changes_nothing(populated: str) -> None:
    call_command("migrate", verbosity=0)
    with scope.enter(Org.objects.get(slug="hill").pk):
        assert audit.broken_links() == []
    assert _children() == 6


def test_every_migration_says_what_it_does() -> None:
    named = [name for label, name in MigrationLoader(None).disk_migrations if label in APPS]
    assert [name for name in named if "_auto_" in name or name[4:] in {"_initial", ""}] == []
