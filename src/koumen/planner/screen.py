"""What can be said of a problem before it is solved: the first link of the chain."""

from koumen.planner.problem import Problem


def screen(problem: Problem) -> None:
    """Refuse what no search could plan. Raises `ProblemError`."""
