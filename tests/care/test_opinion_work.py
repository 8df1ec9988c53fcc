"""R30: taken on, handed over, extended once, joined, refused, answered; judged, reopened once, withdrawn, published."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import uuid4

import pytest

from koumen.care.models import Opinion, Task
from koumen.care.models.findings import Source
from koumen.care.queries.opinions import figures
from koumen.care.services.opinion_family import consent, judge, withdraw
from koumen.care.services.opinion_public import publish, unpublish
from koumen.care.services.opinion_work import accept, answer, extend, forward, merge, refuse, write_down
from koumen.care.services.opinions import code_hash, receive
from koumen.care.services.tasks import finish
from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.core.models import OutboxMessage, StoredFile
from koumen.core.refusals import Conflict, Forbidden, Invalid
from koumen.registry.models import Role
from tests.care.opinion_stories import VOICE, WAYS, at_the_door, family, said, sender_of
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R30")]
Actors = Callable[..., Actor]
NOON = datetime(2026, 11, 23, 12, 0)  # a Monday


@pytest.fixture(autouse=True)
def _a_monday() -> object:
    with clock.at(NOON):
        yield


def answered(hill: Cast, by: Actor, **more: object) -> Opinion:
    row, _sent = said(hill, **more)  # type: ignore[arg-type]
    return answer(row, by=by, text="换了保温餐箱", gist="食堂菜凉", ways=WAYS)


def test_it_works(hill: Cast, actor: Actors) -> None:
    """Sent → taken on → answered → the family is content: settled, its task done, nothing left to do."""
    row, sent = said(hill)
    assert row.due_on == date(2026, 12, 7)  # ten school days
    accept(row, by=actor("office"), topic="meals")
    row.refresh_from_db()
    assert (row.state, row.handler, row.due_on) == ("accepted", hill.staff("office"), date(2026, 11, 30))
    task = Task.objects.get()
    assert (task.title, task.owner, task.due) == ("办理意见建议 2026-0001", hill.staff("office"), row.due_on)
    answer(row, by=actor("office"), text="换了保温餐箱", gist="食堂菜凉", ways=WAYS)
    task.refresh_from_db()
    assert task.state == "done"
    assert Opinion.objects.get(code_hash=code_hash(sent.secret)) == row
    judge(row, by=sender_of(hill, row), face=3)
    row.refresh_from_db()
    assert (row.state, row.face) == ("settled", 3)
    kinds = list(row.steps.filter(for_family=True).values_list("kind", flat=True))
    assert sorted(kinds) == ["accepted", "answered", "judged", "received"]


def test_a_task_of_an_opinion_ends_with_the_answer_only(hill: Cast, actor: Actors) -> None:
    """Two ways to finish never contradict: a tick on the tasks page answers no family."""
    row, _sent = said(hill)
    accept(row, by=actor("office"), topic="other")
    with pytest.raises(Invalid, match="写答复"):
        finish(Task.objects.get(), by=actor("office"), sentence="办好了")
    assert Task.objects.get().state == "open"


def test_handed_over_the_colleague_answers(hill: Cast, actor: Actors) -> None:
    row, _sent = said(hill)
    forward(row, by=actor("office"), to=hill.staff("subject1"), words="请周五前")
    row.refresh_from_db()
    assert Task.objects.get().owner == hill.staff("subject1")
    assert not row.steps.get(kind="words").for_family
    answer(row, by=actor("subject1"), text="换了", gist="菜凉", ways=WAYS)


def test_handed_to_another_the_first_task_ends(hill: Cast, actor: Actors) -> None:
    row, _sent = said(hill)
    accept(row, by=actor("office"), topic="other")
    forward(row, by=actor("office"), to=hill.staff("middle"))
    assert [t.owner.name for t in Task.objects.open()] == ["郑主任"]


def test_somebody_who_left_gets_nothing(hill: Cast, actor: Actors) -> None:
    row, _sent = said(hill)
    gone = hill.staff("subject1")
    Role.objects.filter(staff=gone).update(ends=date(2026, 11, 1))
    with pytest.raises(Invalid, match="已经离任"):
        forward(row, by=actor("office"), to=gone)


def test_what_lies_with_somebody_who_left_lies_with_the_office_again(hill: Cast, actor: Actors) -> None:
    row, _sent = said(hill)
    forward(row, by=actor("office"), to=hill.staff("subject1"))
    gone = hill.staff("subject1")
    gone.is_active = False
    gone.save()
    from_office = Opinion.objects.visible_to(actor("office")).get()
    answer(from_office, by=actor("office"), text="换了", gist="菜凉", ways=WAYS)


def test_more_time_once_and_the_family_is_told_why(hill: Cast, actor: Actors) -> None:
    row, _sent = said(hill, identity=Opinion.Identity.NAMED, sender_name="王女士", sender_phone="10000000099")
    with pytest.raises(Invalid):
        extend(row, by=actor("office"), because=" ", ways=WAYS)
    extend(row, by=actor("office"), because="等新餐箱到货", ways=WAYS)
    row.refresh_from_db()
    assert row.due_on == date(2026, 12, 14)
    assert "等新餐箱到货" in row.steps.get(kind="extended", for_family=True).text
    sms = OutboxMessage.objects.get(channel="sms")
    assert (sms.address, WAYS.door in sms.body, "餐箱" in sms.body) == ("10000000099", True, False)
    with pytest.raises(Conflict, match="不能再延"):
        extend(row, by=actor("office"), because="再等等", ways=WAYS)


@pytest.mark.parametrize(("text", "gist"), [("", "菜凉"), ("  \n", "菜凉"), ("换了", ""), ("换了", "阿虎说菜凉")])
def test_an_empty_answer_or_a_name_in_the_table_is_refused(hill: Cast, actor: Actors, text: str, gist: str) -> None:
    row, _sent = said(hill)
    with pytest.raises(Invalid):
        answer(row, by=actor("office"), text=text, gist=gist, ways=WAYS)
    assert Opinion.objects.get().state == "received"


def test_two_answer_at_once_and_the_family_gets_one(hill: Cast, actor: Actors) -> None:
    row, _sent = said(hill)
    answer(row, by=actor("office"), text="换了保温餐箱", gist="食堂菜凉", ways=WAYS)
    with pytest.raises(Conflict, match="请刷新"):  # the page of the other was open since before
        answer(row, by=actor("principal"), text="另一个答复", gist="菜凉", ways=WAYS)
    assert Opinion.objects.get().answer == "换了保温餐箱"


def test_not_ours_needs_a_reason(hill: Cast, actor: Actors) -> None:
    row, _sent = said(hill, "村里的路灯坏了")
    with pytest.raises(Invalid):
        refuse(row, by=actor("office"), because="", ways=WAYS)
    refuse(row, by=actor("office"), because="路灯归村委会，可以打 12345", ways=WAYS)
    row.refresh_from_db()
    assert (row.state, row.is_over, row.refused_because) == ("not_ours", True, "路灯归村委会，可以打 12345")
    with pytest.raises((Conflict, Forbidden)):
        answer(row, by=actor("office"), text="x", gist="x", ways=WAYS)


def test_equal_ones_are_joined_and_each_family_gets_the_answer(hill: Cast, actor: Actors) -> None:
    (first, _a), (second, _b), (third, _c) = said(hill), said(hill, "菜是冷的"), said(hill, "冷菜")
    merge(third, by=actor("office"), into=second)
    merge(second, by=actor("office"), into=first)
    assert {o.merged_into_id for o in Opinion.objects.exclude(pk=first.pk)} == {first.pk}
    answer(first, by=actor("office"), text="换了保温餐箱", gist="食堂菜凉", ways=WAYS)
    assert set(Opinion.objects.values_list("state", "answer")) == {("answered", "换了保温餐箱")}
    second.refresh_from_db()
    judge(second, by=sender_of(hill, second), face=3)


def test_one_is_not_joined_with_one_handled_by_whom_it_is_about(hill: Cast, actor: Actors) -> None:
    about, _a = said(hill, "吴老师拖堂")
    other, _b = said(hill, "拖堂")
    forward(other, by=actor("office"), to=hill.staff("subject1"))
    with pytest.raises(Invalid):
        merge(about, by=actor("office"), into=other)
    with pytest.raises(Invalid):
        merge(about, by=actor("office"), into=about)


@pytest.mark.parametrize(("face", "state"), [(3, "settled"), (2, "settled"), (1, "reopened")])
def test_three_faces(hill: Cast, actor: Actors, face: int, state: str) -> None:
    row = answered(hill, actor("office"))
    judge(row, by=sender_of(hill, row), face=face, words="还是凉")
    row.refresh_from_db()
    assert (row.state, row.face) == (state, face)
    with pytest.raises(Conflict):
        judge(row, by=sender_of(hill, row), face=3)


def test_not_content_it_goes_once_to_the_level_above_then_it_ends_unsettled(hill: Cast, actor: Actors) -> None:
    row = answered(hill, actor("office"))
    judge(row, by=sender_of(hill, row), face=1)
    row.refresh_from_db()
    assert (row.level, row.times_reopened, row.handler) == ("above", 1, None)
    assert not Opinion.objects.visible_to(actor("office")).exists()
    answer(row, by=actor("principal"), text="周三起校长陪餐", gist="食堂菜凉", ways=WAYS)
    judge(row, by=sender_of(hill, row), face=1)
    row.refresh_from_db()
    assert (row.state, row.is_over) == ("unsettled", True)
    assert row.steps.filter(kind="final").exists()


def test_what_the_principal_answered_goes_to_the_bureau(hill: Cast, actor: Actors) -> None:
    row = answered(hill, actor("principal"))
    judge(row, by=sender_of(hill, row), face=1)
    row.refresh_from_db()
    assert row.state == "reopened"
    with pytest.raises(Forbidden):
        answer(row, by=actor("principal"), text="同上", gist="同上", ways=WAYS)
    with scope.enter(hill.bureau.pk):
        copy = Opinion.objects.get()
        assert copy.state == "reopened"
        answer(copy, by=actor("officer", "bureau"), text="已督办", gist="食堂菜凉", ways=WAYS)
    row.refresh_from_db()
    assert (row.state, row.answer) == ("answered", "已督办")
    judge(row, by=sender_of(hill, row), face=1)
    row.refresh_from_db()
    with scope.enter(hill.bureau.pk):
        assert (row.state, Opinion.objects.get().state) == ("unsettled", "unsettled")


def test_nobody_else_judges(hill: Cast, actor: Actors) -> None:
    row = answered(hill, actor("office"))
    for by in (at_the_door(hill), at_the_door(hill, "code-0"), family(hill, "阿虎", row), actor("office")):
        with pytest.raises(Forbidden):
            judge(row, by=by, face=3)


def test_a_visits_opinion_is_judged_by_its_own_home(hill: Cast, actor: Actors) -> None:
    home = hill.student("阿虎").household
    assert home is not None
    row = receive(home, by=actor("teacher1"), source=Source.VISIT, source_id=uuid4(), text="希望多些课外书")
    answer(row, by=actor("office"), text="开了图书角", gist="课外书", ways=WAYS)
    assert "l/" in OutboxMessage.objects.get(channel="sms").body
    with pytest.raises(Forbidden):
        judge(row, by=family(hill, "阿宝", row), face=3)
    judge(row, by=family(hill, "阿虎", row), face=3)


def test_taken_back_it_is_kept_and_nobody_works_on_it(hill: Cast, actor: Actors) -> None:
    row, _sent = said(hill)
    accept(row, by=actor("office"), topic="other")
    withdraw(row, by=sender_of(hill, row))
    row.refresh_from_db()
    assert (row.state, Task.objects.open().count(), Opinion.objects.count()) == ("withdrawn", 0, 1)
    with pytest.raises((Conflict, Forbidden)):
        answer(row, by=actor("office"), text="x", gist="x", ways=WAYS)


def test_a_voice_is_written_down_and_then_deleted(hill: Cast, actor: Actors) -> None:
    row, _sent = said(hill, "", voice=VOICE)
    with pytest.raises(Invalid):
        write_down(row, by=actor("office"), text=" ")
    write_down(row, by=actor("office"), text="菜凉")
    row.refresh_from_db()
    assert (row.text, row.voice, StoredFile.objects.count()) == ("菜凉", None, 0)


def test_published_with_consent_and_without_names_and_gone_when_taken_back(hill: Cast, actor: Actors) -> None:
    row = answered(hill, actor("office"))
    with pytest.raises(Conflict, match="还没有同意"):
        publish(row, by=actor("office"), said="菜凉", done="换了餐箱")
    consent(row, by=sender_of(hill, row), agrees=True)
    for words in ("陈老师说菜凉", "阿虎家说菜凉"):
        with pytest.raises(Invalid, match="不能有姓名"):
            publish(row, by=actor("office"), said=words, done="换了餐箱")
    publish(row, by=actor("office"), said="菜凉", done="换了餐箱")
    assert Opinion.objects.filter(publishing="published").count() == 1
    unpublish(row, by=actor("office"))
    publish(row, by=actor("principal"), said="菜凉", done="换了餐箱")
    consent(row, by=sender_of(hill, row), agrees=False)
    row.refresh_from_db()
    assert (row.publishing, row.published_at) == ("refused", None)


def test_answered_settled_and_unsettled_are_counted_apart(hill: Cast, actor: Actors) -> None:
    for face in (3, 3, 2, 1):
        row = answered(hill, actor("office"))
        judge(row, by=sender_of(hill, row), face=face)
    answered(hill, actor("office"))
    said(hill)
    gone, _sent = said(hill)
    withdraw(gone, by=sender_of(hill, gone))
    joined, _sent = said(hill)
    merge(joined, by=actor("office"), into=Opinion.objects.filter(state="received").exclude(pk=joined.pk).get())
    said(hill, "收了红包")  # of which the office knows nothing, not even in numbers
    for who, more in (("office", 0), ("principal", 1)):
        found = figures(actor(who), date(2026, 11, 1), date(2026, 11, 30))
        assert (found.received, found.owed, found.answered, found.in_time) == (8 + more, 6 + more, 5, 5)
        assert (found.settled, found.partly, found.unsettled, found.waiting) == (2, 1, 1, 1)
        assert (found.merged, found.withdrawn, found.median) == (1, 1, 0.0)
    nobody = figures(actor("office"), date(2027, 1, 1), date(2027, 1, 31))
    assert (nobody.rate, nobody.median) == (None, None)
