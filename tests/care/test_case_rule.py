"""What visits find proposes cases; and whatever is done in whatever order, the rule of a case holds."""

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest

from koumen.care.models import Case, Finding, Measure, Task
from koumen.care.models.findings import Source
from koumen.care.services import closing
from koumen.care.services.casework import Looked, confirm_case, decide_not_to_act, review_case
from koumen.care.services.findings import agree_measures, raise_findings
from koumen.care.services.measures import drop_measure, finish_measure, hand_over_measure, note_progress
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.refusals import Refusal
from tests.care.stories import MONDAY, helped, proposed, soon
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


def test_what_a_visit_finds_proposes_one_case_however_often_it_is_sent(hill: Cast, actor: ActorOf) -> None:
    by, child, source = actor("teacher1"), hill.student("阿虎"), uuid4()
    for _time in range(2):
        raise_findings(child, by=by, source=Source.VISIT, source_id=source, on=clock.today(), categories=["D31", "D11"])
        agree_measures(child, by=by, source=Source.VISIT, source_id=source, on=clock.today(), kinds=["return"])
    case = Case.objects.get()
    assert (case.state, case.reasons, case.level, case.source_id) == ("proposed", ["D31"], 2, source)
    assert set(Finding.objects.values_list("case", flat=True)) == {case.pk}
    assert Measure.objects.get().case == case
    assert sorted(Task.objects.values_list("about", "state")) == [("case", "open"), ("measure", "open")]
    confirm_case(case, by=by)
    assert _state(case) == "open"
    assert Task.objects.get(about="case").state == "done"


def test_a_small_problem_proposes_none_and_joins_the_one_there_is(hill: Cast, actor: ActorOf) -> None:
    by, child = actor("teacher1"), hill.student("阿虎")
    raise_findings(child, by=by, source=Source.VISIT, source_id=uuid4(), on=clock.today(), categories=["D11"])
    assert not Case.objects.exists()
    case = proposed(hill, by)
    raise_findings(child, by=by, source=Source.VISIT, source_id=uuid4(), on=clock.today(), categories=["D23"])
    assert Finding.objects.filter(case=case).count() == 2


def test_a_sealed_reason_stays_out_of_a_proposals_words(hill: Cast, actor: ActorOf) -> None:
    by, child = actor("teacher1"), hill.student("阿虎")
    raise_findings(child, by=by, source=Source.VISIT, source_id=uuid4(), on=clock.today(), categories=["C21"])
    assert Case.objects.get().why == "家访中发现：需要关爱。"


def test_a_record_corrected_later_drops_its_help_and_the_case_is_a_proposal_again(hill: Cast, actor: ActorOf) -> None:
    by, child, source = actor("teacher1"), hill.student("阿虎"), uuid4()
    told: dict[str, Any] = {"by": by, "source": Source.VISIT, "source_id": source, "on": clock.today()}
    agree_measures(child, kinds=["study"], **told)
    case = proposed(hill, by)
    confirm_case(case, by=by)
    agree_measures(child, kinds=[], **told)
    assert (_state(case), Task.objects.get(about="measure").state) == ("proposed", "dropped")
    agree_measures(child, kinds=["study"], **told)
    assert Task.objects.get(about="measure", once_key__gt="").state == "open"


def test_help_agreed_for_a_day_that_is_past_meanwhile_is_due_today(hill: Cast, actor: ActorOf) -> None:
    """A record that waited for a signal is taken in all the same."""
    told: dict[str, Any] = {"source": Source.VISIT, "source_id": uuid4(), "on": soon(-30), "due": soon(-2)}
    agree_measures(hill.student("阿虎"), by=actor("teacher1"), kinds=["study"], **told)
    assert Task.objects.get().due == clock.today()


def test_whatever_is_done_in_whatever_order_the_rule_holds(hill: Cast, actor: ActorOf) -> None:
    """Forty walks of thirty random steps: an opened case has open help or a decision, a closed one two persons."""
    dice = random.Random(5)
    people = [actor("teacher1"), actor("office"), actor("subject1")]

    def any_measure(case: Case) -> Measure:
        return dice.choice(list(Measure.objects.filter(case=case).select_related("student__school_class", "case")))

    steps: list[Callable[[Case, Actor], object]] = [
        lambda c, by: helped(hill, c, by, owner=dice.choice(OWNERS), kind=dice.choice(KINDS)),
        lambda c, by: finish_measure(any_measure(c), by=by, result="好了"),
        lambda c, by: drop_measure(any_measure(c), by=by, because="不合适"),
        lambda c, by: note_progress(any_measure(c), by=by, text="做了"),
        lambda c, by: hand_over_measure(
            any_measure(c), by=by, owner=hill.staff("teacher1"), due=soon(dice.randint(0, 9))
        ),
        lambda c, by: decide_not_to_act(c, by=by, because="先看一看再说"),
        lambda c, by: confirm_case(c, by=by),
        lambda c, by: review_case(c, by=by, looked=Looked(2, "看过", is_steady=dice.random() < 0.5)),
        lambda c, by: closing.ask_close(c, by=by, because="可以撤档了吧"),
        lambda c, by: closing.confirm_close(c, by=by),
        lambda c, by: closing.refuse_close(c, by=by, because="再看看"),
        lambda c, by: closing.reopen(c, by=by, because="又出现了困难"),
    ]
    reached = set()
    for _walk in range(40):
        case = proposed(hill, people[0])
        for _step in range(30):
            case = Case.objects.select_related("student__school_class").get(pk=case.pk)
            with suppress(Refusal, IndexError):
                dice.choice(steps)(case, dice.choice(people))
            case = Case.objects.get(pk=case.pk)
            reached.add(case.state)
            _holds(case)
        Case.objects.filter(pk=case.pk).update(state=Case.State.MOVED)
    assert reached == set(Case.State.values) - {"moved"}


def _holds(case: Case) -> None:
    open_now = Measure.objects.open().filter(case=case)
    if case.state in ("open", "progress"):
        assert case.no_action or open_now.exists()
    if case.state == "closed":
        assert case.closed_by_id not in (None, case.close_asked_by_id)
        assert not open_now.exists()
    for measure in Measure.objects.filter(case=case):
        tasks = Task.objects.open().filter(about="measure", about_id=str(measure.pk))
        assert [t.owner_id for t in tasks] == ([measure.owner_id] if measure.state == "open" else [])
