"""Cancelling: at once, at any moment, with a sound plan."""

import threading
import time
from collections.abc import Callable

import highspy
import pytest

from koumen.planner import Problem, Progress, check, draw_class, join, make_school, solve
from koumen.planner.interrupt import GivenUp, run_unless
from koumen.planner.staff import Draft, assign

# Measured: 0.04 s of processor time for 40 classes. The bound leaves room for slow machines, not for another habit.
AT_ONCE = 0.4


@pytest.fixture(scope="module")
def school() -> Problem:
    return make_school("town", 12, seed=1)


def after(asked: int, since: list[float]) -> Callable[[], bool]:
    """True from this many questions on; notes in `since` when."""
    left = iter(range(asked))

    def cancelled() -> bool:
        if next(left, None) is not None:
            return False
        since.append(time.process_time())
        return True

    return cancelled


@pytest.fixture(scope="module")
def questions(school: Problem) -> int:
    """How often a whole run asks."""
    asked = 0

    def count() -> bool:
        nonlocal asked
        asked += 1
        return False

    solve(school, iterations=15, cancelled=count)
    return asked


@pytest.mark.parametrize("percent", [0, 1, 5, 10, 20, 30, 50, 70, 90, 95, 97])
def test_a_run_given_up_at_any_question_ends_at_once_with_a_sound_plan(
    school: Problem, questions: int, percent: int
) -> None:
    since: list[float] = []
    plan = solve(school, iterations=15, cancelled=after(questions * percent // 100, since))
    assert time.process_time() - since[0] < AT_ONCE
    assert check(school, plan) == ()


def test_the_later_it_is_given_up_the_more_is_planned(school: Problem, questions: int) -> None:
    planned = [
        solve(school, iterations=15, cancelled=after(asked, [])).figures.plan.planned for asked in (0, 6, questions)
    ]
    assert 0 == planned[0] < planned[1] < planned[2]


def test_given_up_while_people_are_sought_everybody_drawn_is_still_visited(school: Problem) -> None:
    """The routes stand; whoever is free goes along."""
    told: list[Progress] = []
    given_up = False

    def cancelled() -> bool:
        return given_up

    def progress(step: Progress) -> None:
        nonlocal given_up
        told.append(step)
        given_up = step.done == step.total

    plan = solve(school, iterations=15, cancelled=cancelled, progress=progress)
    assert check(school, plan) == ()
    whole = solve(school, iterations=15)
    assert plan.figures.plan.planned > 0.9 * whole.figures.plan.planned


def test_a_deep_search_given_up_keeps_what_it_found() -> None:
    small = make_school("mountain", 1, seed=2, size=12)
    team = small.classes[0].id
    greedy = draw_class(small, team, iterations=0).cost
    since: list[float] = []
    drawn = draw_class(small, team, iterations=30, effort="deep", cancelled=after(150, since))
    assert since
    assert drawn.cost < greedy
    assert check(small, join(small, [drawn], iterations=30)) == ()


class Stubborn(highspy.Highs):  # type: ignore[misc]
    """Heeds nobody for three seconds, as HiGHS does in a large presolve."""

    def run(self) -> None:
        time.sleep(3)


def test_a_solver_that_does_not_listen_is_left_alone() -> None:
    given_up = threading.Event()
    threading.Timer(0.1, given_up.set).start()
    begun = time.monotonic()
    with pytest.raises(GivenUp):
        run_unless(Stubborn(), given_up.is_set)
    assert time.monotonic() - begun < 2


def test_whoever_is_free_is_never_in_two_places(school: Problem) -> None:
    """More outings in one evening than there are pairs of people: some stay without, nobody goes twice."""
    slot = school.slots[0].id
    drafts = [Draft(team.id, slot, False, 3) for team in school.classes] * 6
    people = assign(school, drafts, lambda: True).people
    going = [person for staff in people for person in staff]
    assert len(going) == len({*going}) > 0
    assert () in people
