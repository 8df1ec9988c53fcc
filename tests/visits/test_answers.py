"""Which of a campaign's own questions are asked, and which answers can be: the server and the phones decide alike."""

from datetime import date
from typing import Any

import pytest

from koumen.core.expressions import parse
from koumen.visits.services.answers import in_words, review, strangers
from tests.core.test_expressions import TABLE, TODAY, on_phone

pytestmark = pytest.mark.rows("R8")
DAY = date.fromisoformat(TODAY)
ASK_PHONE = """
import { review } from "%s";
let text = ""; for await (const part of process.stdin) text += part;
const { today, runs } = JSON.parse(text);
console.log(JSON.stringify(runs.map(([questions, given]) => review(questions, given, today))));
"""
BLANK: dict[str, Any] = {
    "label": "题目", "label_en": "", "hint": "", "hint_en": "", "group": 0, "required": False, "required_message": "",
    "relevant": None, "constraint": None, "constraint_message": "", "choices": [],
}  # fmt: skip


def question(**told: Any) -> dict[str, Any]:
    """A question as it is kept, of what matters here."""
    parsed = {name: parse(told[name]) for name in ("relevant", "constraint") if name in told}
    return BLANK | told | parsed


CASES = [([question(**one) for one in block["questions"]], *run) for block in TABLE["reviews"] for run in block["runs"]]


@pytest.mark.parametrize(("questions", "given", "shown", "answers", "faults"), CASES)
def test_each_run_of_the_table_ends_as_it_says(
    questions: Any, given: Any, shown: list[str], answers: Any, faults: dict[str, str]
) -> None:
    found = review(questions, given, DAY)
    assert (found.shown, found.answers, set(found.faults)) == (shown, answers, set(faults))
    assert all(found.faults.values())


def test_phones_decide_each_run_alike_and_say_why() -> None:
    told = on_phone(ASK_PHONE, {"today": TODAY, "runs": [[case[0], case[1]] for case in CASES]})
    for (_questions, given, shown, answers, faults), got in zip(CASES, told, strict=True):
        assert got == {"shown": shown, "answers": answers, "faults": faults}, given


def test_answers_to_nothing_and_to_what_is_not_asked_are_named() -> None:
    questions = CASES[0][0]
    given = {"who": "mother", "which": "姑姑", "strange": "x", "tired": "y"}
    assert set(strangers(questions, given, review(questions, given, DAY).shown)) == {"which", "strange", "tired"}


def test_a_campaigns_own_words_say_what_is_wrong() -> None:
    asked = question(name="n", type="integer", constraint=". > 0", constraint_message="至少一个人。", required=True)
    asked["required_message"] = "几个人一定要填。"
    assert review([asked], {"n": "0"}, DAY).faults == {"n": "至少一个人。"}
    assert review([asked], {}, DAY).faults == {"n": "几个人一定要填。"}


def test_answers_are_read_in_words() -> None:
    several = question(name="h", type="select_multiple", choices=[["food", "吃饭", ""], ["study", "学习", ""]])
    assert in_words(several, ["study", "food", "gone"]) == "学习、吃饭、gone"
    assert in_words(question(name="d", type="date"), "2026-09-12") == "2026年9月12日"
