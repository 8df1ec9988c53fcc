"""The model of one class and the staff model, on instances a human can follow."""

from dataclasses import replace

from tests.planner.small import home, problem, slot, two_classes, without

from koumen.planner import Problem, Quotas, Window, make_school
from koumen.planner.route import make_copies, search
from koumen.planner.staff import Draft, assign
from koumen.planner.task import ClassTask, Route, free_people, make_task
from koumen.planner.travel import GreatCircle


def task_of(school: Problem, class_id: str = "A") -> ClassTask:
    return make_task(school, class_id, GreatCircle(school), free_people(school))


def test_a_family_free_to_the_end_of_evening_and_day_is_one_client() -> None:
    school = replace(
        problem(slots=2),
        slots=(slot(0), slot(1, length=8 * 3600, kind="day")),
        households=(replace(home(1), windows={"e0": (Window(0, 10_800),), "e1": (Window(0, 28_800),)}),),
    )
    (copy,) = make_copies(task_of(school))
    assert (copy.first, copy.last, copy.options) == (0, 28_800, frozenset({0, 1}))


def test_a_family_away_at_noon_is_two_clients_of_one_group() -> None:
    twice = replace(home(1), windows={"e0": (Window(0, 4000), Window(7000, 10_800))})
    spans = [(copy.first, copy.last) for copy in make_copies(task_of(problem(twice)))]
    assert spans == [(0, 2200), (7000, 10_800)]
    routes = search(task_of(problem(twice)), seed=1, iterations=20, cancelled=lambda: False)
    assert routes == (Route(0, (0,)),)


def test_the_teachers_of_two_classes_divide_the_slots() -> None:
    base = two_classes(slots=4)
    school = replace(base, classes=(base.classes[0], replace(base.classes[1], teacher="ta")))
    led = [{option.slot.id for option in task_of(school, one).options if option.led} for one in ("A", "B")]
    assert led == [{"e0", "e2"}, {"e1", "e3"}]


def test_a_slot_with_one_free_person_is_not_offered() -> None:
    assert task_of(without(problem(home(1)), "sa")).options == ()


def test_a_companion_of_the_class_is_preferred() -> None:
    school = replace(two_classes(), quotas=Quotas(0, 0, 0, 0))
    assert assign(school, [Draft("A", "e0", True, 3)]).people == (("ta", "sa"),)


def test_nobody_is_sent_to_two_places() -> None:
    drafts = [Draft("A", "e0", True, 3), Draft("B", "e0", True, 3)]
    teams = assign(two_classes(), drafts)
    assert len({person for staff in teams.people for person in staff}) == sum(len(s) for s in teams.people)
    assert all(len(staff) >= 2 for staff in teams.people)
    assert teams.proved


def test_an_outing_nobody_can_join_has_no_team() -> None:
    school = without(without(without(two_classes(), "m"), "p"), "sa")
    teams = assign(school, [Draft("A", "e0", True, 3), Draft("B", "e0", True, 3)])
    assert teams.people == ((), ())


def test_generated_schools_have_the_sizes_asked_for_and_depend_on_the_seed_only() -> None:
    school = make_school("urban", 6, seed=1, size=30)
    assert sum(school.class_sizes.values()) == 180
    assert school == make_school("urban", 6, seed=1, size=30)
    assert school != make_school("urban", 6, seed=2, size=30)
