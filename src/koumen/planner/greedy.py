"""What a person does with a class list and a calendar: the baseline every plan is measured against."""

from koumen.planner.task import ClassTask, Route


def nearest_next(task: ClassTask) -> tuple[Route, ...]:
    """Slots in order of time, the teacher's own first; start with the next family on the list (key families
    first) that can receive, then always the nearest family that still fits.
    """
    left = sorted(range(len(task.homes)), key=lambda row: (not task.homes[row].key, task.homes[row].students[0]))
    order = sorted(range(len(task.options)), key=lambda index: (not task.options[index].led, index))
    routes: list[Route] = []
    for option in order:
        rows = _fill(task, option, left)
        if rows:
            routes.append(Route(option, rows))
    return tuple(routes)


def _fill(task: ClassTask, option: int, left: list[int]) -> tuple[int, ...]:
    """One outing; takes its families out of `left`."""
    rows: list[int] = []
    at, clock = 0, 0
    while left:
        seconds = task.seconds[at]
        ways = left if not rows else sorted(left, key=lambda row: seconds[row + 1])
        found = next(((row, end) for row in ways if (end := task.step(option, at, clock, row)) is not None), None)
        if found is None:
            break
        row, clock = found
        at = row + 1
        rows.append(row)
        left.remove(row)
    return tuple(rows)
