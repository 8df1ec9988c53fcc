"""R30, J10.2: an opinion is never first with whom it is about; integrity goes above the school."""

from collections.abc import Callable
from datetime import date

import pytest

from koumen.care.models import Opinion, Task
from koumen.care.presets.topics import Topic, suggested
from koumen.care.queries.routing import recognised
from koumen.care.services.opinion_family import judge
from koumen.care.services.opinion_work import accept, answer, concern, forward, lift
from koumen.core import scope
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry, OutboxMessage
from koumen.core.refusals import Forbidden, Invalid
from koumen.registry.models import Account, Role, Staff
from tests.care.opinion_stories import VOICE, WAYS, said, sender_of
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R30")]
Actors = Callable[..., Actor]


def readers(cast: Cast, actor: Actors, row: Opinion) -> set[str]:
    people = ("office", "principal", "middle", "teacher1", "teacher2", "subject1", "sysadmin")
    return {who for who in people if Opinion.objects.visible_to(actor(who)).filter(pk=row.pk).exists()}


def told(cast: Cast) -> set[str]:
    ids = OutboxMessage.objects.filter(channel="in_app").values_list("account_id", flat=True)
    return set(Account.objects.filter(pk__in=ids).values_list("username", flat=True))


def test_an_ordinary_one_goes_to_the_office(hill: Cast, actor: Actors) -> None:
    row, sent = said(hill)
    assert (row.level, row.code, sent.number) == ("school", "2026-0001", "2026-0001")
    assert readers(hill, actor, row) == {"office", "principal"}
    assert told(hill) == {"office"}


@pytest.mark.parametrize(
    "text", ["李老师收了我家一个红包", "老师让我们去他家补课，收补课费", "体罚孩子", "要我们买推销的练习册"]
)
def test_what_smells_of_integrity_is_in_nobodys_inbox_at_the_teachers_level(
    hill: Cast, actor: Actors, text: str
) -> None:
    """J10.2: the principal and the bureau have it; the office and the teachers do not learn that it exists."""
    row, _sent = said(hill, text)
    assert row.level == "above"
    assert readers(hill, actor, row) == {"principal"}
    assert told(hill) == {"principal"}
    assert not Task.objects.exists()
    with scope.enter(hill.bureau.pk):
        copy = Opinion.objects.get()
        assert (copy.text, copy.level, copy.origin_org) == (text, "above", hill.hill.pk)
        assert OutboxMessage.objects.get().subject == "收到一条要由上一级办理的意见"
    said_in_notes = " ".join(OutboxMessage.objects.values_list("body", flat=True))
    assert "红包" not in said_in_notes
    assert "李老师" not in said_in_notes


def test_the_topic_alone_sends_it_above(hill: Cast) -> None:
    assert said(hill, "态度不好", topic=Topic.ETHICS)[0].level == "above"


def test_the_teacher_it_names_neither_sees_nor_handles_it(hill: Cast, actor: Actors) -> None:
    row, _sent = said(hill, "陈老师布置的作业太多")
    assert row.about == hill.staff("teacher1")
    assert readers(hill, actor, row) == {"office", "principal"}
    with pytest.raises(Invalid, match="不能交给本人"):
        forward(row, by=actor("office"), to=hill.staff("teacher1"))


def test_about_the_office_it_goes_to_the_principal(hill: Cast, actor: Actors) -> None:
    row, _sent = said(hill, "周主任不接电话")
    assert (row.level, readers(hill, actor, row), told(hill)) == ("above", {"principal"}, {"principal"})
    with scope.enter(hill.bureau.pk):
        assert not Opinion.objects.exists()


def test_about_the_principal_it_goes_to_the_bureau_alone(hill: Cast, actor: Actors) -> None:
    row, _sent = said(hill, "找人不在", about_words="校长")
    assert (row.level, readers(hill, actor, row), told(hill)) == ("above", set(), set())
    with scope.enter(hill.bureau.pk):
        assert Opinion.objects.get().about_words == "青山小学 林校长"


def test_without_a_bureau_about_the_principal_it_goes_to_the_office(hill: Cast, actor: Actors) -> None:
    hill.hill.parent = None
    hill.hill.save()
    row, _sent = said(hill, "林校长不在")
    assert (row.level, readers(hill, actor, row)) == ("school", {"office"})


def test_the_word_principal_in_a_wish_is_about_nobody(hill: Cast) -> None:
    assert said(hill, "希望校长来食堂看看")[0].concerns == []


def test_people_are_recognised_by_surname_given_name_and_post(hill: Cast) -> None:
    Staff.objects.filter(pk=hill.staff("teacher1").pk).update(name="陈建国")
    other = Staff.objects.create(name="陈小雨", number="x")
    first, second = hill.staff("teacher1").pk, other.pk
    assert recognised("陈建国上课很好") == {first}
    assert recognised("建国老师上课很好") == {first}
    assert recognised("陈老师拖堂") == {first, second}
    assert recognised("陈老师拖堂", household=hill.student("阿虎").household) == {first}
    assert recognised("拖堂", "班主任", hill.student("阿虎").household) == {first}
    assert recognised("陈醋打翻了") == set()


def test_a_colleague_added_later_loses_it_at_once(hill: Cast, actor: Actors) -> None:
    row, _sent = said(hill, "作业太多")
    forward(row, by=actor("office"), to=hill.staff("subject1"))
    assert "subject1" in readers(hill, actor, row)
    row.refresh_from_db()
    concern(row, by=actor("office"), staff=hill.staff("subject1"))
    row.refresh_from_db()
    assert (row.handler, readers(hill, actor, row)) == (None, {"office", "principal"})
    assert not Task.objects.open().exists()


def test_the_office_may_hand_it_up_and_then_sees_it_no_more(hill: Cast, actor: Actors) -> None:
    row, _sent = said(hill)
    with pytest.raises(Invalid):
        lift(row, by=actor("office"), because=" ")
    lift(row, by=actor("office"), because="要花钱，办公室定不了")
    assert readers(hill, actor, row) == {"principal"}


def test_taken_for_integrity_it_goes_above_too(hill: Cast, actor: Actors) -> None:
    row, _sent = said(hill, "有点事想说")
    accept(row, by=actor("office"), topic=Topic.ETHICS)
    row.refresh_from_db()
    assert (row.level, row.handler, readers(hill, actor, row)) == ("above", None, {"principal"})
    with scope.enter(hill.bureau.pk):
        assert Opinion.objects.count() == 1


def test_a_voice_of_somebody_unnamed_is_not_handed_on(hill: Cast, actor: Actors) -> None:
    row, _sent = said(hill, "", voice=VOICE)
    with pytest.raises(Invalid, match="写成文字"):
        forward(row, by=actor("office"), to=hill.staff("subject1"))


def test_the_bureaus_answer_reaches_the_one_who_holds_the_code(hill: Cast, actor: Actors) -> None:
    """J10.2: the anonymous sender follows by code at the school; what the bureau answers stands there."""
    row, _sent = said(hill, "李老师收了红包")
    with scope.enter(hill.bureau.pk):
        copy = Opinion.objects.get()
        answer(copy, by=actor("officer", "bureau"), text="已调查并退回", gist="收受礼金", ways=WAYS)
    row.refresh_from_db()
    assert (row.state, row.answer, row.answered_by) == ("answered", "已调查并退回", None)
    assert row.steps.get(kind="answered").by == "云岭县教育局"
    assert not OutboxMessage.objects.filter(channel="sms").exists()
    assert sender_of(hill, row).visitor is not None


def test_the_principals_answer_stands_in_the_bureaus_copy(hill: Cast, actor: Actors) -> None:
    row, _sent = said(hill, "李老师收了红包")
    answer(row, by=actor("principal"), text="已退回", gist="收受礼金", ways=WAYS)
    with scope.enter(hill.bureau.pk):
        assert Opinion.objects.values_list("state", "answer").get() == ("answered", "已退回")


@pytest.mark.parametrize(("text", "knows"), [("李老师收了红包", True), ("找不到林校长", True), ("食堂的菜凉了", False)])
def test_the_bureau_knows_who_spoke_in_confidence_only_where_that_was_promised(
    hill: Cast, actor: Actors, text: str, knows: bool
) -> None:
    row, _sent = said(hill, text, identity=Opinion.Identity.HIDDEN, sender_name="王女士", sender_phone="10000000099")
    if not knows:  # it comes to the bureau because the principal's answer was not enough
        answer(row, by=actor("principal"), text="已改", gist="食堂菜凉", ways=WAYS)
        judge(row, by=sender_of(hill, row), face=1)
    with scope.enter(hill.bureau.pk):
        copy = Opinion.objects.get()
        assert (copy.sender_name, copy.sender_phone) == (("王女士", "10000000099") if knows else ("", ""))


def test_a_vice_principal_receives_like_the_office(hill: Cast, actor: Actors) -> None:
    Role.objects.create(staff=hill.staff("middle"), post="vice_principal", starts=date(2026, 9, 1))
    row, _sent = said(hill)
    assert "middle" in readers(hill, actor, row)


@pytest.mark.parametrize("who", ["teacher1", "subject1", "middle", "sysadmin"])
def test_others_may_not_take_it_on(hill: Cast, actor: Actors, who: str) -> None:
    row, _sent = said(hill)
    with pytest.raises(Forbidden):
        accept(row, by=actor(who), topic="meals")


def test_the_log_names_no_row_when_something_is_sent(hill: Cast) -> None:
    said(hill)
    assert AuditEntry.objects.filter(verb="opinion.send").values_list("actor_name", "target").get() == ("匿名", "")


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("希望食堂的菜热一些", "meals"), ("校车到村口的时间能不能固定", "bus"), ("放学时校门口车多", "safety"),
        ("作业量可以再均匀一点", "teaching"), ("希望多开几次家长课堂", "parenting"), ("天气真好", "other"),
    ],
)  # fmt: skip
def test_words_suggest_a_topic(text: str, topic: str) -> None:
    """What a teacher writes down at a visit has no topic of its own."""
    assert suggested(text) == topic
