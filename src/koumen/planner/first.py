"""The quick link of the chain: a first plan of one class, the class teacher's share kept by a price per student."""

from collections.abc import Callable

from koumen.planner.route import search
from koumen.planner.task import ClassTask, Route

# While the share is missed, a student seen without the class teacher is priced at these in turn. A price per student
# finds far cheaper ways to meet the share than a price per outing.
STUDENT_PRICES = (2_000, 6_000, 20_000)


def first_plan(
    task: ClassTask, baseline: tuple[Route, ...], *, seed: int, iterations: int, cancelled: Callable[[], bool]
) -> tuple[Route, ...]:
    """The cheapest of `baseline` and what searches from nothing find, the class teacher's share counted in.

    `iterations` are those of each search; 0 keeps the baseline.
    """

    def found(student_price: int = 0) -> tuple[Route, ...]:
        if not iterations:
            return ()
        return search(task, seed=seed, iterations=iterations, cancelled=cancelled, student_price=student_price)

    tries = [baseline, found()]
    for price in STUDENT_PRICES:
        last = tries[-1]
        if task.teacher_missing(last) and any(not task.options[route.option].led for route in last):
            tries.append(found(price))
    return min(tries, key=lambda routes: (task.worth(routes), tries.index(routes)))
