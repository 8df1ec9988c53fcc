"""Fixtures every test may use: a database with the cast in it, and browsers of its people."""

import logging
import os
from collections.abc import Callable, Iterator

import pytest
from django.db import connections
from django.test import Client, TransactionTestCase
from django.utils import translation

from koumen.core import scope, side
from koumen.core.actor import Actor
from koumen.registry.models import Account
from koumen.registry.queries.actors import actor_for
from tests import database
from tests.cast import Cast


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_blocker: object) -> Iterator[None]:
    name = f"koumen_test_{os.getpid()}"
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        database.copy_of_template(name)
        database.use(name)

    def start_afresh(case: TransactionTestCase) -> None:
        side.close_side()
        database.use(name)
        database.copy_of_template(name)

    # The application role may not truncate (the log is append-only): a test that commits gets a new copy instead.
    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", start_afresh)
    yield
    patch.undo()
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        connections.close_all()
        database.remove(name)


@pytest.fixture
def cast(db: None) -> Cast:
    """The people and orgs of `tests/cast.py`, as rows."""
    return Cast()


@pytest.fixture
def hill(cast: Cast) -> Iterator[Cast]:
    """The cast, inside the scope of the school 青山小学 (slug `hill`)."""
    with scope.enter(cast.hill.pk):
        yield cast


@pytest.fixture
def actor(cast: Cast) -> Callable[..., Actor]:
    """`actor("office")`: who that account is in 青山小学 (or another org by slug)."""

    def find(username: str, slug: str = "hill") -> Actor:
        found = actor_for(Account.objects.get(username=username), slug)
        assert found is not None
        return found

    return find


@pytest.fixture
def client_of(cast: Cast) -> Callable[[str], Client]:
    """`client_of("teacher1")`: a browser in which that account is signed in."""

    def sign_in(username: str) -> Client:
        client = Client()
        client.force_login(Account.objects.get(username=username), backend="koumen.registry.sign_in.NameOrPhoneBackend")
        return client

    return sign_in


@pytest.fixture(autouse=True)
def _the_language_of_one_test_is_not_the_next_ones() -> Iterator[None]:
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def _a_logged_error_fails_the_test(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    if "expects_errors" in request.fixturenames:
        return
    errors = [r.getMessage() for r in caplog.get_records("call") if r.levelno >= logging.ERROR]
    assert not errors, f"logged errors: {errors}"


@pytest.fixture
def expects_errors() -> None:
    """Ask for this fixture where an error in the log is what the test is about."""
