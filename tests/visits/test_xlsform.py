"""A workbook of questions: read, or refused with the row, what is wrong and what to do."""

import zipfile
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import pytest
from pyxform.xls2xform import convert

from koumen.visits.presets.question_examples import EXAMPLES
from koumen.visits.presets.questions import UNSUPPORTED
from koumen.visits.services.xlsform.examples import example
from koumen.visits.services.xlsform.faults import Faulty
from koumen.visits.services.xlsform.survey import Survey, read_survey
from tests.visits.workbooks import CHOICES, HEAD, SURVEY, YES_NO, workbook

pytestmark = pytest.mark.rows("R8")


def faults(content: bytes) -> list[str]:
    """What is said about a workbook that is refused."""
    with pytest.raises(Faulty) as refused:
        read_survey(content)
    return [str(one) for one in refused.value.faults]


def named(survey: Survey) -> dict[str, Any]:
    return {one["name"]: one for one in survey.questions}


def test_it_works() -> None:
    survey = read_survey(workbook())
    found = named(survey)
    assert survey.title == "在家学习"
    assert [(one["name"], one["type"]) for one in survey.questions] == [
        ("has_desk", "select_one"), ("where_instead", "text"), ("minutes", "integer"), ("help", "select_multiple"),
    ]  # fmt: skip
    assert found["has_desk"]["choices"] == [["yes", "是", ""], ["no", "否", ""]]
    assert found["where_instead"]["relevant"] == ["=", ["ref", "has_desk"], ["text", "no"]]
    assert found["minutes"]["constraint_message"] == "请填 0 到 600。"
    assert not any(one["required"] for one in survey.questions)


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_we_give_to_start_from_is_taken_by_us_and_by_odk(name: str) -> None:
    content = example(name)
    survey = read_survey(content)
    assert survey.title == EXAMPLES[name][0]
    assert all(one["label_en"] for one in survey.questions)
    assert "<h:html" in convert(BytesIO(content), file_type=".xlsx").xform


def test_groups_are_headings_and_their_conditions_hold_for_all_in_them() -> None:
    rows = (
        ("select_one yes_no", "a", "甲"),
        ("begin_group", "outer", "外", "", "${a} = 'yes'"),
        ("begin group", "inner", "里", "", "${b} > 1"),
        ("end group",),
        ("integer", "b", "乙"),
        ("begin_group", "second", "又", "", "${b} > 1"),
        ("note", "c", "丙", "", "${a} != ''"),
        ("end_group",),
        ("end_group",),
        ("text", "d", "丁"),
    )
    assert faults(workbook(rows)) == ["survey 第 4 行：relevant：“${b}”不是前面的题。只能用前面问过的题。"]
    survey = read_survey(workbook((*rows[:2], *rows[4:])))
    found = named(survey)
    assert [one["label"] for one in survey.groups] == ["外", "外 · 又"]
    assert [one["group"] for one in survey.questions] == [0, 1, 2, 0]
    a, b = ["=", ["ref", "a"], ["text", "yes"]], [">", ["ref", "b"], ["num", 1.0]]
    assert found["b"]["relevant"] == a
    assert found["c"]["relevant"] == ["and", ["and", a, b], ["!=", ["ref", "a"], ["text", ""]]]
    assert found["d"]["relevant"] is None


def test_numbers_typed_into_cells_and_other_ways_to_write_are_understood() -> None:
    rows = (("select one scale", "mark", "几分", "是"), ("string", "why", "为什么", "否", "${mark} < 3"))
    survey = read_survey(workbook(rows, (("scale", 1, "一"), ("scale", 2.0, "二"), ("scale", 3, "三"))))
    assert [one[0] for one in named(survey)["mark"]["choices"]] == ["1", "2", "3"]
    assert named(survey)["mark"]["required"] is True
    assert named(survey)["why"]["type"] == "text"


BROKEN: list[tuple[Sequence[Sequence[object]], str]] = [
    ([("", "a", "甲")], "survey 第 2 行：没有写 type。"),
    ([("text", "", "甲")], "survey 第 2 行：没有写 name。"),
    ([("text", "1a", "甲")], "survey 第 2 行：name“1a”只能用英文字母"),
    ([("text", "题目", "甲")], "survey 第 2 行：name“题目”只能用英文字母"),
    ([("text", "a", "甲"), ("text", "a", "乙")], "survey 第 3 行：name“a”前面已经用过"),
    ([("text", "a", "")], "survey 第 2 行：没有写 label"),
    ([("text", "a", "甲" * 201)], "survey 第 2 行：label 太长，最多 200 个字"),
    ([("text", "a", "甲"), ("text", "b", "您说${a}，为什么？")], "survey 第 3 行：label 里不能引用别的题"),
    ([("text", "a", "甲", "maybe")], "survey 第 2 行：required 只能写 yes"),
    ([("note", "a", "甲", "yes"), ("text", "b", "乙")], "survey 第 2 行：note 只是说明，不能必答"),
    ([("select_one", "a", "甲")], "survey 第 2 行：要写明用哪个选项列表"),
    ([("select_one nothing", "a", "甲")], "survey 第 2 行：choices 工作表里没有列表“nothing”"),
    ([("select_one yes_no or_other", "a", "甲")], "survey 第 2 行：不支持 or_other。"),
    ([("begin_group", "g", "组"), ("text", "a", "甲")], "survey 第 2 行：这个 begin_group 没有对应的 end_group"),
    ([("text", "a", "甲"), ("end_group",)], "survey 第 3 行：多了一个 end_group"),
    ([("text", "a", "甲", "", "${b} = 1"), ("text", "b", "乙")], "survey 第 2 行：relevant：“${b}”不是前面的题"),
    ([("text", "a", "甲", "", ". = 1")], "survey 第 2 行：relevant：relevant 里不能用“.”"),
    ([("text", "a", "甲", "", "", "regex(., 'x')")], "survey 第 2 行：constraint：不支持函数“regex”"),
    ([("text", "a", "甲", "", "", ". > ")], "survey 第 2 行：constraint：条件没有写完"),
    ([("text", "a", "甲", "", "", ". ＞ 1")], "survey 第 2 行：constraint：“＞”是中文标点"),
    ([*SURVEY, ("text", "z", "末", "", "${help} = 'food'")], "survey 第 6 行：relevant：多选题要写成 selected"),
    ([*SURVEY, ("text", "z", "末", "", "${has_desk} = 'nope'")], "“has_desk”的选项里没有“nope”"),
    ([*SURVEY, ("text", "z", "末", "", "selected(${help}, 'foo')")], "“help”的选项里没有“foo”"),
    ([*SURVEY, ("text", "z", "末", "", "selected(${minutes}, 'x')")], "只用于选择题"),
    ([("text", "a", "甲", "yes"), ("text", "b", "乙", "yes")], "survey 第 3 行：记录最多三项必答"),
    ([("note", "a", "甲")], "还没有题目"),
    ([("text", f"q{n}", "题") for n in range(61)], "题目太多：有 61 个，最多 60 个"),
    ([("begin_group", f"g{n}", "组") for n in range(4)], "survey 第 5 行：分组最多套 3 层"),
]


@pytest.mark.parametrize(("rows", "sentence"), BROKEN)
def test_each_mistake_is_named_with_its_row(rows: Sequence[Sequence[object]], sentence: str) -> None:
    assert any(sentence in one for one in faults(workbook(rows))), faults(workbook(rows))


@pytest.mark.parametrize("kind", UNSUPPORTED)
def test_each_unsupported_type_is_named_with_what_to_do_instead(kind: str) -> None:
    told = faults(workbook([(kind, "a", "甲"), ("text", "b", "乙")]))[0]
    assert told.startswith(f"survey 第 2 行：不支持题型“{kind}”。")
    assert len(told) > len(f"survey 第 2 行：不支持题型“{kind}”。")


def test_all_mistakes_are_told_at_once_in_their_order() -> None:
    told = faults(workbook([("image", "a", "甲"), ("text", "b", ""), ("colour", "c", "丙")], [("yes_no", "", "是")]))
    assert [one.split("：")[0] for one in told] == [
        "survey 第 2 行",
        "survey 第 3 行",
        "survey 第 4 行",
        "choices 第 2 行",
    ]
    assert "可以用：text、integer" in told[2]


@pytest.mark.parametrize(
    ("column", "sentence"),
    [
        ("relevent", "survey 第 1 行：不认识“relevent”列。是不是想写“relevant”？"),
        ("calculation", "survey 第 2 行：不支持“calculation”列，请清空这一列。"),
        ("media::image", "不支持“media::image”列"),
        ("label::French (fr)", "只用中文和 English (en)"),
        ("xyz", "不认识“xyz”列。请删去这一列。"),
    ],
)
def test_a_column_that_would_be_lost_is_named(column: str, sentence: str) -> None:
    assert any(sentence in one for one in faults(workbook([("text", "a", "甲", "", "x")], head=(*HEAD[:4], column))))


def test_columns_of_looks_and_notes_are_passed_over() -> None:
    rows = [("text", "a", "甲", "multiline", "给同事看的话", "What?")]
    survey = read_survey(
        workbook(rows, head=("type", "name", "label::中文 (zh)", "appearance", "备注", "label::English"))
    )
    assert (survey.questions[0]["label"], survey.questions[0]["label_en"]) == ("甲", "What?")


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        ([("help", "food", "吃饭"), ("help", "food", "又")], "choices 第 3 行：列表“help”里已经有“food”"),
        ([("help", "two words", "吃饭")], "choices 第 2 行：选项的 name 不能有空格和引号"),
        ([("help", "food", "")], "choices 第 2 行：list_name、name、label 三列都要填"),
        ([("help", f"c{n}", "选") for n in range(201)], "选项太多：有 201 个，最多 200 个"),
    ],
)
def test_choices_are_checked_row_by_row(choices: list[tuple[str, str, str]], sentence: str) -> None:
    assert any(sentence in one for one in faults(workbook([("select_multiple help", "a", "甲")], choices)))


def test_more_words_than_phones_should_carry_are_refused() -> None:
    many = [("scale", f"c{n}", "很长的选项" * 15) for n in range(100)]
    rows = [("select_one scale", f"q{n}", "题") for n in range(10)]
    assert any("手机上放不下" in one for one in faults(workbook(rows, many)))


def _bomb() -> bytes:
    """A small file that unpacks to half a gigabyte."""
    out = BytesIO(workbook())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/bomb.xml", b" " * (450 * 1_048_576))
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "这不是 Excel 表格"),
        (b"type,name,label\ntext,a,x", "这不是 Excel 表格"),
        (b"PK\x03\x04 broken", "文件已损坏"),
        (workbook()[:-500], "文件已损坏"),
        (b"PK" + b"x" * 1_048_576, "文件超过 1 MB"),
        (workbook(sheet="问卷"), "没有找到工作表“survey”(有：问卷"),
        (workbook([]), "还没有题目"),
        (workbook([("甲", "a")], head=("label", "name")), "少了“type”列"),
    ],
)
def test_other_files_are_refused_with_a_word_what_to_do(content: bytes, sentence: str) -> None:
    assert any(sentence in one for one in faults(content)), faults(content)


def test_a_bomb_is_not_unpacked() -> None:
    content = _bomb()
    assert len(content) < 1_048_576
    assert "展开后太大" in faults(content)[0]


def test_what_odk_would_refuse_is_refused() -> None:
    """Our own checks let it pass; the standard's reader has the last word."""
    told = faults(workbook([("text", "a", "甲"), ("text", "meta", "乙")]))
    assert "XLSForm 标准检查没有通过" in told[0]
    assert "'meta' is reserved" in told[0]


def test_one_required_question_is_the_most_beside_the_records_own() -> None:
    rows = [("text", "a", "甲", "yes"), ("text", "b", "乙"), ("select_one yes_no", "c", "丙", "no")]
    assert [one["required"] for one in read_survey(workbook(rows, YES_NO)).questions] == [True, False, False]
    assert CHOICES
