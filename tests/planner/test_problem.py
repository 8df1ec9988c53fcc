"""A problem that cannot be planned is refused in a Chinese sentence that names what is wrong."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.planner.small import ALWAYS, MONDAY, SCHOOL, east, home, problem, slot

from koumen.planner import (
    ClassTeam,
    Household,
    Locked,
    Person,
    Point,
    Problem,
    ProblemError,
    Quotas,
    Slot,
    Weights,
    Window,
)

REFUSED: list[tuple[str, str, str, Callable[[], object]]] = [
    ("swapped coordinates", "swapped", "h9", lambda: replace(home(9), point=Point(23.05, 112.47))),
    ("a point at sea", "outside", "h9", lambda: replace(home(9), point=Point(0.0, 0.0))),
    ("a point that is no number", "outside", "h9", lambda: replace(home(9), point=Point(float("nan"), 23.0))),
    (
        "the school's swapped coordinates",
        "swapped",
        "学校",
        lambda: replace(problem(), school=Point(23.0, 112.0)),
    ),
    (
        "no slots",
        "no_slots",
        "时段",
        lambda: Problem(SCHOOL, (), (home(1),), problem().people, problem().classes),
    ),
    ("a negative visit", "service", "h9", lambda: replace(home(9), service=-60)),
    ("a window that ends before it opens", "window", "300", lambda: Window(300, 200)),
    ("a negative window", "window", "-1", lambda: Window(-1, 200)),
    ("a slot without length", "slot", "e0", lambda: slot(length=0)),
    ("a slot past midnight", "slot", "e0", lambda: slot(length=8 * 3600)),
    ("an unknown kind of slot", "slot", "noon", lambda: slot(kind="noon")),
    ("a slot in a negative week", "slot", "e0", lambda: slot(week=-1)),
    ("a nameless slot", "slot", "编号", lambda: Slot("", MONDAY, 0, 60, "day")),
    ("a nameless family", "household", "编号", lambda: Household("", (("s", "A"),), "A", 60)),
    ("a family without children", "household", "h9", lambda: Household("h9", (), "A", 60)),
    ("a foreign leading class", "household", "h9", lambda: Household("h9", (("s", "A"),), "B", 60)),
    ("a nameless person", "person", "编号", lambda: Person("", "subject")),
    ("an unknown post", "person", "cook", lambda: Person("t", "cook")),  # type: ignore[arg-type]
    ("a negative quota", "person", "t", lambda: Person("t", "subject", quota=-1)),
    ("a class without teacher", "class", "A", lambda: ClassTeam("A", "")),
    ("negative weights", "weights", "权重", lambda: Weights(evening=-1)),
    ("a share above the whole", "quotas", "100", lambda: Quotas(class_teacher_percent=101)),
    ("one family twice", "duplicate", "h1", lambda: problem(home(1), home(1))),
    ("one child in two families", "duplicate", "s1", lambda: problem(home(1), replace(home(1), id="h2"))),
    ("an unknown class", "unknown", "Z", lambda: problem(home(1, class_id="Z"))),
    ("an unknown slot", "unknown", "e7", lambda: problem(home(1, slots=("e7",)))),
    ("an unknown teacher", "unknown", "tx", lambda: replace(problem(), classes=(ClassTeam("A", "tx"),))),
    (
        "an unknown locked family",
        "unknown",
        "h9",
        lambda: replace(problem(), locked=(Locked("h9", "e0", 0),)),
    ),
    (
        "a locked start outside its slot",
        "locked",
        "h1",
        lambda: replace(problem(home(1)), locked=(Locked("h1", "e0", 99999),)),
    ),
    (
        "slots that overlap",
        "overlap",
        "e0",
        lambda: replace(problem(), slots=(slot(), replace(slot(), id="x", start=19 * 60))),
    ),
]


@pytest.mark.parametrize(("code", "named", "make"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_fault_is_refused_with_its_code_and_named(code: str, named: str, make: Callable[[], object]) -> None:
    with pytest.raises(ProblemError) as refusal:
        make()
    assert refusal.value.code == code
    assert named in str(refusal.value)
    assert str(refusal.value).endswith("。")


def test_a_visit_must_lie_wholly_in_the_window_and_the_slot() -> None:
    at_home = replace(home(1), windows={"e0": (Window(9000, 20_000), Window(0, 2000), Window(3000, 4000))})
    # 1800 s long in a slot of 10,800 s: until 2000 − 1800, none in 3000–4000, until 10,800 − 1800.
    assert problem(at_home).start_windows(at_home, slot()) == ((0, 200), (9000, 9000))


def test_a_locked_visit_has_one_start() -> None:
    locked = replace(problem(home(1), slots=2), locked=(Locked("h1", "e1", 1234),))
    family = locked.household_by_id["h1"]
    assert locked.start_windows(family, slot(0)) == ()
    assert locked.start_windows(family, slot(1)) == ((1234, 1234),)


def test_the_class_team_counts_those_who_name_the_class() -> None:
    free = frozenset({"e0"})
    people = (
        Person("ta", "class_teacher", frozenset(), free),
        Person("sa", "subject"),
        Person("x", "subject", frozenset({"A"})),
    )
    assert problem(people=people).team_of["A"] == {"ta", "sa", "x"}


def test_siblings_count_in_each_class() -> None:
    pair = Household("h1", (("s1", "A"), ("s2", "A")), "A", 1800, {"e0": ALWAYS}, east(1))
    assert problem(pair, home(3)).class_sizes == {"A": 3}
