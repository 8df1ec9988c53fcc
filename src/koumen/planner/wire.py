"""Problems and plans as JSON text, described field by field in `docs/planner.md`.

Keys come in the order of the dataclasses' fields and sets are sorted, so equal objects give equal bytes.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any, TypeVar, cast

from koumen.planner.draw import ClassRoutes
from koumen.planner.parts import (
    ClassTeam,
    Gathering,
    Household,
    Locked,
    Pair,
    Person,
    Point,
    ProblemError,
    Quotas,
    Role,
    Slot,
    SlotKind,
    Weights,
    Window,
)
from koumen.planner.plan import Figures, Outing, Plan, Shortfall, Stop, Totals, Unplanned
from koumen.planner.problem import Problem

Made = TypeVar("Made")
Row = dict[str, Any]
# Fields of options: left out of the text while empty, so that a problem without options is as short as it was.
OPTIONAL = frozenset(
    {"asks", "families", "exempt", "barred", "gender", "languages", "gatherings", "pairs", "gathering", "second_class"}
)


def dump_problem(problem: Problem) -> str:
    """One line of JSON."""
    return _text(problem)


def dump_plan(plan: Plan) -> str:
    """One line of JSON; the same plan gives the same bytes."""
    return _text(plan)


def dump_class(routes: ClassRoutes) -> str:
    """One line of JSON; the same routes give the same bytes."""
    return _text(routes)


def load_problem(text: str) -> Problem:
    """The problem in this JSON text. Raises `ProblemError` (`json` or the fault found in the problem)."""
    return _load(text, _problem)


def load_plan(text: str) -> Plan:
    """The plan in this JSON text. Raises `ProblemError` (`json`)."""
    return _load(text, _plan)


def load_class(text: str) -> ClassRoutes:
    """The routes in this JSON text. Raises `ProblemError` (`json`)."""
    return _load(text, _class_routes)


def _text(value: Problem | Plan | ClassRoutes) -> str:
    row = asdict(value, dict_factory=_given)
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=_plain) + "\n"


def _given(fields: list[tuple[str, Any]]) -> Row:
    return {name: value for name, value in fields if value or name not in OPTIONAL}


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no place in a problem or plan")


def _load(text: str, read: Callable[[Row], Made]) -> Made:
    try:
        return read(_row(json.loads(text)))
    except ProblemError:
        raise
    except KeyError as fault:
        raise ProblemError(f"数据缺少字段 {fault.args[0]}。", "json") from fault
    except (ValueError, TypeError, RecursionError) as fault:
        raise ProblemError(f"数据格式不正确：{fault}。", "json") from fault


def _row(value: object) -> Row:
    if not isinstance(value, dict):
        raise TypeError("应为对象")
    return cast(Row, value)


def _rows(value: object) -> list[Row]:
    return [_row(one) for one in _items(value)]


def _items(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("应为数组")
    return value


def _whole(row: Row, name: str, default: int | None = None) -> int:
    value = row[name] if default is None else row.get(name, default)
    # JSON true is not the number 1, although Python thinks so.
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} 应为整数")
    return value


def _word(row: Row, name: str, default: str | None = None) -> str:
    value = row[name] if default is None else row.get(name, default)
    if not isinstance(value, str):
        raise TypeError(f"{name} 应为文字")
    return value


def _flag(row: Row, name: str, default: bool) -> bool:
    value = row.get(name, default)
    if not isinstance(value, bool):
        raise TypeError(f"{name} 应为 true 或 false")
    return value


def _words(value: object) -> tuple[str, ...]:
    items = _items(value)
    if not all(isinstance(one, str) for one in items):
        raise TypeError("编号应为文字")
    return tuple(items)


def _problem(row: Row) -> Problem:
    return Problem(
        _point(_row(row["school"])),
        tuple(_slot(one) for one in _rows(row["slots"])),
        tuple(_household(one) for one in _rows(row["households"])),
        tuple(_person(one) for one in _rows(row["people"])),
        tuple(
            ClassTeam(_word(one, "id"), _word(one, "teacher"), _words(one.get("members", [])))
            for one in _rows(row["classes"])
        ),
        Weights(**_numbers(row.get("weights", {}), Weights())),
        Quotas(**_numbers(row.get("quotas", {}), Quotas())),
        tuple(
            Locked(_word(one, "household"), _word(one, "slot"), _whole(one, "start"))
            for one in _rows(row.get("locked", []))
        ),
        tuple(_gathering(one) for one in _rows(row.get("gatherings", []))),
        tuple(Pair(_word(one, "first"), _word(one, "second")) for one in _rows(row.get("pairs", []))),
    )


def _gathering(row: Row) -> Gathering:
    return Gathering(
        _word(row, "id"),
        _words(row["households"]),
        _word(row, "lead_class"),
        _whole(row, "service"),
        _point(_row(row["point"])),
        _word(row, "place", ""),
        _word(row, "name", ""),
    )


def _numbers(value: object, defaults: Weights | Quotas | Totals) -> dict[str, int]:
    row = _row(value)
    return {name: _whole(row, name, default) for name, default in asdict(defaults).items()}


def _point(row: Row) -> Point:
    for name in ("lng", "lat"):
        if not isinstance(row[name], int | float) or isinstance(row[name], bool):
            raise TypeError(f"{name} 应为数字")
    return Point(float(row["lng"]), float(row["lat"]))


def _slot(row: Row) -> Slot:
    return Slot(
        _word(row, "id"),
        date.fromisoformat(_word(row, "date")),
        _whole(row, "start"),
        _whole(row, "length"),
        cast(SlotKind, _word(row, "kind")),
        _whole(row, "week", 0),
    )


def _household(row: Row) -> Household:
    students = [_words(one) for one in _items(row["students"])]
    if any(len(one) != 2 for one in students):
        raise TypeError("students 的每一项应为 [学生, 班级]")
    return Household(
        _word(row, "id"),
        tuple((one[0], one[1]) for one in students),
        _word(row, "lead_class"),
        _whole(row, "service"),
        {
            slot: tuple(Window(_whole(one, "opens"), _whole(one, "closes")) for one in _rows(spans))
            for slot, spans in _row(row.get("windows", {})).items()
        },
        None if row.get("point") is None else _point(_row(row["point"])),
        _word(row, "place", ""),
        _flag(row, "key", False),
        _flag(row, "remote", False),
        _flag(row, "in_person", True),
        frozenset(_words(row.get("asks", []))),
        _whole(row, "families", 0),
    )


def _person(row: Row) -> Person:
    return Person(
        _word(row, "id"),
        cast(Role, _word(row, "role")),
        frozenset(_words(row.get("classes", []))),
        frozenset(_words(row.get("slots", []))),
        _whole(row, "done", 0),
        None if row.get("quota") is None else _whole(row, "quota"),
        _word(row, "exempt", ""),
        _word(row, "barred", ""),
        _word(row, "gender", ""),
        frozenset(_words(row.get("languages", []))),
    )


def _plan(row: Row) -> Plan:
    figures = _row(row["figures"])
    return Plan(
        tuple(_outing(one) for one in _rows(row["outings"])),
        _words(row["remote"]),
        tuple(
            Unplanned(_word(one, "household"), _word(one, "code"), _word(one, "sentence"))
            for one in _rows(row["unplanned"])
        ),
        tuple(
            Shortfall(_word(one, "rule"), _word(one, "subject"), _whole(one, "by")) for one in _rows(row["shortfalls"])
        ),
        _words(row["estimated"]),
        Figures(_totals(figures["plan"]), _totals(figures["greedy"]), _whole(figures, "bound", 0)),
    )


def _class_routes(row: Row) -> ClassRoutes:
    routes = [_items(one) for one in _items(row["routes"])]
    if any(len(one) != 2 or not isinstance(one[0], str) for one in routes):
        raise TypeError("routes 的每一项应为 [时段, [家庭, …]]")
    numbers = {name: _whole(row, name, 0) for name in ("bound", "cost", "missed", "greedy")}
    return ClassRoutes(_word(row, "class_id"), tuple((one[0], _words(one[1])) for one in routes), **numbers)


def _totals(value: object) -> Totals:
    return Totals(**_numbers(value, Totals()))


def _outing(row: Row) -> Outing:
    return Outing(
        slot=_word(row, "slot"),
        class_id=_word(row, "class_id"),
        lead=_word(row, "lead"),
        companions=_words(row["companions"]),
        stops=tuple(_stop(one) for one in _rows(row["stops"])),
        leave_at=_whole(row, "leave_at"),
        back_at=_whole(row, "back_at"),
        back_travel=_whole(row, "back_travel"),
        back_metres=_whole(row, "back_metres"),
        second_class=_word(row, "second_class", ""),
    )


def _stop(row: Row) -> Stop:
    return Stop(
        household=_word(row, "household"),
        arrive=_whole(row, "arrive"),
        start=_whole(row, "start"),
        end=_whole(row, "end"),
        travel=_whole(row, "travel"),
        metres=_whole(row, "metres"),
        gathering=_word(row, "gathering", ""),
    )
