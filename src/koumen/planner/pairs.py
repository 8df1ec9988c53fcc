"""Paired classes: two class teachers travel together and see both classes' families on one outing.

The pair's task is drawn like a class's by the first search. In a slot both teachers can lead they go together; in the
others each class goes as it would alone. An outing on which only one class's families are seen is that class's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from koumen.planner.task import ClassTask, Option, Route, teacher_share
from koumen.planner.travel import Travel


@dataclass(frozen=True)
class PairTask(ClassTask):
    """Both classes' families in one task, `class_id` being the first class. Options name the classes they serve."""

    second: str

    @cached_property
    def starts(self) -> tuple[tuple[tuple[tuple[int, int], ...], ...], ...]:
        """`starts[option][row]`, empty where the option does not serve the family's class."""
        return tuple(
            tuple(
                self.problem.start_windows(home, option.slot) if home.lead_class in option.classes else ()
                for home in self.homes
            )
            for option in self.options
        )

    def own_students(self, row: int) -> int:
        """How many of the family's children are in the class that leads the visit."""
        home = self.homes[row]
        return 0 if home.families else sum(class_id == home.lead_class for _, class_id in home.students)

    def crew(self, route: Route) -> tuple[str, ...]:
        """The classes whose families are seen, the pair's first class first."""
        seen = {self.homes[row].lead_class for row in route.rows}
        return tuple(one for one in (self.class_id, self.second) if one in seen)

    def teacher_missing(self, routes: Sequence[Route]) -> int:
        """Students of either class short of their own class teacher's share."""
        seen = dict.fromkeys((self.class_id, self.second), 0)
        for route in routes:
            crew = self.crew(route) if self.options[route.option].led else ()
            for row in route.rows:
                for _, class_id in () if self.homes[row].families else self.homes[row].students:
                    if class_id in crew:
                        seen[class_id] += 1
        return sum(max(0, teacher_share(self.problem, class_id) - count) for class_id, count in seen.items())


def pair_task(first: ClassTask, second: ClassTask, travel: Travel) -> PairTask:
    """The task of two classes from the tasks of each."""
    homes = (*first.homes, *second.homes)
    led = [{option.slot.id for option in task.options if option.led} for task in (first, second)]
    joint = led[0] & led[1]
    pair = (first.class_id, second.class_id)
    offered = [
        Option(option.slot, option.led, pair if option.slot.id in joint else (task.class_id,))
        for task in (first, second)
        for option in task.options
        if task is first or option.slot.id not in joint
    ]
    offered.sort(key=lambda option: (option.slot.date, option.slot.start, option.slot.id, option.classes))
    barred = {**first.barred, **second.barred}
    return PairTask(
        first.problem, first.class_id, homes, travel.legs(homes), tuple(offered), barred, second=second.class_id
    )
