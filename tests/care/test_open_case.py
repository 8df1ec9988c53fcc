"""Opening a case, and giving a task: the beginnings everything else of care stands on."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from koumen.care.models import Case, CaseSeat, Task
from koumen.care.models.findings import Source
from koumen.care.policies.cases import CaseSight, case_sight
from koumen.care.services.cases import open_case
from koumen.care.services.tasks import give
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.refusals import Forbidden, Invalid
from tests.cast import Cast

ActorOf = Callable[..., Actor]


def _open(by: Actor, hill: Cast, **more: object) -> Case:
    told: dict[str, object] = {"source": Source.TEACHER, "reasons": ["D11"], "why": "最近跟不上"} | more
    return open_case(hill.student("阿虎"), by=by, **told)  # type: ignore[arg-type]


def test_it_works(hill: Cast, actor: ActorOf) -> None:
    case = _open(actor("teacher1"), hill)
    assert (case.state, case.code, case.why) == ("proposed", "A2026-0001", "最近跟不上")
    assert case.lead == hill.staff("teacher1")
    seat = CaseSeat.objects.get(case=case)
    assert (seat.part, seat.ends) == ("lead", clock.today().replace(2027, 1, 31))


def test_a_child_has_one_live_case(hill: Cast, actor: ActorOf) -> None:
    first = _open(actor("teacher1"), hill)
    assert _open(actor("office"), hill, source_id=uuid4()) == first
    assert Case.objects.count() == 1


def test_a_teacher_of_the_child_who_proposes_is_on_the_team_with_the_class_teacher(hill: Cast, actor: ActorOf) -> None:
    case = _open(actor("subject1"), hill)
    assert {s.staff.name: s.part for s in case.seats.all()} == {"陈老师": "lead", "吴老师": "member"}


@pytest.mark.parametrize("more", [{"why": "  "}, {"reasons": []}, {"reasons": ["X99"]}])
def test_without_a_reason_it_is_refused(hill: Cast, actor: ActorOf, more: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        _open(actor("teacher1"), hill, **more)


@pytest.mark.parametrize("who", ["teacher2", "sysadmin", "principal"])
def test_others_may_not(hill: Cast, actor: ActorOf, who: str) -> None:
    with pytest.raises(Forbidden):
        _open(actor(who), hill)


def test_how_much_each_one_sees(hill: Cast, actor: ActorOf) -> None:
    case = _open(actor("teacher1"), hill)
    seen = {who: case_sight(actor(who), case) for who in ("office", "teacher1", "subject1", "principal", "sysadmin")}
    assert seen == {
        "office": CaseSight.WORK,
        "teacher1": CaseSight.WORK,
        "subject1": CaseSight.PRIORITY,
        "principal": CaseSight.PRIORITY,
        "sysadmin": CaseSight.NOTHING,
    }


def test_a_case_of_suspected_harm_is_for_its_team_alone(hill: Cast, actor: ActorOf) -> None:
    case = _open(actor("teacher1"), hill)
    Case.objects.filter(pk=case.pk).update(kind=Case.Kind.HARM)
    case.refresh_from_db()
    assert case_sight(actor("teacher1"), case) == CaseSight.WORK
    assert case_sight(actor("office"), case) == CaseSight.NOTHING
    assert not Case.objects.visible_to(actor("office")).exists()


def test_a_seat_ends_with_the_term(hill: Cast, actor: ActorOf) -> None:
    case = _open(actor("subject1"), hill)
    CaseSeat.objects.filter(case=case).update(ends=clock.today() - timedelta(days=1))
    assert case_sight(actor("subject1"), case) == CaseSight.PRIORITY
    assert case_sight(actor("teacher1"), case) == CaseSight.WORK  # by post


def test_a_task_is_given_once(hill: Cast, actor: ActorOf) -> None:
    owner, by, due = hill.staff("teacher2"), actor("teacher1"), clock.today()
    first = give(owner, by=by, title="回访", due=due, once_key="effect-1")
    assert give(owner, by=by, title="回访", due=due, once_key="effect-1") == first
    assert Task.objects.visible_to(actor("teacher2")).get().given_by == hill.staff("teacher1")
    assert not Task.objects.visible_to(actor("subject1")).exists()


def test_a_task_for_yesterday_is_refused(hill: Cast, actor: ActorOf) -> None:
    with pytest.raises(Invalid, match="不能早于今天"):
        give(hill.staff("teacher2"), by=actor("teacher1"), title="回访", due=clock.today() - timedelta(days=1))
