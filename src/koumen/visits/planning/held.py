"""A stored plan with the problem around it, held by this process from one look to the next.

Reading a school of 900 families takes longer than judging a move in it. What is held is used again only while no row
it was read from has changed: each look asks the database for the state of those rows in one statement.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date

from django.db import connection

from koumen import planner
from koumen.core import clock, scope
from koumen.registry.models import Household, Org, Place, Role, SchoolClass, SchoolYear, Staff, Student, Term
from koumen.visits import models
from koumen.visits.planning.outings import outings_of, read_plan
from koumen.visits.planning.problem import problem_around
from koumen.visits.planning.roads import ClockTravel, roads_of
from koumen.visits.planning.standing import promised_stops, with_locks

MOST = 4  # schools held at a time; one takes a few megabytes
READ_FROM = (
    Household, Place, Role, SchoolClass, SchoolYear, Staff, Student, Term, models.Campaign, models.CampaignClass,
    models.ClassPair, models.Clearance, models.Exemption, models.FamilyAnswer, models.FamilySlot, models.GroupVisit,
    models.GroupVisitHome, models.Outing, models.OutingStaff, models.Plan, models.PlanRoads,
    models.Quota, models.Slot, models.StaffSlot, models.Stop, models.Target, models.Visit,
    models.VisitStaff, models.VisitStudent, models.Appointment,
)  # fmt: skip
Key = tuple[int, int, date, int]


@dataclass(frozen=True)
class Held:
    """The problem and the plan in the planner's terms, and the ways the plan was made with."""

    problem: planner.Problem
    plan: planner.Plan
    roads: ClockTravel


_held: "OrderedDict[Key, Held]" = OrderedDict()


def hold(plan: models.Plan) -> Held:
    """The plan as its rows are now. Raises `ProblemError` when they cannot be planned with."""
    key = (scope.org_id(), plan.pk, clock.today(), _state())
    found = _held.get(key)
    if found is None:
        rows = outings_of(plan)
        problem = with_locks(
            plan, problem_around(plan, rows, [stop for row in rows for stop in row.stops.all()]), promised_stops(plan)
        )
        found = _held[key] = Held(problem, read_plan(plan, rows), ClockTravel(problem, roads_of(plan)))
        while len(_held) > MOST:
            _held.popitem(last=False)
    return found


def _state() -> int:
    """A number that is another one whenever a row of this school has come, gone or changed: every row's place and the
    transaction that wrote it, folded together by PostgreSQL.
    """
    rows = "hashtextextended(ctid::text || xmin::text || cmin::text, {number})"
    tables = [model._meta.db_table for model in (*READ_FROM, Org)]
    parts = [
        f'SELECT coalesce(bit_xor({rows.format(number=number)}), 0) AS n FROM "{table}"'  # noqa: S608 (our own names)
        for number, table in enumerate(tables)
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT bit_xor(n) FROM ({' UNION ALL '.join(parts)}) parts")  # noqa: S608 (our own names)
        return int(cursor.fetchone()[0])
