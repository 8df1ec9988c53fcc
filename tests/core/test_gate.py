"""The gate: may they, all or nothing, written down."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.cast import Cast

from koumen.core import gate, scope
from koumen.core.actor import Actor
from koumen.core.gate import action, fetch
from koumen.core.models import AuditEntry
from koumen.core.refusals import Forbidden, NotFound
from koumen.registry.models import Place, Student

pytestmark = pytest.mark.django_db
WhoIs = Callable[..., Actor]


def _office_may(by: Actor, target: Any) -> bool:
    return by.holds("moral_office")


@pytest.fixture
def rename() -> Iterator[Callable[..., Place]]:
    @action("test.rename", may=_office_may)
    def rename(place: Place, /, *, by: Actor, name: str, because: str = "") -> Place:
        place.name = name
        place.save(update_fields=["name"])
        if name == "坏":
            raise ZeroDivisionError
        return place

    yield rename
    del gate.REGISTRY["test.rename"]


def test_a_write_and_its_log_row_come_together(hill: Cast, actor: WhoIs, rename: Callable[..., Place]) -> None:
    place = Place.objects.get(name="柳树村")
    rename(place, by=actor("office"), name="柳树一村", because="更名")
    entry = AuditEntry.objects.get(verb="test.rename")
    assert (entry.actor_name, entry.target, entry.reason) == ("周主任", f"registry.place:{place.pk}", "更名")


def test_who_may_not_is_refused_and_nothing_is_written(hill: Cast, actor: WhoIs, rename: Callable[..., Place]) -> None:
    place = Place.objects.get(name="柳树村")
    with pytest.raises(Forbidden):
        rename(place, by=actor("teacher1"), name="x")
    assert Place.objects.filter(name="柳树村").exists()
    assert not AuditEntry.objects.exists()


def test_a_failing_service_leaves_neither_row_nor_log(hill: Cast, actor: WhoIs, rename: Callable[..., Place]) -> None:
    place = Place.objects.get(name="柳树村")
    with pytest.raises(ZeroDivisionError):
        rename(place, by=actor("office"), name="坏")
    assert Place.objects.filter(name="柳树村").exists()
    assert not AuditEntry.objects.exists()


def test_an_actor_of_another_org_is_refused(cast: Cast, actor: WhoIs, rename: Callable[..., Place]) -> None:
    office = actor("office")
    with scope.enter(cast.river.pk):
        place = Place.objects.create(name="河口", lng=102, lat=25)
        with pytest.raises(Forbidden):
            rename(place, by=office, name="x")


def test_two_actions_may_not_share_a_verb(rename: Callable[..., Place]) -> None:
    with pytest.raises(ValueError, match=r"test\.rename"):
        action("test.rename", may=_office_may)(rename)


def test_fetch_hides_what_is_unseen_and_refuses_what_is_not_allowed(hill: Cast, actor: WhoIs) -> None:
    amei, adou = hill.student("阿梅"), hill.student("阿斗")
    teacher = actor("teacher1")
    assert fetch(teacher, Student, amei.pk) == amei
    with pytest.raises(NotFound):
        fetch(teacher, Student, adou.pk)
    with pytest.raises(NotFound):
        fetch(teacher, Student, "not a number")
    with pytest.raises(NotFound):
        fetch(teacher, Student, 10**30)
    with pytest.raises(Forbidden):
        fetch(teacher, Student, amei.pk, to=_office_may)
