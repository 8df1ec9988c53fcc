"""The ways of looking at a finished plan. Each is a tab; what it is narrowed to stands in the address, kept over tabs.

`by=board|day|map|staff|class|left|short`, `class=`, `staff=`, `place=` (ids), `week=` (a date in it), `day=`.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from koumen.core.requests import Request
from koumen.core.web import paged
from koumen.visits.models import Plan
from koumen.visits.policies import campaigns as policies
from koumen.visits.queries import board, figures
from koumen.visits.queries import plans as queries
from koumen.visits.queries.board import Choices
from koumen.visits.queries.narrow import Narrow, monday
from koumen.visits.queries.routes import routes

MOST_ROUTES = 120  # on one map; more are neither legible nor quick on a phone
MOST_ROWS = 60  # classes of a board's page
KEPT = ("class", "staff", "place", "week", "day")


def narrow_of(request: Request) -> Narrow:
    """What the address asks for; nonsense counts as nothing."""
    week = _date(request.GET.get("week", ""))
    return Narrow(
        _number(request, "class"), _number(request, "staff"), _number(request, "place"), monday(week) if week else None
    )


def _number(request: Request, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def address(request: Request, **changed: object) -> str:
    """This page's query with the filters kept and some values changed; None takes one out."""
    query = QueryDict(mutable=True)
    for name in KEPT:
        if request.GET.get(name):
            query[name] = request.GET[name][:40]
    for name, value in changed.items():
        query.pop(name.strip("_"), None)
        if value is not None:
            query[name.strip("_")] = str(value)
    return f"?{query.urlencode()}"


def looked_at(request: Request, plan: Plan) -> dict[str, Any]:
    """The figures, the tabs, and the chosen way of looking."""
    chosen = request.GET.get("by", "")
    chosen = chosen if chosen in WAYS else "board"
    manages = policies.manages(request.actor)
    left = queries.unplanned(plan, request.actor)
    missed = plan.shortfalls if manages else []
    narrow, offered = narrow_of(request), board.choices(plan, request.actor)
    context = {
        "by": chosen,
        "tabs": _tabs(request, chosen, len(left), len(missed) if manages else None),
        "narrow": narrow,
        "choices": offered,
        "filters": chosen in FILTERED,
        "own_classes": request.actor.units("class", "class_teacher"),
        "figures": figures.figures(plan),
        "families": figures.families(plan),
        "coverage": figures.coverage(plan),
        "gap": figures.gap(plan) if manages else None,
        "load": figures.load(offered.loads) if manages else None,
        "left_count": len(left),
        "plain_url": f"?by={chosen}",
    }
    return context | WAYS[chosen](request, plan, narrow, offered)


def _tabs(request: Request, chosen: str, left: int, missed: int | None) -> list[dict[str, Any]]:
    labels = {
        "board": _("周历"),
        "day": _("按日期"),
        "map": _("地图"),
        "staff": _("按老师"),
        "class": _("按班级"),
        "left": _("没排上"),
        "short": _("没达到"),
    }
    counts = {"left": left, "short": missed}
    return [
        {"label": label, "url": address(request, by=way), "active": way == chosen, "count": counts.get(way)}
        for way, label in labels.items()
        if way != "short" or missed is not None
    ]


def _board(request: Request, plan: Plan, narrow: Narrow, offered: Choices) -> dict[str, Any]:
    """One week of all classes, or all weeks of one class or person."""
    known = board.weeks(plan)
    week = narrow.week or (None if narrow.is_narrow else board.this_week(known))
    shown = [one for one in known if week in (None, one.monday)]
    classes = [one for one in offered.classes if narrow.school_class in (0, one[0])]
    page = paged(request, classes, size=MOST_ROWS)  # type: ignore[arg-type]
    rows = list(queries.outings(plan, request.actor, replace(narrow, week=week)))
    here = list(page.object_list)
    if narrow.staff or narrow.place:
        with_outings = {row.school_class_id for row in rows}
        here = [one for one in here if one[0] in with_outings]
    may_move = policies.manages(request.actor) and plan.state in (Plan.State.DRAFT, Plan.State.ADOPTED)
    board.fill(shown, here, rows, may_move)
    links = [(one, address(request, by="board", week=one.monday), one.monday == week) for one in known]
    whole = address(request, by="board", week=None) if narrow.is_narrow else ""
    tray = reverse("visits:plan_tray", kwargs={"org": request.actor.org.slug, "pk": plan.pk})
    tray += f"?class={narrow.school_class}" if narrow.school_class else ""
    return {
        "tray_url": tray,
        "weeks": shown,
        "week_links": links,
        "page": page,
        "may_move": may_move,
        "whole_url": whole,
        "has_rows": bool(here),
    }


def _days(request: Request, plan: Plan, narrow: Narrow, offered: Choices) -> dict[str, Any]:
    """The list of a day; of all days when one class or person is looked for and no day is named."""
    days = queries.days(plan, request.actor, narrow)
    day = day_of(request, days, narrow)
    found = queries.outings(plan, request.actor, narrow, day)
    return {"days": days, "day": day, "page": paged(request, found, size=20)}


def _map(request: Request, plan: Plan, narrow: Narrow, offered: Choices) -> dict[str, Any]:
    days = queries.days(plan, request.actor, narrow)
    day = day_of(request, days, narrow)
    drawn = routes(queries.outings(plan, request.actor, narrow, day)[:MOST_ROUTES])
    return {
        "days": days,
        "day": day,
        "routes": drawn,
        "map_query": address(request, day=day.isoformat() if day else None),
    }


def day_of(request: Request, days: list[dict[str, Any]], narrow: Narrow) -> date | None:
    """The day asked for, if there are outings on it; else the first, or none for those who look at all of them."""
    asked = _date(request.GET.get("day", ""))
    known = [one["day"] for one in days]
    if asked in known:
        return asked
    return known[0] if known and not narrow.is_narrow else None


def _staff(request: Request, plan: Plan, narrow: Narrow, offered: Choices) -> dict[str, Any]:
    return {
        "page": paged(request, queries.by_staff(plan, request.actor, narrow)),
        "most": max(offered.loads, default=1),
    }


def _classes(request: Request, plan: Plan, narrow: Narrow, offered: Choices) -> dict[str, Any]:
    return {"page": paged(request, queries.by_class(plan, request.actor, narrow))}


def left_out(request: Request, plan: Plan) -> list[dict[str, Any]]:
    """Who is left out, of the class the address names."""
    chosen = narrow_of(request).school_class
    return [row for row in queries.unplanned(plan, request.actor) if chosen in (0, *row["classes"])]


def _left(request: Request, plan: Plan, narrow: Narrow, offered: Choices) -> dict[str, Any]:
    left = left_out(request, plan)
    page = paged(request, left)  # type: ignore[arg-type]
    return {"page": page, "rows": queries.name_left_out(page.object_list)}


def _short(request: Request, plan: Plan, narrow: Narrow, offered: Choices) -> dict[str, Any]:
    page = paged(request, plan.shortfalls if policies.manages(request.actor) else [])
    return {"page": page, "rows": queries.shortfalls(page.object_list)}


Way = Callable[[Request, Plan, Narrow, Choices], dict[str, Any]]
WAYS: dict[str, Way] = {
    "board": _board, "day": _days, "map": _map, "staff": _staff, "class": _classes, "left": _left, "short": _short,
}  # fmt: skip
FILTERED = ("board", "day", "map", "staff", "class")
