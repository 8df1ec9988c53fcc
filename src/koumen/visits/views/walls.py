"""The plan on paper for the wall of the staff room: weeks × classes, without any family's name."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from koumen.core.gate import fetch
from koumen.core.requests import Request
from koumen.core.web import show
from koumen.visits.models import Plan
from koumen.visits.policies import campaigns as policies
from koumen.visits.queries import board
from koumen.visits.queries import plans as queries
from koumen.visits.views.ways import narrow_of

PAPERS = ("a3", "a4")


@require_GET
def wall(request: Request, pk: int) -> HttpResponse:
    """All weeks, or the one asked for, on A3 or A4 across."""
    plan = fetch(request.actor, Plan.objects.select_related("campaign"), pk, to=policies.may_manage_plan)
    narrow = narrow_of(request)
    paper = request.GET.get("paper", "a3")
    paper = paper if paper in PAPERS else "a3"
    known = board.weeks(plan)
    shown = [week for week in known if narrow.week in (None, week.monday)]
    classes = board.choices(plan, request.actor).classes
    board.fill(shown, classes, queries.outings(plan, request.actor, narrow), may_move=False)
    week = f"&week={narrow.week}" if narrow.week else ""
    context = {
        "plan": plan,
        "paper": paper,
        "weeks": [one for one in shown if any(row.outings for row in one.rows)],
        "papers": [{"label": name.upper(), "url": f"?paper={name}{week}", "active": name == paper} for name in PAPERS],
        "week_tabs": [
            {"label": _("全部"), "url": f"?paper={paper}", "active": not narrow.week},
            *(
                {"label": one.label, "url": f"?paper={paper}&week={one.monday}", "active": one.monday == narrow.week}
                for one in known
            ),
        ],
    }
    return show(request, "visits/plan_wall", context)
