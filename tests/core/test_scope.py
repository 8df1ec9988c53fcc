"""A scope is a transaction: nothing of it outlives the commit, so a transaction pooler may sit in between."""

import pytest
from django.db import connection
from tests.cast import Cast

from koumen.core import scope


def _told() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('koumen.org', true), '')")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_the_server_forgets_the_org_with_the_transaction(cast: Cast) -> None:
    with scope.enter(cast.hill.pk):
        assert _told() == str(cast.hill.pk)
    assert _told() == ""
    assert scope.peek() is None


@pytest.mark.django_db(transaction=True)
def test_the_server_forgets_the_org_after_an_error(cast: Cast) -> None:
    with pytest.raises(ZeroDivisionError), scope.enter(cast.hill.pk):
        _ = 1 / 0
    assert _told() == ""


@pytest.mark.django_db
def test_scopes_nest_and_the_outer_one_returns(cast: Cast) -> None:
    with scope.enter(cast.hill.pk):
        with scope.enter(cast.river.pk):
            assert _told() == str(cast.river.pk)
        assert _told() == str(cast.hill.pk)


def test_outside_there_is_no_org() -> None:
    with pytest.raises(scope.NoScope):
        scope.org_id()
