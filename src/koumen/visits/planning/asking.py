"""Before a plan is drawn: learning the ways between its families, in steps that each leave something kept."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from koumen import planner
from koumen.core import clock
from koumen.planner import roads
from koumen.registry.models import Household
from koumen.visits.models import Plan, PlanRoads
from koumen.visits.planning.homes import point_of
from koumen.visits.planning.problem import task_of
from koumen.visits.planning.roads import (
    Roads,
    asker,
    factors,
    forget_gone,
    groups,
    keep_told,
    known_at,
    school_asks,
    sources,
)


@dataclass(frozen=True)
class _Question:
    """What is to be learnt for a plan; `talk` is None when no service is asked."""

    problem: planner.Problem
    talk: roads.Asker | None
    known: roads.Known
    factors: dict[str, float]


def learn_roads(
    plan: Plan,
    *,
    scope: Callable[[], AbstractContextManager[None]],
    progress: Callable[[int, int], None],
    cancelled: Callable[[], bool],
) -> None:
    """Ask the map service, where the school allows it, for the ways that are not known; write down what counts.

    It asks outside any scope and keeps the answers class by class: killed and run again, it asks only the rest. A
    service that fails leaves estimates. Raises Invalid as `task_of`.
    """
    with scope():
        if plan.parts.exists():
            return
        question = _question(plan)
    if question.talk is not None:
        _ask(question, question.talk, scope, progress, cancelled)
    with scope():
        _write_down(plan, question)


def _question(plan: Plan) -> _Question:
    problem = task_of(plan).problem
    talk = asker() if school_asks() else None
    known: roads.Known = {}
    if talk is not None:
        forget_gone(_living(problem))
        known = dict(known_at(clock.now()))
    return _Question(problem, talk, known, factors(problem.school))


def _living(problem: planner.Problem) -> set[int]:
    """The points of the school, of every family and of the places where families meet."""
    found = {roads.cell(problem.school), *(roads.cell(one.point) for one in problem.gatherings)}
    for lng, lat in Household.objects.values_list("lng", "lat"):
        point = point_of(lng, lat)
        if point is not None:
            found.add(roads.cell(point))
    return found


def _ask(
    question: _Question,
    talk: roads.Asker,
    scope: Callable[[], AbstractContextManager[None]],
    progress: Callable[[int, int], None],
    cancelled: Callable[[], bool],
) -> None:
    """Class by class, each with its fair share of the requests left."""
    asked = groups(question.problem)
    for at, points in enumerate(asked):
        progress(at, len(asked))
        share = (talk.most_requests - talk.requests) // (len(asked) - at)
        one = roads.Asked(talk, question.known, most=share, cancelled=cancelled)
        one.matrix([question.problem.school, *points], "car")
        if one.learnt:
            with scope():
                keep_told(one.learnt)


def _write_down(plan: Plan, question: _Question) -> None:
    talk = question.talk
    told = sources(question.problem, Roads(question.known, question.factors))
    trouble = "" if talk is None else talk.stopped or next(iter(talk.failures), "")
    PlanRoads.objects.update_or_create(
        plan=plan,
        defaults={
            "known_at": None if talk is None else clock.now(),
            "told": dict(sorted(told.items())),
            "factors": question.factors,
            "trouble": trouble,
        },
    )
