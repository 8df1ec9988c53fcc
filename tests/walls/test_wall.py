"""The wall: no row of another org is read or written, by the ORM or by raw SQL."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.models import Count, Exists, OuterRef, Q
from tests.cast import Cast

from koumen.core import rls, scope
from koumen.core.scope import NoScope, enter
from koumen.registry.models import Guardianship, Org, SchoolClass, Student

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R45")]


@pytest.fixture
def river_child(cast: Cast) -> Student:
    with enter(cast.river.pk):
        return cast.student("河生")


@pytest.mark.parametrize(
    "use",
    [
        lambda q: list(q.all()),
        lambda q: q.count(),
        lambda q: q.exists(),
        lambda q: q.first(),
        lambda q: q.get(pk=1),
        lambda q: q.update(name="x"),
        lambda q: q.filter(pk=1).delete(),
        lambda q: q.aggregate(n=Count("id")),
        lambda q: list(q.values_list("id")),
        lambda q: q.in_bulk([1]),
        lambda q: list(q.iterator()),
        lambda q: q.get_or_create(name="zz"),
        lambda q: q.create(name="x"),
        lambda q: q.bulk_create([Student(name="x")]),
        lambda q: list(q.union(Student.objects.all())),
        lambda q: q.raw("select 1"),
        lambda q: q.latest("id"),
    ],
)
def test_nothing_without_a_scope(cast: Cast, use: Callable[[Any], Any]) -> None:
    with pytest.raises(NoScope):
        use(Student.objects)


def test_every_way_of_reading_stays_inside(hill: Cast, river_child: Student) -> None:
    ours = set(Student.objects.values_list("name", flat=True))
    assert ours == {"阿梅", "阿虎", "阿宝", "阿乐", "阿南", "阿斗"}
    assert not Student.objects.filter(pk=river_child.pk).exists()
    assert not Student.objects.filter(Q(pk=river_child.pk) | Q(pk=0)).exists()
    with pytest.raises(Student.DoesNotExist):
        river_child.refresh_from_db()
    some = Student.objects.filter(name="阿梅")
    assert (Student.objects.filter(pk=river_child.pk) | some).count() == 1
    assert some.union(Student.objects.filter(pk=river_child.pk)).count() == 1
    near = Exists(Student.objects.filter(school_class=OuterRef("pk")))
    assert SchoolClass.objects.annotate(n=near).filter(n=True).count() == 2
    theirs = Student(school_class_id=river_child.school_class_id)
    with pytest.raises(SchoolClass.DoesNotExist):
        _ = theirs.school_class


def test_every_way_of_writing_stays_inside(hill: Cast, river_child: Student) -> None:
    with pytest.raises(NoScope):
        river_child.save()
    with pytest.raises(NoScope):
        river_child.delete()
    with pytest.raises(NoScope):
        Student.objects.update(org=hill.river)
    with pytest.raises(NoScope):
        Student.objects.update(school_class_id=river_child.school_class_id)
    with pytest.raises(NoScope):
        Student.objects.bulk_create([Student(org_id=hill.river.pk, name="x")])
    with pytest.raises((NoScope, SchoolClass.DoesNotExist)):
        Student.objects.create(name="x", school_class_id=river_child.school_class_id)
    with pytest.raises((NoScope, Student.DoesNotExist)):
        Guardianship.objects.create(student=river_child, guardian_id=1, starts="2026-09-01", relation="51")
    assert Student.objects.filter(pk=river_child.pk).delete()[0] == 0
    with enter(hill.river.pk):
        assert Student.objects.get(pk=river_child.pk).name == "河生"


def test_a_queryset_follows_the_scope_it_is_used_in(cast: Cast) -> None:
    names = Student.objects.order_by("name").values_list("name", flat=True)
    with enter(cast.river.pk):
        assert list(names.all()) == ["河生"]
    with enter(cast.hill.pk):
        assert len(names.all()) == 6


def test_another_thread_starts_outside(cast: Cast) -> None:
    seen: list[object] = []
    with enter(cast.hill.pk):
        thread = threading.Thread(target=lambda: seen.append(scope.peek()))
        thread.start()
        thread.join()
    assert seen == [None]


def test_raw_sql_sees_the_scope_alone(cast: Cast) -> None:
    def names() -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM registry_student ORDER BY name")
            return [row[0] for row in cursor.fetchall()]

    assert names() == []
    with enter(cast.river.pk):
        assert names() == ["河生"]
        with enter(cast.hill.pk):
            assert len(names()) == 6
        assert names() == ["河生"]
    assert names() == []


def test_raw_sql_cannot_write_into_another_org(hill: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_student SET name = 'x' WHERE org_id = %s", [hill.river.pk])
        assert cursor.rowcount == 0
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            cursor.execute(
                "INSERT INTO registry_place (org_id, name, lng, lat, is_remote) VALUES (%s, 'x', 1, 1, false)",
                [hill.river.pk],
            )


def test_the_application_role_is_held_by_the_wall(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False)
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname = ANY(%s)"
            " AND (NOT relrowsecurity OR pg_get_userbyid(relowner) = current_user)",
            [rls.walled_tables()],
        )
        assert cursor.fetchall() == []


def test_a_failed_scope_leaves_the_outer_one_as_it_was(cast: Cast) -> None:
    with enter(cast.hill.pk):
        with pytest.raises(ZeroDivisionError), enter(cast.river.pk):
            _ = 1 / 0
        assert Student.objects.count() == 6
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM registry_student")
            assert cursor.fetchone()[0] == 6
    assert Org.objects.count() == 3
