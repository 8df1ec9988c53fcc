"""Problems and plans survive the way through JSON; anything else is refused, never crashed on."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import koumen.planner
from koumen.planner import (
    Locked,
    Problem,
    ProblemError,
    dump_plan,
    dump_problem,
    load_plan,
    load_problem,
    make_school,
    solve,
)
from koumen.planner.__main__ import main


@pytest.fixture(scope="module")
def school() -> Problem:
    made = make_school("mountain", 2, seed=4, size=12)
    family, slot = next((home, slot) for home in made.households if home.in_person for slot in sorted(home.windows))
    return replace(made, locked=(Locked(family.id, slot, family.windows[slot][0].opens + 600),))


def test_a_problem_comes_back_equal(school: Problem) -> None:
    assert load_problem(dump_problem(school)) == school


def test_a_plan_comes_back_equal_and_in_the_same_bytes(school: Problem) -> None:
    text = dump_plan(solve(school, iterations=30))
    assert dump_plan(load_plan(text)) == text


def test_optional_fields_may_be_missing(school: Problem) -> None:
    data = json.loads(dump_problem(school))
    for name in ("weights", "quotas", "locked"):
        del data[name]
    assert load_problem(json.dumps(data)) == replace(school, locked=())


def _spoilt(school: Problem, *path: str | int, value: Any) -> str:
    data = json.loads(dump_problem(school))
    place = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return json.dumps(data)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("households", 0, "service"), "long"),
        (("households", 0, "service"), 1800.5),
        (("households", 0, "service"), True),
        (("households", 0, "key"), "yes"),
        (("households", 0, "students"), [["only one"]]),
        (("households", 0, "point"), {"lng": "112", "lat": 23}),
        (("households", 0, "point"), {"lng": 23.05, "lat": 112.47}),
        (("households", 0, "windows"), []),
        (("households", 0, "id"), 5),
        (("households",), {}),
        (("households",), [1]),
        (("slots", 0, "date"), "someday"),
        (("slots",), []),
        (("school",), None),
        (("people", 0, "classes"), [1]),
        (("weights",), {"evening": -1}),
    ],
)
def test_a_spoilt_field_is_a_problem_error(school: Problem, path: tuple[str | int, ...], value: object) -> None:
    with pytest.raises(ProblemError, match=r"。$"):
        load_problem(_spoilt(school, *path, value=value))


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null", "[" * 100_000])
def test_text_that_is_no_problem_is_refused(text: str) -> None:
    with pytest.raises(ProblemError):
        load_problem(text)
    with pytest.raises(ProblemError):
        load_plan(text)


def test_the_command_writes_the_plan(school: Problem, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "problem.json"
    file.write_text(dump_problem(school), "utf-8")
    assert main([str(file), "--iterations", "30", "--seed", "2"]) == 0
    assert capsys.readouterr().out == dump_plan(solve(school, seed=2, iterations=30))


def test_another_process_writes_the_same_bytes(school: Problem, tmp_path: Path) -> None:
    """Python orders sets differently in each process; a plan must not depend on it."""
    file = tmp_path / "problem.json"
    file.write_text(dump_problem(school), "utf-8")
    source = Path(koumen.planner.__file__).parents[2]
    plans = {
        subprocess.run(
            [sys.executable, "-m", "koumen.planner", str(file), "--iterations", "30"],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(source), "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert plans == {dump_plan(solve(school, iterations=30)).encode()}


CHATTY = """
import ctypes, os, sys
import koumen.planner.__main__ as command

def solve(*args, **settings):
    os.write(1, b"HighsMipSolverData::transformNewIntegerFeasibleSolution\\n")
    ctypes.CDLL(None).printf(b"kept back until the end\\n")
    return silent(*args, **settings)

silent, command.solve = command.solve, solve
sys.exit(command.main(sys.argv[1:]))
"""


def test_what_a_solver_prints_never_stands_in_the_plan(school: Problem, tmp_path: Path) -> None:
    """Whether it goes out at once or is kept back: standard output is one line of JSON, the rest on standard error."""
    file = tmp_path / "problem.json"
    file.write_text(dump_problem(school), "utf-8")
    ended = subprocess.run(
        [sys.executable, "-c", CHATTY, str(file), "--iterations", "30"],
        env=os.environ | {"PYTHONPATH": str(Path(koumen.planner.__file__).parents[2])},
        capture_output=True,
        check=True,
    )
    assert ended.stdout == dump_plan(solve(school, iterations=30)).encode()
    assert ended.stdout.count(b"\n") <= 1
    assert b"transformNewIntegerFeasibleSolution\n" in ended.stderr
    assert b"kept back until the end\n" in ended.stderr


def test_the_command_says_in_one_sentence_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "problem.json"
    file.write_text("{}", "utf-8")
    assert main([str(file)]) == 2
    assert main([str(tmp_path / "none.json")]) == 2
    assert capsys.readouterr().err.count("。\n") == 2
