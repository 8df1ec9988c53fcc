"""The pages of tasks: one's own, to confirm, given; done with a sentence, confirmed, given back, dropped."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from koumen.care.models import Task
from koumen.care.services import tasks as services
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.refusals import Conflict, Forbidden, Invalid
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R9", "R11")]
Clients = Callable[[str], Client]
Actors = Callable[..., Actor]
HOME = "/s/hill/tasks/"


@pytest.fixture
def task(hill: Cast, actor: Actors) -> Task:
    """subject1 owns it, teacher1 gave it and wants to see it done."""
    due = clock.today() + timedelta(days=3)
    return services.give(
        hill.staff("subject1"), by=actor("teacher1"), title="周三课后辅导", due=due, needs_verifying=True
    )


def test_it_works(client_of: Clients, task: Task) -> None:
    owner, giver = client_of("subject1"), client_of("teacher1")
    assert "周三课后辅导" in owner.get(HOME).content.decode()
    assert "周三课后辅导" in owner.get("/s/hill/").content.decode()  # every home
    done = owner.post(f"{HOME}{task.pk}/finish/", {"sentence": "辅导了两次，能独立做完"})
    assert done.status_code == 302
    assert "周三课后辅导" in giver.get(f"{HOME}?list=verify").content.decode()
    assert giver.post(f"{HOME}{task.pk}/verify/", {"done": "yes"}).status_code == 302
    task.refresh_from_db()
    assert (task.state, task.sentence, task.verified_by and task.verified_by.name) == (
        "verified", "辅导了两次，能独立做完", "陈老师",
    )  # fmt: skip


def test_without_a_sentence_it_is_not_done_and_the_page_says_why(client_of: Clients, task: Task) -> None:
    answer = client_of("subject1").post(f"{HOME}{task.pk}/finish/", {"sentence": "  "})
    assert answer.status_code == 422
    assert "请写一句是怎么办的" in answer.content.decode()
    task.refresh_from_db()
    assert task.state == "open"


def test_the_owner_never_confirms_and_others_never_finish(task: Task, actor: Actors) -> None:
    with pytest.raises(Forbidden):
        services.finish(task, by=actor("teacher1"), sentence="办了")
    services.finish(task, by=actor("subject1"), sentence="办了")
    with pytest.raises(Forbidden):
        services.verify(task, by=actor("subject1"), is_done=True)


def test_given_back_it_is_open_again_with_the_word(client_of: Clients, task: Task, actor: Actors) -> None:
    services.finish(task, by=actor("subject1"), sentence="办了")
    giver = client_of("teacher1")
    answer = giver.post(f"{HOME}{task.pk}/verify/", {"done": "no"})
    assert (answer.status_code, "请写一句还缺什么" in answer.content.decode()) == (422, True)
    assert giver.post(f"{HOME}{task.pk}/verify/", {"done": "no", "sentence": "还差第三次"}).status_code == 302
    task.refresh_from_db()
    assert (task.state, task.sentence) == ("open", "还差第三次")


def test_dropped_with_a_reason_and_then_it_is_over(client_of: Clients, task: Task, actor: Actors) -> None:
    giver = client_of("teacher1")
    assert giver.post(f"{HOME}{task.pk}/drop/", {"sentence": ""}).status_code == 422
    assert giver.post(f"{HOME}{task.pk}/drop/", {"sentence": "孩子转班了"}).status_code == 302
    task.refresh_from_db()
    assert (task.state, task.sentence) == ("dropped", "孩子转班了")
    with pytest.raises(Conflict):
        services.finish(task, by=actor("subject1"), sentence="办了")


def test_given_by_hand_once_however_often_it_is_sent(hill: Cast, client_of: Clients) -> None:
    told = {"token": str(uuid4()), "title": "约家长面谈", "owner": hill.staff("teacher2").pk, "due": clock.today()}
    for _time in range(2):
        assert client_of("office").post(f"{HOME}new/", told).status_code == 302
    assert Task.objects.get().owner == hill.staff("teacher2")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"due": "2020-01-01"}, "完成日期不能早于今天"),
        ({"title": "长" * 121}, "120"),
        ({"owner": ""}, "必填"),
        ({"owner": "999999"}, ""),
    ],
)
def test_bad_input_is_said_and_kept(hill: Cast, client_of: Clients, change: dict[str, str], words: str) -> None:
    told = {"token": str(uuid4()), "title": "约家长面谈", "owner": hill.staff("teacher2").pk, "due": clock.today()}
    answer = client_of("office").post(f"{HOME}new/", told | change)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert ("长" * 121 if "title" in change else "约家长面谈") in page
    assert not Task.objects.exists()


def test_who_left_the_school_is_given_nothing(hill: Cast, actor: Actors) -> None:
    gone = hill.staff("teacher2")
    gone.is_active = False
    gone.save()
    with pytest.raises(Forbidden):
        services.give(gone, by=actor("office"), title="约家长面谈", due=clock.today())


def test_others_do_not_see_it(client_of: Clients, task: Task) -> None:
    for who in ("teacher2", "principal"):
        assert client_of(who).get(f"{HOME}{task.pk}/").status_code == 404
        assert "周三课后辅导" not in client_of(who).get(f"{HOME}?list=overdue").content.decode()


def test_what_a_task_is_about_ends_with_it_and_the_other_way_round(task: Task, actor: Actors) -> None:
    ended: list[str] = []
    services.ENDINGS["of-a-test"] = lambda _row, _by, sentence: ended.append(sentence)
    try:
        Task.objects.filter(pk=task.pk).update(about="of-a-test", about_id="7")
        task.refresh_from_db()
        services.finish(task, by=actor("subject1"), sentence="办了")
        assert ended == ["办了"]
    finally:
        del services.ENDINGS["of-a-test"]
    other = services.give(task.owner, by=actor("teacher1"), title="另一件", due=clock.today(), about="x", about_id=8)
    assert services.settle("x", 8, sentence="已在别处办结") == 1
    other.refresh_from_db()
    assert (other.state, other.sentence) == ("done", "已在别处办结")


def test_the_list_asks_the_database_the_same_whatever_its_size(
    hill: Cast, client_of: Clients, task: Task, actor: Actors
) -> None:
    for n in range(40):
        services.give(task.owner, by=actor("teacher1"), title=f"第{n}件", due=clock.today())
    browser = client_of("subject1")
    browser.get(HOME)
    with CaptureQueriesContext(connection) as caught:
        page = browser.get(HOME).content.decode()
    asked = [q for q in caught if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "SELECT set_config"))]
    assert len(asked) <= 12
    assert "第0件" in page
    assert "下一页" in page


def test_an_empty_title_is_refused(hill: Cast, actor: Actors) -> None:
    with pytest.raises(Invalid):
        services.give(hill.staff("teacher1"), by=actor("office"), title=" ", due=clock.today())
