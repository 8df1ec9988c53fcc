"""A case's way: opened by help or a decision, looked at, closed by two, taken up again; refusals at each step."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import pytest

from koumen.care.models import Case, CaseNote, CaseReview, CaseSeat, Measure, Task
from koumen.care.services import closing
from koumen.care.services.casework import (
    Looked,
    Particulars,
    add_note,
    change_case,
    confirm_case,
    decide_not_to_act,
    review_case,
)
from koumen.care.services.measures import drop_measure, finish_measure, hand_over_measure, note_progress, set_measure
from koumen.care.services.tasks import drop, finish, verify
from koumen.care.services.teams import end_seat, give_seat, renew_seats
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry, OutboxMessage
from koumen.core.refusals import Conflict, Forbidden, Invalid
from koumen.registry.models import Staff, Student
from tests.care.stories import MONDAY, begun, closed, helped, proposed, soon
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R9", "R12")]
ActorOf = Callable[..., Actor]
OWNERS, KINDS = ("teacher1", "subject1"), ("study", "return")


@pytest.fixture(autouse=True)
def _a_monday() -> Iterator[None]:
    with clock.at(MONDAY):
        yield


def _state(case: Case) -> str:
    case.refresh_from_db()
    return str(case.state)


def test_it_works(hill: Cast, actor: ActorOf) -> None:
    """Proposed → opened by its first measure → a line of progress → done → looked at → closed by a second person."""
    by, office = actor("teacher1"), actor("office")
    case = proposed(hill, by)
    assert _state(case) == "proposed"
    measure = helped(hill, case, by, owner="subject1")
    assert _state(case) == "open"
    note_progress(measure, by=actor("subject1"), text="补了两次课")
    assert _state(case) == "progress"
    finish_measure(measure, by=actor("subject1"), result="口算过关")
    assert _state(case) == "review"
    looked = Looked(CaseReview.Face.BETTER, "作业能按时交了", "愿意读书了", "不怕数学了", is_steady=True)
    review_case(case, by=by, looked=looked)
    assert _state(case) == "steady"
    closing.ask_close(case, by=by, because="成绩稳定，孩子开朗")
    closing.confirm_close(case, by=office)
    assert _state(case) == "closed"
    assert (case.closed_by, case.close_asked_by) == (hill.staff("office"), hill.staff("teacher1"))
    verbs = AuditEntry.objects.filter(verb__startswith="case.").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["case.open", "case.review", "case.ask_close", "case.close"]


def test_nobody_closes_alone(hill: Cast, actor: ActorOf) -> None:
    case = proposed(hill, actor("teacher1"))
    closing.ask_close(case, by=actor("teacher1"), because="家长说已经解决")
    with pytest.raises(Forbidden, match="另一位老师"):
        closing.confirm_close(case, by=actor("teacher1"))
    assert _state(case) == "proposed"
    told = OutboxMessage.objects.filter(subject="一份一生一案等第二人确认撤档")
    assert [row.account_id for row in told] == [hill.account("office").pk]
    assert "阿虎" not in told[0].body + told[0].url


def test_a_closing_that_was_not_asked_or_has_help_under_way_is_refused(hill: Cast, actor: ActorOf) -> None:
    case = begun(hill, actor("teacher1"))
    with pytest.raises(Conflict, match="还没有人申请"):
        closing.confirm_close(case, by=actor("office"))
    with pytest.raises(Conflict, match="1 项措施"):
        closing.ask_close(case, by=actor("teacher1"), because="不想做了不想做")
    with pytest.raises(Invalid, match="撤档理由"):
        closing.ask_close(case, by=actor("teacher1"), because=" 好 ")


def test_the_second_person_may_give_it_back_and_the_reason_stays(hill: Cast, actor: ActorOf) -> None:
    case = proposed(hill, actor("teacher1"))
    closing.ask_close(case, by=actor("teacher1"), because="家长说已经解决")
    with pytest.raises(Conflict, match="已有老师申请"):
        closing.ask_close(case, by=actor("office"), because="我也想撤档呢")
    closing.refuse_close(case, by=actor("office"), because="再看一个月")
    assert case.notes.get().text == "没有撤档：再看一个月"
    case.refresh_from_db()
    assert (case.close_asked_by, case.close_reason) == (None, "")


def test_a_measure_for_yesterday_and_for_somebody_who_left_are_refused(hill: Cast, actor: ActorOf) -> None:
    case = proposed(hill, actor("teacher1"))
    with pytest.raises(Invalid, match="不能早于今天"):
        helped(hill, case, actor("teacher1"), due=soon(-1))
    Staff.objects.filter(name="吴老师").update(is_active=False)
    with pytest.raises(Invalid, match="已不在职"):
        helped(hill, case, actor("teacher1"), owner="subject1")
    assert _state(case) == "proposed"
    assert not Measure.objects.exists()


def test_a_measure_sent_twice_is_there_once_with_one_task(hill: Cast, actor: ActorOf) -> None:
    case, token = proposed(hill, actor("teacher1")), uuid4()
    for _time in range(2):
        set_measure(
            case, by=actor("teacher1"), token=token, kind="return", text="", owner=hill.staff("teacher1"), due=soon()
        )
    task = Task.objects.get()
    assert (task.about, task.about_id, task.owner) == ("measure", str(Measure.objects.get().pk), hill.staff("teacher1"))
    assert task.title == "落实一项帮扶措施：劝返复学"


def test_whichever_is_finished_first_ends_the_other(hill: Cast, actor: ActorOf) -> None:
    case = begun(hill, actor("teacher1"))
    one, two = case.measures.get(), helped(hill, case, actor("teacher1"), owner="subject1", kind="counsel")
    finish_measure(one, by=actor("teacher1"), result="跟上来了")
    task = Task.objects.get(about_id=str(one.pk))
    assert (task.state, task.sentence) == ("done", "跟上来了")
    finish(Task.objects.get(about_id=str(two.pk)), by=actor("subject1"), sentence="聊了三次")
    two.refresh_from_db()
    assert (two.state, two.result, _state(case)) == ("done", "聊了三次", "review")
    with pytest.raises(Conflict):
        finish_measure(two, by=actor("subject1"), result="再来一次")


def test_the_only_help_of_an_opened_case_is_not_dropped(hill: Cast, actor: ActorOf) -> None:
    case = begun(hill, actor("teacher1"))
    with pytest.raises(Conflict, match="唯一"):
        drop_measure(case.measures.get(), by=actor("teacher1"), because="不合适")
    helped(hill, case, actor("teacher1"), kind="parenting")
    drop_measure(case.measures.get(kind="study"), by=actor("teacher1"), because="不合适")
    assert _state(case) == "open"
    assert Task.objects.get(about_id=str(case.measures.get(kind="study").pk)).state == "dropped"


def test_a_measure_of_somebody_who_left_is_handed_over_with_its_task(hill: Cast, actor: ActorOf) -> None:
    measure = helped(hill, proposed(hill, actor("teacher1")), actor("teacher1"), owner="subject1")
    Staff.objects.filter(name="吴老师").update(is_active=False)
    hand_over_measure(measure, by=actor("teacher1"), owner=hill.staff("teacher1"), due=soon(20))
    assert [(t.owner.name, t.state) for t in Task.objects.order_by("pk")] == [("吴老师", "dropped"), ("陈老师", "open")]
    measure.refresh_from_db()
    with pytest.raises(Invalid):
        hand_over_measure(measure, by=actor("teacher1"), owner=hill.staff("subject1"), due=soon(20))


def test_a_decision_not_to_act_opens_a_case_and_needs_a_reason(hill: Cast, actor: ActorOf) -> None:
    case = proposed(hill, actor("teacher1"))
    with pytest.raises(Invalid, match="至少加一项措施"):
        confirm_case(case, by=actor("teacher1"))
    with pytest.raises(Invalid, match="理由"):
        decide_not_to_act(case, by=actor("teacher1"), because="不用")
    decide_not_to_act(case, by=actor("teacher1"), because="家长已带孩子就医，先观察")
    assert _state(case) == "open"
    assert (case.no_action_by, case.no_action_at) == (hill.staff("teacher1"), MONDAY)
    helped(hill, case, actor("teacher1"))
    case.refresh_from_db()
    assert case.no_action == ""
    with pytest.raises(Conflict, match="正在进行"):
        decide_not_to_act(case, by=actor("teacher1"), because="家长已带孩子就医，先观察")


def test_a_review_is_a_task_of_the_lead_and_not_done_by_a_sentence(hill: Cast, actor: ActorOf) -> None:
    case, by = begun(hill, actor("teacher1")), actor("teacher1")
    to = Particulars(3, ("D11", "D31"), "常缺课", "每天到校", hill.staff("teacher1"), soon(30))
    change_case(case, by=by, to=to)
    task = Task.objects.get(about="case")
    assert (task.owner, task.due, task.title) == (hill.staff("teacher1"), soon(30), "评估一生一案 A2026-0001 的效果")
    with pytest.raises(Invalid, match="打开这份一生一案"):
        finish(task, by=by, sentence="看过了")
    review_case(case, by=by, looked=Looked(2, "还要看", next_on=soon(60)))
    states = Task.objects.filter(about="case").order_by("pk").values_list("state", "due")
    assert list(states) == [("done", soon(30)), ("open", soon(60))]
    assert _state(case) == "progress"
    review_case(case, by=by, looked=Looked(2, "还要看", next_on=soon(60)))
    assert CaseReview.objects.count() == 1
    for wrong in (Looked(9, "看"), Looked(3, " "), Looked(3, "好", next_on=soon(-1)), Looked(3, "好", is_steady=True)):
        with pytest.raises(Invalid):
            review_case(case, by=by, looked=wrong)


def test_particulars_have_limits(hill: Cast, actor: ActorOf) -> None:
    case, teacher = proposed(hill, actor("teacher1")), hill.staff("teacher1")
    Staff.objects.filter(name="吴老师").update(is_active=False)
    for wrong in (
        Particulars(3, (), "常缺课", "", teacher, None),
        Particulars(3, ("X1",), "常缺课", "", teacher, None),
        Particulars(7, ("D11",), "常缺课", "", teacher, None),
        Particulars(3, ("D11",), "长" * 2001, "", teacher, None),
        Particulars(3, ("D11",), "常缺课", "", teacher, soon(-1)),
        Particulars(3, ("D11",), "常缺课", "", hill.staff("subject1"), None),
    ):
        with pytest.raises(Invalid):
            change_case(case, by=actor("teacher1"), to=wrong)
    change_case(case, by=actor("teacher1"), to=Particulars(3, ("D11",), "缺课", "", hill.staff("office"), None))
    parts = {seat.staff.name: seat.part for seat in case.seats.all()}
    assert parts == {"陈老师": "member", "周主任": "lead"}
    assert Task.objects.filter(about="case").count() == 0


def test_a_closed_case_is_taken_up_again_as_a_proposal(hill: Cast, actor: ActorOf) -> None:
    case = closed(hill, actor("teacher1"), actor("office"))
    with pytest.raises(Forbidden):
        helped(hill, case, actor("teacher1"))
    with pytest.raises(Forbidden):
        closing.reopen(case, by=actor("subject1"), because="又跟不上了，要再帮")
    closing.reopen(case, by=actor("teacher1"), because="又跟不上了，要再帮")
    assert (_state(case), case.times_reopened, case.close_asked_by) == ("proposed", 1, None)
    helped(hill, case, actor("teacher1"))
    assert _state(case) == "open"


def test_it_is_not_taken_up_again_beside_another_or_for_a_child_that_has_left(hill: Cast, actor: ActorOf) -> None:
    case = closed(hill, actor("teacher1"), actor("office"))
    Student.objects.filter(name="阿虎").update(state="moved")
    with pytest.raises(Invalid, match="转出"):
        closing.reopen(case, by=actor("teacher1"), because="又跟不上了，要再帮")
    Student.objects.filter(name="阿虎").update(state="enrolled")
    proposed(hill, actor("teacher1"))
    with pytest.raises(Conflict, match="新的一生一案"):
        closing.reopen(case, by=actor("teacher1"), because="又跟不上了，要再帮")


def test_the_team_ends_with_the_term_unless_renewed(hill: Cast, actor: ActorOf) -> None:
    case = begun(hill, actor("teacher1"))
    give_seat(case, by=actor("teacher1"), staff=hill.staff("subject1"), part="helper")
    give_seat(case, by=actor("teacher1"), staff=hill.staff("teacher2"), part="counsellor")
    assert Case.objects.visible_to(actor("subject1")).count() == 1
    with clock.at(MONDAY.replace(year=2027, month=2, day=1)):
        assert Case.objects.visible_to(actor("subject1")).count() == 0
        renew_seats(case, by=actor("teacher1"), staff=[hill.staff("subject1").pk])
        assert Case.objects.visible_to(actor("subject1")).count() == 1
        assert Case.objects.visible_to(actor("teacher2")).count() == 0
        assert CaseSeat.objects.get(staff=hill.staff("subject1")).ends.isoformat() == "2027-08-31"


def test_a_seat_has_its_limits(hill: Cast, actor: ActorOf) -> None:
    case = begun(hill, actor("teacher1"))
    Staff.objects.filter(name="吴老师").update(is_active=False)
    for wrong, refusal in (("subject1", Invalid), ("teacher1", Conflict)):
        with pytest.raises(refusal):
            give_seat(case, by=actor("teacher1"), staff=hill.staff(wrong), part="member")
    with pytest.raises(Invalid):
        give_seat(case, by=actor("teacher1"), staff=hill.staff("teacher2"), part="lead")
    with pytest.raises(Conflict):
        end_seat(case, by=actor("teacher1"), staff=hill.staff("teacher1"))
    give_seat(case, by=actor("teacher1"), staff=hill.staff("teacher2"), part="member")
    end_seat(case, by=actor("teacher1"), staff=hill.staff("teacher2"))
    assert not Case.objects.visible_to(actor("teacher2")).exists()


def test_a_note_twice_within_two_minutes_is_one(hill: Cast, actor: ActorOf) -> None:
    case = begun(hill, actor("teacher1"))
    for _time in range(2):
        add_note(case, by=actor("teacher1"), kind="team", text="今天聊了很久")
    assert CaseNote.objects.count() == 1
    with clock.at(MONDAY + timedelta(minutes=3)):
        add_note(case, by=actor("teacher1"), kind="team", text="今天聊了很久")
    assert CaseNote.objects.count() == 2
    for kind, text in (("team", " "), ("team", "长" * 2001), ("loud", "有字")):
        with pytest.raises(Invalid):
            add_note(case, by=actor("teacher1"), kind=kind, text=text)


def test_a_task_of_a_measure_is_neither_dropped_nor_given_back_beside_it(hill: Cast, actor: ActorOf) -> None:
    """One truth: the page of the measure decides, the task follows."""
    measure = begun(hill, actor("teacher1")).measures.get()
    with pytest.raises(Conflict, match="那一页"):
        drop(Task.objects.get(), by=actor("office"), because="不用了")
    finish_measure(measure, by=actor("teacher1"), result="跟上来了")
    with pytest.raises(Conflict, match="不能退回"):
        verify(Task.objects.get(), by=actor("office"), is_done=False, sentence="还差一点")
    verify(Task.objects.get(), by=actor("office"), is_done=True)
    assert Task.objects.get().state == "verified"
