"""Every bad input of the list: a refusal by name, or a plan that says what is missing; never another exception."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.planner.small import EVENING, home, problem, two_classes, without

from koumen.planner import (
    Household,
    Locked,
    Point,
    Problem,
    ProblemError,
    Slot,
    Weights,
    Window,
    check,
    dump_problem,
    make_school,
    solve,
)
from koumen.planner.__main__ import main
from koumen.planner.chain import Effort

both = pytest.mark.parametrize("effort", ["first", "deep"])
QUICK = 30


def refused(code: str, school: Problem, effort: Effort) -> str:
    with pytest.raises(ProblemError) as caught:
        solve(school, iterations=QUICK, effort=effort)
    assert caught.value.code == code
    return str(caught.value)


def left_out(school: Problem, effort: Effort) -> dict[str, str]:
    """household → reason, of a plan that passes the checker"""
    plan = solve(school, iterations=QUICK, effort=effort)
    assert check(school, plan) == ()
    return {one.household: one.code for one in plan.unplanned}


@both
def test_no_slots(effort: Effort) -> None:
    with pytest.raises(ProblemError) as caught:
        solve(replace(problem(home(1)), slots=()), effort=effort)
    assert caught.value.code == "no_slots"


@both
def test_a_team_of_one(effort: Effort) -> None:
    assert left_out(without(problem(home(1), home(2)), "sa"), effort) == dict.fromkeys(("h1", "h2"), "no_common_slot")


@both
def test_nobody_ever_free(effort: Effort) -> None:
    assert left_out(without(without(problem(home(1)), "sa"), "ta"), effort) == {"h1": "no_common_slot"}


@both
@pytest.mark.parametrize(
    ("windows", "reason"),
    [
        ({}, "no_window"),
        ({"e0": (Window(0, 60),)}, "too_far"),
        ({"e0": (Window(EVENING - 60, EVENING + 7200),)}, "too_far"),
        ({"e0": (Window(EVENING + 60, EVENING + 7200),)}, "too_far"),
    ],
    ids=["none", "shorter than the visit", "at the slot's end", "after the slot"],
)
def test_an_impossible_window(windows: dict[str, Any], reason: str, effort: Effort) -> None:
    families = (replace(home(1), windows=windows), home(2))
    assert left_out(problem(*families), effort) == {"h1": reason}


@both
def test_no_households(effort: Effort) -> None:
    assert left_out(problem(), effort) == {}


@both
def test_three_thousand_households_in_one_class_end(effort: Effort) -> None:
    """Measured: a quarter of a minute at full length. Here the search is short; the rest of the work is as large."""
    spread = tuple(home(number, 0.2 + number % 90 / 10, slots=("e0", "e1", "e2")) for number in range(3_000))
    begun = time.process_time()
    reasons = left_out(problem(*spread, slots=3), effort)
    assert 2_900 < len(reasons) < 3_000
    assert set(reasons.values()) == {"no_room"}
    assert time.process_time() - begun < 120


@pytest.mark.parametrize(
    ("lng", "lat", "code"),
    [(150.0, 30.0, "outside"), (112.0, -23.0, "outside"), (0.0, 0.0, "outside"), (23.05, 112.47, "swapped")],
    ids=["sea", "south", "null island", "swapped"],
)
def test_coordinates_in_the_sea_or_swapped(lng: float, lat: float, code: str) -> None:
    for make in (
        lambda: replace(home(1), point=Point(lng, lat)),
        lambda: replace(problem(home(1)), school=Point(lng, lat)),
    ):
        with pytest.raises(ProblemError) as caught:
            make()
        assert caught.value.code == code


@both
def test_locked_visits_at_the_same_time(effort: Effort) -> None:
    school = replace(problem(home(1), home(2)), locked=(Locked("h1", "e0", 1800), Locked("h2", "e0", 2700)))
    said = refused("locked_clash", school, effort)
    assert "h1" in said
    assert "h2" in said


@both
def test_locked_visits_too_far_apart_for_the_time_between(effort: Effort) -> None:
    """Nine kilometres in five minutes; with an hour more it is a plan."""
    far = (home(1, 1), home(2, 10))
    school = replace(problem(*far), locked=(Locked("h1", "e0", 1000), Locked("h2", "e0", 3100)))
    assert "赶不到" in refused("locked_clash", school, effort)
    apart = replace(school, locked=(Locked("h1", "e0", 1000), Locked("h2", "e0", 6700)))
    assert left_out(apart, effort) == {}


@both
def test_a_teacher_with_locked_visits_of_two_classes(effort: Effort) -> None:
    base = two_classes(home(1), home(2, class_id="B"))
    school = replace(
        base,
        classes=(base.classes[0], replace(base.classes[1], teacher="ta")),
        locked=(Locked("h1", "e0", 1000), Locked("h2", "e0", 5000)),
    )
    refused("locked_twice", school, effort)


@both
def test_a_locked_visit_nobody_can_make_is_named(effort: Effort) -> None:
    school = replace(problem(home(1, 30)), locked=(Locked("h1", "e0", 0),))
    plan = solve(school, iterations=QUICK, effort=effort)
    assert check(school, plan) == ()
    assert [(one.household, one.code) for one in plan.unplanned] == [("h1", "too_far")]
    assert ("locked", "h1") in {(one.rule, one.subject) for one in plan.shortfalls}


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: replace(home(1), service=-1800), "service"),
        (lambda: replace(home(1), service=0), "service"),
        (lambda: Slot("e0", date(2026, 3, 2), 1110, -3600, "evening"), "slot"),
        (lambda: Window(3600, 1800), "window"),
        (lambda: Window(-1, 1800), "window"),
        (lambda: Weights(evening=-1), "weights"),
        (lambda: replace(problem(home(1)), locked=(Locked("h1", "e0", -60),)), "locked"),
    ],
)
def test_negative_durations(make: Any, code: str) -> None:
    with pytest.raises(ProblemError) as caught:
        make()
    assert caught.value.code == code


@both
@pytest.mark.parametrize(
    "school",
    [
        replace(problem(home(1)), weights=Weights(key_week=10**30)),
        problem(replace(home(1), service=10**30)),
        replace(problem(home(1)), slots=(replace(problem().slots[0], week=10**30),)),
        replace(problem(home(1)), people=(replace(problem().people[0], done=10**30), problem().people[1])),
    ],
    ids=["weight", "service", "week", "done"],
)
def test_numbers_beyond_reason(school: Problem, effort: Effort) -> None:
    refused("too_large", school, effort)


def family(children: int) -> Household:
    students = tuple((f"s{number}", "A") for number in range(children))
    return replace(home(1), students=students)


@both
def test_a_family_of_forty_children(effort: Effort) -> None:
    assert left_out(problem(family(40)), effort) == {}


ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, -1, 0, 1, 10**30, 1.5, float("nan"), float("inf"), "", "e0", "无", "2026-13-99", [], {}, [[]], [None]]
)


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to every value inside a JSON value."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*way, key)
        yield from places(inner, (*way, key))


SOUND = json.loads(dump_problem(make_school("town", 2, seed=4, size=5)))
EVERYWHERE = sorted(places(SOUND), key=str)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_broken_problems_never_give_a_traceback(
    data: st.DataObject, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """One to three values of a sound problem replaced, dropped or doubled: a plan, or one sentence and code 2."""
    broken = json.loads(json.dumps(SOUND))
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(EVERYWHERE))
        inner = broken
        try:
            for key in way:
                inner = inner[key]
            match data.draw(st.sampled_from(["replace", "drop", "double"])):
                case "replace":
                    inner[last] = data.draw(ODD)
                case "drop":
                    del inner[last]
                case _:
                    inner[last] = [inner[last], inner[last]]
        except (KeyError, IndexError, TypeError):
            continue
    file = tmp_path / "problem.json"
    file.write_text(json.dumps(broken, ensure_ascii=False), "utf-8")
    code = main([str(file), "--iterations", "5"])
    said = capfdbinary.readouterr()
    assert (code == 0 and said.out.endswith(b"}\n")) or (code == 2 and said.out == b"" and said.err.count(b"\n") == 1)
