"""Who goes along: nobody's quota missed that could be met, and the work spread as evenly as it can be."""

from collections import Counter
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.planner.small import SCHOOL, slot

from koumen.planner import ClassTeam, Person, Problem, Quotas
from koumen.planner.staff import Draft, assign

SLOTS = tuple(slot(number) for number in range(4))
EVERY = frozenset(one.id for one in SLOTS)


def school(*people: Person, quotas: Quotas | None = None) -> Problem:
    """Class A and its teacher `ta`, always free, with these other people."""
    teacher = Person("ta", "class_teacher", frozenset({"A"}), EVERY)
    return Problem(SCHOOL, SLOTS, (), (teacher, *people), (ClassTeam("A", "ta"),), quotas=quotas or Quotas(0, 0, 0, 0))


def drafts(count: int = 4, students: int = 3) -> list[Draft]:
    """An outing of class A in each of the first slots."""
    return [Draft("A", one.id, True, students) for one in SLOTS[:count]]


def load(teams: tuple[tuple[str, ...], ...]) -> Counter[str]:
    return Counter(person for people in teams for person in people if person != "ta")


def test_the_busiest_goes_as_seldom_as_can_be_even_if_a_stranger_must_come() -> None:
    """Two colleagues of the class could share four outings; with two strangers everybody goes once."""
    mates = [Person(f"s{number}", "subject", frozenset({"A"}), EVERY) for number in range(2)]
    strangers = [Person(f"x{number}", "subject", frozenset(), EVERY) for number in range(2)]
    teams = assign(school(*mates, *strangers), drafts())
    assert max(load(teams.people).values()) == 1
    assert teams.proved


def test_a_quota_comes_before_an_even_load() -> None:
    leader = Person("m", "middle", frozenset(), EVERY)
    others = [Person(f"s{number}", "subject", frozenset({"A"}), EVERY) for number in range(3)]
    teams = assign(school(leader, *others, quotas=Quotas(0, 0, 9, 0)), drafts())
    assert load(teams.people)["m"] == 3


def test_somebody_short_of_the_quota_is_offered_outings_beyond_the_own_turn() -> None:
    """Among many leaders taking turns the last could not join enough outings in the few slots they share."""
    leaders = [Person(f"m{number:02}", "middle", frozenset(), EVERY, done=12) for number in range(12)]
    late = Person("late", "middle", frozenset(), EVERY)
    teams = assign(school(*leaders, late, quotas=Quotas(0, 0, 12, 0)), drafts())
    assert load(teams.people)["late"] == 4


@pytest.mark.parametrize("wishes", [("gender:female",), ("gender:female", "language:苗语")])
def test_a_wish_is_met_by_whoever_can(wishes: tuple[str, ...]) -> None:
    she = Person("she", "subject", frozenset(), EVERY, gender="female")
    miao = Person("miao", "subject", frozenset(), EVERY, languages=frozenset({"苗语"}))
    others = [Person(f"s{number}", "subject", frozenset({"A"}), EVERY) for number in range(3)]
    teams = assign(school(*others, she, miao), [Draft("A", "e0", True, 3, wishes=wishes)])
    assert {"she", "miao"} & set(teams.people[0]) == ({"she", "miao"} if len(wishes) == 2 else {"she"})


def test_a_pair_of_class_teachers_needs_nobody_else() -> None:
    made = school(Person("tb", "class_teacher", slots=EVERY), Person("p", "principal", slots=EVERY))
    made = replace(made, classes=(*made.classes, ClassTeam("B", "tb")))
    assert assign(made, [Draft("A", "e0", True, 3, second="B")]).people == (("ta", "tb"),)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.frozensets(st.sampled_from(sorted(EVERY)), min_size=1), min_size=1, max_size=4),
    st.integers(1, 4),
    st.integers(0, 9),
)
def test_no_other_choice_misses_less_or_works_the_busiest_less(
    free: list[frozenset[str]], count: int, quota: int
) -> None:
    """Against every possible choice of one companion an outing."""
    people = [Person(f"s{number}", "subject", frozenset({"A"}), slots) for number, slots in enumerate(free)]
    made, wanted = school(*people, quotas=Quotas(quota, 0, 0, 0)), drafts(count)
    teams = assign(made, wanted)
    found = _score(made, wanted, teams.people)
    able = [[None, *(one.id for one in people if draft.slot in one.slots)] for draft in wanted]
    best = min(_score(made, wanted, tuple(("ta", one) if one else () for one in choice)) for choice in product(*able))
    assert found[0] <= best[0]
    if all(len(team) <= 2 for team in teams.people):
        assert found == best


def _score(made: Problem, wanted: list[Draft], teams: tuple[tuple[str, ...], ...]) -> tuple[tuple[int, int], int]:
    """(outings without two, students missing), outings of the busiest companion."""
    seen = Counter({person: 0 for person in made.person_by_id})
    for draft, people in zip(wanted, teams, strict=True):
        for person in people:
            seen[person] += draft.students
    # The class teacher leads whatever becomes of the outing.
    missed = sum(max(0, made.quotas.of(one) - seen[one.id]) for one in made.people if one.role != "class_teacher")
    return (sum(not people for people in teams), missed), max(load(teams).values(), default=0)
