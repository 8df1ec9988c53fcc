"""Classes and children: each post sees its part, and no more; a file opened for a reason; clear values on pressing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.cast import Cast

from koumen.core import clock
from koumen.core.models import AuditEntry, InboxNote, OutboxMessage
from koumen.core.outbox import deliver
from koumen.registry.models import FileOpening, Flag, FlagReader, Role, Student
from koumen.registry.policies import Sight, sight_of

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R45")]
Clients = Callable[[str], Client]
SECRETS = {
    "phone": "10000000001", "id": "99010020170101000X", "number": "G99010020170101000X", "address": "柳树村1号",
}  # fmt: skip


@pytest.fixture
def amei(hill: Cast) -> Student:
    """阿梅, with a flag of each sensitivity."""
    child = hill.student("阿梅")
    for code, sensitivity in (("D11", 1), ("A11", 2), ("C21", 3)):
        Flag.objects.create(student=child, category=code, sensitivity=sensitivity, starts=clock.today())
    return child


def page(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def of(child: Student) -> str:
    return f"/s/hill/students/{child.pk}/"


def seen(text: str) -> set[str]:
    """Which of the things that may be shown are on a page."""
    words = {
        "name": "阿梅", "adult": "阿梅妈妈", "relation": "母亲", "masked phone": "100****0001", "address": "柳树村1号",
        "flag 1": "学习困难", "flag 2": "留守儿童", "flag 3": "心理关爱", "sibling": "阿乐", "boarding": "就读方式",
    }  # fmt: skip
    assert not [name for name in ("phone", "id", "number") if SECRETS[name] in text], "clear values are never on a page"
    return {name for name, word in words.items() if word in text}


FULL = {"name", "adult", "relation", "masked phone", "address", "flag 1", "flag 2", "sibling", "boarding"}


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("teacher1", FULL),
        ("office", FULL),
        ("subject1", {"name", "relation", "flag 1"}),
        ("principal", {"name"}),
        ("middle", {"name"}),
    ],
)
def test_it_works_and_shows_each_post_its_part(amei: Student, client_of: Clients, who: str, sees: set[str]) -> None:
    assert seen(page(client_of(who), of(amei))) == sees


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("teacher1", {"name", "adult", "relation", "masked phone", "flag 1", "flag 2"}),
        ("office", {"name", "adult", "relation", "masked phone", "flag 1", "flag 2"}),
        ("subject1", {"name", "relation", "flag 1"}),
        ("principal", {"name"}),
    ],
)
def test_a_class_list_never_shows_sealed_flags(amei: Student, client_of: Clients, who: str, sees: set[str]) -> None:
    assert seen(page(client_of(who), f"/s/hill/classes/{amei.school_class_id}/")) == sees


def test_a_grade_head_sees_the_names_of_the_grade(amei: Student, hill: Cast, client_of: Clients) -> None:
    grade = hill.school_class("三年级1班").grade
    Role.objects.filter(staff=hill.staff("teacher2")).delete()
    assert client_of("teacher2").get(of(amei)).status_code == 404
    Role.objects.create(staff=hill.staff("teacher2"), post="grade_head", grade=grade, starts=clock.today())
    assert seen(page(client_of("teacher2"), of(amei))) == {"name"}


def test_a_post_that_ended_opens_nothing(amei: Student, client_of: Clients) -> None:
    Role.objects.update(ends=clock.today() - timedelta(days=1))
    assert client_of("teacher1").get(of(amei)).status_code == 404


def test_a_file_is_opened_for_a_reason_and_closes_by_itself(amei: Student, hill: Cast, client_of: Clients) -> None:
    """Break the glass: refused without a reason, logged, told to the class teacher, closed after three hours."""
    principal = client_of("principal")
    short = principal.post(of(amei) + "open/", {"because": "看看"})
    assert short.status_code == 422
    assert "看看" in short.content.decode(), "what was typed is kept"
    assert not FileOpening.objects.exists()
    answer = principal.post(of(amei) + "open/", {"because": "家长来校反映孩子情绪低落"})
    assert answer["Location"] == of(amei)
    assert seen(page(principal, of(amei))) == FULL
    entry = AuditEntry.objects.get(verb="student.open_file")
    assert (entry.actor_name, entry.reason) == ("林校长", "家长来校反映孩子情绪低落")
    assert AuditEntry.objects.filter(verb="student.file", kind="read", actor_name="林校长").exists()
    message = OutboxMessage.objects.get(account_id=hill.account("teacher1").pk)
    deliver.func(org_id=hill.hill.pk, message_id=message.pk)
    note = InboxNote.objects.get(account_id=hill.account("teacher1").pk)
    assert "阿梅" not in note.subject + note.body
    assert "林校长:家长来校反映孩子情绪低落" in page(client_of("teacher1"), of(amei))
    assert seen(page(client_of("middle"), of(amei))) == {"name"}, "an opening is one person's"
    assert seen(page(principal, of(hill.student("阿虎")))) == set(), "and one child's"
    with clock.at(clock.now() + timedelta(hours=3, minutes=1)):
        assert seen(page(principal, of(amei))) == {"name"}


@pytest.mark.parametrize(("what", "value"), [("id_no", SECRETS["id"]), ("student_no", SECRETS["number"])])
def test_a_clear_value_comes_on_pressing_and_is_noted(amei: Student, client_of: Clients, what: str, value: str) -> None:
    client = client_of("teacher1")
    whole = client.post(of(amei) + "show/", {"what": what}).content.decode()
    part = client.post(of(amei) + "show/", {"what": what}, headers={"HX-Request": "true"}).content.decode()
    assert value in whole
    assert value in part
    assert "<html" not in part
    noted = AuditEntry.objects.filter(verb=f"student.{what}", kind="read", target=f"registry.student:{amei.pk}")
    assert noted.count() == 2
    assert value not in str(list(AuditEntry.objects.values()))


def test_a_guardians_phone_is_shown_only_through_the_own_child(amei: Student, hill: Cast, client_of: Clients) -> None:
    client, own = client_of("teacher1"), amei.guardianships.get()
    foreign = hill.student("阿南").guardianships.get()
    assert SECRETS["phone"] in client.post(of(amei) + "show/", {"what": f"phone-{own.pk}"}).content.decode()
    assert client.post(of(amei) + "show/", {"what": f"phone-{foreign.pk}"}).status_code == 404


@pytest.mark.parametrize("what", ["", "password", "phone-", "phone-x", "phone-" + "9" * 30, "id_no-1", "sealed-", "学"])
def test_other_fields_cannot_be_asked_for(amei: Student, client_of: Clients, what: str) -> None:
    assert client_of("teacher1").post(of(amei) + "show/", {"what": what}).status_code == 404


def test_sealed_flags_are_for_the_persons_named_alone(amei: Student, hill: Cast, client_of: Clients) -> None:
    FlagReader.objects.create(
        student=amei, staff=hill.staff("teacher1"), ends=clock.today(), named_by="周主任", because="班主任"
    )
    shown = client_of("teacher1").post(of(amei) + "show/", {"what": "sealed"})
    assert "心理关爱" in shown.content.decode()
    assert client_of("office").post(of(amei) + "show/", {"what": "sealed"}).status_code == 404
    principal = client_of("principal")
    principal.post(of(amei) + "open/", {"because": "家长来校反映情况"})
    assert principal.post(of(amei) + "show/", {"what": "id_no"}).status_code == 200
    assert principal.post(of(amei) + "show/", {"what": "sealed"}).status_code == 404
    assert "受限标记" not in page(principal, of(amei))


def test_children_are_found_by_name_among_those_in_sight(amei: Student, client_of: Clients) -> None:
    assert "阿梅" in page(client_of("office"), "/s/hill/classes/?q=梅")
    assert "阿梅" not in page(client_of("teacher2"), "/s/hill/classes/?q=梅")
    assert "没有找到" in page(client_of("sysadmin"), "/s/hill/classes/?q=阿")
    assert client_of("office").get("/s/hill/classes/?q=" + "x" * 5000).status_code == 200


def test_refusals_in_order(amei: Student, client_of: Clients) -> None:
    assert client_of("teacher3").get(of(amei)).status_code == 404
    assert client_of("sysadmin").get(of(amei)).status_code == 404
    assert client_of("teacher1").get("/s/hill/students/999999999999999999999/").status_code == 404
    assert client_of("teacher1").post(of(amei)).status_code == 405
    assert client_of("teacher1").get(of(amei) + "show/").status_code == 405


def test_lists_ask_at_most_twelve_questions_whatever_the_size(hill: Cast, client_of: Clients) -> None:
    room = hill.school_class("三年级1班")
    Student.objects.bulk_create([Student(name=f"生{i}", school_class=room, class_no=str(i)) for i in range(70)])
    client = client_of("office")
    for path in ("/s/hill/classes/", f"/s/hill/classes/{room.pk}/", "/s/hill/classes/?q=生", "/s/hill/staff/"):
        with CaptureQueriesContext(connection) as caught:
            assert client.get(path).status_code == 200
        sql = [q["sql"] for q in caught.captured_queries]
        assert len([s for s in sql if not s.startswith(("SAVEPOINT", "RELEASE", "SELECT set_config"))]) <= 12, path


def test_sight_is_taken_from_the_posts_of_today(hill: Cast, actor: Callable[..., object]) -> None:
    room = hill.school_class("三年级2班")
    found = {who: sight_of(actor(who), room) for who in ("office", "teacher2", "teacher1", "subject1", "sysadmin")}  # type: ignore[arg-type]
    assert found == {
        "office": Sight.FULL, "teacher2": Sight.FULL, "teacher1": Sight.NOTHING, "subject1": Sight.SHARED,
        "sysadmin": Sight.NOTHING,
    }  # fmt: skip
