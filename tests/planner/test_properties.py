"""Whatever the school looks like, a plan keeps every rule and forgets nobody."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.planner.small import SCHOOL, slot

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
    Window,
    check,
    dump_plan,
    load_plan,
    screen,
    solve,
)
from koumen.planner.greedy import nearest_next
from koumen.planner.task import free_people, make_task
from koumen.planner.travel import GreatCircle

CLASSES = ("A", "B")
STAFF = ("ta", "tb", "s1", "s2", "m", "p")
ROLES = ("class_teacher", "class_teacher", "subject", "subject", "middle", "principal")


@st.composite
def slot_sets(draw: st.DrawFn) -> tuple[Slot, ...]:
    kinds = draw(st.lists(st.sampled_from(["evening", "day"]), min_size=1, max_size=4))
    lengths = {"evening": 3 * 3600, "day": 8 * 3600}
    return tuple(slot(number, length=lengths[kind], kind=kind, week=number // 2) for number, kind in enumerate(kinds))


@st.composite
def windows(draw: st.DrawFn, slots: tuple[Slot, ...]) -> dict[str, tuple[Window, ...]]:
    found = {}
    for one in slots:
        edges = sorted(draw(st.sets(st.integers(0, 16).map(lambda half: half * 1800), max_size=4)))
        spans = tuple(Window(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False))
        if spans:
            found[one.id] = spans
    return found


@st.composite
def homes(draw: st.DrawFn, number: int, slots: tuple[Slot, ...]) -> Household:
    siblings = draw(st.lists(st.sampled_from(CLASSES), min_size=1, max_size=2))
    point = Point(SCHOOL.lng + draw(st.integers(-80, 80)) / 1000, SCHOOL.lat + draw(st.integers(-80, 80)) / 1000)
    return Household(
        f"h{number}",
        tuple((f"s{number}-{index}", class_id) for index, class_id in enumerate(siblings)),
        siblings[0],
        draw(st.sampled_from([900, 1800, 3600])),
        draw(windows(slots)),
        draw(st.sampled_from([point, None])),
        draw(st.sampled_from(["", "v1", "v2"])),
        key=draw(st.booleans()),
        in_person=draw(st.sampled_from([True, True, True, False])),
    )


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    slots = draw(slot_sets())
    free = st.frozensets(st.sampled_from([one.id for one in slots]))
    people = tuple(
        Person(person, role, draw(st.frozensets(st.sampled_from(CLASSES))), draw(free))  # type: ignore[arg-type]
        for person, role in zip(STAFF, ROLES, strict=True)
    )
    families = tuple(draw(homes(number, slots)) for number in range(draw(st.integers(0, 7))))
    teacher_of_b = draw(st.sampled_from(["tb", "tb", "ta"]))
    teams = (ClassTeam("A", "ta", ("s1",)), ClassTeam("B", teacher_of_b, ("s1", "s2")))
    locked = tuple(lock for home in families if draw(st.booleans()) for lock in _lock(home, slots))
    quotas = Quotas(teacher=1, principal=2, middle=3)
    return Problem(SCHOOL, slots, families, people, teams, quotas=quotas, locked=locked[:2])


def _lock(home: Household, slots: tuple[Slot, ...]) -> list[Locked]:
    """The first time the family can receive, as already notified."""
    return [
        Locked(home.id, one.id, home.windows[one.id][0].opens)
        for one in slots
        if one.id in home.windows and home.windows[one.id][0].opens < one.length
    ][:1]


def refused(school: Problem) -> ProblemError | None:
    try:
        screen(school, GreatCircle(school))
    except ProblemError as refusal:
        return refusal
    return None


def plannable() -> st.SearchStrategy[Problem]:
    """Schools whose notified visits do not exclude each other."""
    return problems().filter(lambda school: refused(school) is None)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(problems())
def test_a_plan_keeps_every_rule_and_forgets_nobody(school: Problem) -> None:
    """Two notified visits of which only one can be made are refused by name instead."""
    refusal = refused(school)
    if refusal is not None:
        assert refusal.code in ("locked_clash", "locked_twice")
        assert all(lock.household in str(refusal) for lock in school.locked)
        return
    plan = solve(school, iterations=15)
    assert check(school, plan) == ()
    named = [stop.household for outing in plan.outings for stop in outing.stops]
    named += [*plan.remote, *(one.household for one in plan.unplanned)]
    assert sorted(named) == sorted(home.id for home in school.households)
    assert all(len(set(outing.staff)) >= 2 for outing in plan.outings)
    assert load_plan(dump_plan(plan)) == plan


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(problems())
def test_the_baseline_sees_nobody_twice_and_fits_every_window(school: Problem) -> None:
    for team in school.classes:
        task = make_task(school, team.id, GreatCircle(school), free_people(school))
        routes = nearest_next(task)
        seen = [row for route in routes for row in route.rows]
        assert len(seen) == len(set(seen))
        assert all(task.feasible(route.option, route.rows) for route in routes)
        assert not {task.homes[row].id for row in seen} & set(task.barred)
