"""Every URL of the site, asked by every role, answers as its table says; none may be missing."""

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, ClassVar

import pytest
from django.core.checks import CheckMessage
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.test.utils import isolate_apps
from django.urls import URLPattern, URLResolver, get_resolver, path, reverse
from tests.cast import CHILDREN, Cast
from tests.walls import permissions
from tests.walls.permissions import EVERYBODY

from koumen.core import checks, scope
from koumen.core.wall import OrgModel
from koumen.registry.models import Org

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R45")]
Row = tuple[Any, ...]
KEY = re.compile(r"^(?P<name>[\w:-]+)(?: \((?P<note>[^)]*)\))?(?P<post> POST)?(?: @(?P<org>[\w-]+))?$")


@dataclass(frozen=True)
class Asked:
    """One row of the tables, taken apart."""

    name: str
    method: str
    org: str
    kwargs: Any
    statuses: Mapping[str, int]
    data: Any

    @classmethod
    def of(cls, key: str, row: Row) -> "Asked":
        found = KEY.match(key)
        assert found, f"cannot read the row name {key!r}"
        method = "post" if found["post"] else "get"
        return cls(found["name"], method, found["org"] or "hill", row[0], row[1], row[2] if len(row) > 2 else {})


def tables() -> dict[str, Row]:
    """All rows of all files of tests/walls/permissions."""
    rows: dict[str, Row] = {}
    for found in pkgutil.iter_modules(permissions.__path__):
        module = importlib.import_module(f"{permissions.__name__}.{found.name}")
        assert not rows.keys() & module.TABLE.keys(), f"{found.name} repeats a row"
        rows |= module.TABLE
    return rows


def every_url(patterns: list[URLPattern | URLResolver] | None = None, space: str = "") -> Iterator[tuple[str, bool]]:
    """Each URL's full name, and whether it lies in an org."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            walled = "<slug:org>" in str(pattern.pattern)
            for name, inside in every_url(pattern.url_patterns, inner):
                yield name, inside or walled
        else:
            name = pattern.name or f"(unnamed {pattern.pattern})"
            yield space + name, "<slug:org>" in str(pattern.pattern)


def unlisted() -> list[str]:
    """URLs that stand in no table."""
    listed = {Asked.of(key, row).name for key, row in tables().items()}
    return sorted({name for name, _inside in every_url()} - listed)


def gaps(rows: Mapping[str, Row]) -> list[str]:
    """Rows in which somebody of the standard list is missing."""
    return [f"{key}: {who}" for key, row in rows.items() for who in EVERYBODY if who not in row[1]]


def client_for(cast: Cast, who: str) -> Client:
    client = Client()
    if who != "nobody":
        account = cast.account("teacher3" if who == "stranger" else who)
        client.force_login(account, backend="koumen.registry.sign_in.NameOrPhoneBackend")
    return client


def answers(cast: Cast, asked: Asked) -> dict[str, HttpResponse]:
    """What each person gets, all from the same starting point."""
    org = Org.objects.get(slug=asked.org)
    in_org = dict(every_url())[asked.name]
    with scope.enter(org.pk):
        kwargs = dict(asked.kwargs(cast) if callable(asked.kwargs) else asked.kwargs)
        data = asked.data(cast, kwargs) if callable(asked.data) else asked.data
    url = reverse(asked.name, kwargs=kwargs | ({"org": asked.org} if in_org else {}))
    found = {}
    for who in asked.statuses:
        with transaction.atomic():
            ask: Callable[..., Any] = getattr(client_for(cast, who), asked.method)
            found[who] = ask(url, data)
            transaction.set_rollback(True)
    return found


@pytest.mark.parametrize("key", sorted(tables()))
def test_each_role_gets_what_the_table_says(cast: Cast, key: str) -> None:
    asked = Asked.of(key, tables()[key])
    got = answers(cast, asked)
    assert {who: response.status_code for who, response in got.items()} == dict(asked.statuses)
    for who, response in got.items():
        if response.status_code >= 400:
            page = response.content.decode()
            assert not [child[0] for child in CHILDREN if child[0] in page], f"a refusal tells {who} a child's name"


def test_no_url_is_missing_from_the_tables() -> None:
    assert unlisted() == []


def test_no_role_is_missing_from_a_row() -> None:
    assert gaps(tables()) == []


def test_no_row_outlives_its_url() -> None:
    """A renamed URL takes its row with it."""
    assert {Asked.of(k, r).name for k, r in tables().items()} - {name for name, _inside in every_url()} == set()


def planted_view(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def test_a_planted_url_without_a_row_is_found() -> None:
    """Proof that the walk can fail: a new page nobody listed, and one without a name."""
    planted = ModuleType("planted_urls")
    standing = list(get_resolver().url_patterns)
    planted.urlpatterns = [  # type: ignore[attr-defined]
        *standing,
        path("s/<slug:org>/planted/", planted_view, name="planted"),
        path("s/<slug:org>/nameless/", planted_view),
    ]
    before = unlisted()
    with override_settings(ROOT_URLCONF=planted):
        assert sorted(set(unlisted()) - set(before)) == ["(unnamed s/<slug:org>/nameless/)", "planted"]


def test_a_planted_gap_in_a_row_is_found() -> None:
    row: dict[str, Row] = {"core:job": ({}, {who: 200 for who in EVERYBODY if who != "principal"})}
    assert gaps(row) == ["core:job: principal"]


def ids(found: list[CheckMessage]) -> list[str | None]:
    return [message.id for message in found]


def test_the_models_that_stand_are_all_walled() -> None:
    assert checks.every_model_is_walled(None) == []


def test_a_planted_model_outside_the_wall_is_found() -> None:
    """Proof that the system check fails for a forgotten wall (E001) and for an unnamed link table (E002)."""
    with isolate_apps("koumen.core") as planted:
        assert planted is not None

        class Open(models.Model):
            __module__ = "koumen.core.models"

            class Meta:
                app_label = "core"

        class Loose(OrgModel):
            __module__ = "koumen.core.models"
            others = models.ManyToManyField(Open)

            class Meta(OrgModel.Meta):
                abstract = False
                app_label = "core"

        class Plain(OrgModel):
            __module__ = "koumen.core.models"
            objects: ClassVar[Any] = models.Manager()

            class Meta(OrgModel.Meta):
                abstract = False
                app_label = "core"

        found = list(checks.problems(planted.get_models()))
    assert sorted(filter(None, ids(found))) == ["koumen.E001", "koumen.E001", "koumen.E002"]
    assert {str(message.obj._meta.label) for message in found if message.id == "koumen.E001"} == {
        "core.Open",
        "core.Plain",
    }
