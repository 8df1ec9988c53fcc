"""The last link: families a finished plan leaves out go wherever there is room; nobody else changes outing."""

from collections.abc import Callable

from koumen.planner.assemble import finish
from koumen.planner.place import cheapest
from koumen.planner.plan import UNREACHABLE, Plan
from koumen.planner.problem import Problem
from koumen.planner.sketch import Sketch
from koumen.planner.standing import Standing
from koumen.planner.travel import Travel


def fill(problem: Problem, plan: Plan, travel: Travel, cancelled: Callable[[], bool]) -> Plan:
    """The plan with everybody left out who can be seen on an outing of one of the family's classes, or on a new one
    with free people, each where it costs least; the plan itself when there is nobody. It proves no bound.
    """
    homes = [problem.household_by_id[one.household] for one in plan.unplanned if one.code not in UNREACHABLE]
    if not homes or cancelled():
        return plan
    sketch = Sketch(Standing(problem, plan, travel))
    # Notified families first, then key families, then those with fewest choices.
    homes.sort(key=lambda home: (home.id not in problem.lock_of, not home.key, len(home.windows), home.id))
    waiting, before = homes, len(homes) + 1
    while len(waiting) < before:  # a new outing may have room for somebody who found none before
        before, waiting = len(waiting), [home for home in waiting if cancelled() or not _place(sketch, home.id)]
    if not sketch.touched:
        return plan
    return _counted(problem, sketch.plan(), plan, travel)


def _place(sketch: Sketch, household: str) -> bool:
    found = cheapest(sketch, sketch.problem.household_by_id[household])
    if found is not None:
        sketch.put(found.outing)
    return found is not None


def _counted(problem: Problem, filled: Plan, before: Plan, travel: Travel) -> Plan:
    """The filled plan; an outing taken back for want of people is named while its class has families out."""
    alone = {
        problem.household_by_id[one.household].lead_class for one in filled.unplanned if one.code == "no_companion"
    }
    alone |= {pair.first for pair in problem.pairs if pair.second in alone}
    lost = [one for one in before.shortfalls if one.rule == "two_staff" and one.subject.rpartition("@")[0] in alone]
    return finish(problem, travel, filled.outings, filled.unplanned, lost, before.figures.greedy)
