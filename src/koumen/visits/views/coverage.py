"""覆盖情况: how far the visits have come, for the school, a grade, a class and oneself. Nothing is ranked."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from koumen.core.actor import Actor
from koumen.core.gate import fetch
from koumen.core.refusals import Forbidden
from koumen.core.requests import Request
from koumen.core.web import PAGE_SIZE, paged, show
from koumen.registry.models import SchoolClass
from koumen.visits.models import Mode
from koumen.visits.policies.coverage import may_see_class_coverage, may_see_coverage, may_see_staff_coverage
from koumen.visits.policies.visits import OFFICE
from koumen.visits.queries import missing, reach


def _asked_for(request: Request) -> int | None:
    """The grade named in the address."""
    text = request.GET.get("grade", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _sums_up(actor: Actor) -> bool:
    """Whether this person sees more than the own classes."""
    return actor.holds(*OFFICE) or bool(actor.units("grade", "grade_head"))


@require_GET
def coverage(request: Request) -> HttpResponse:
    """All units this person may see, from the school down to classes, and the own number."""
    actor = request.actor
    if not may_see_coverage(actor):
        raise Forbidden
    season = reach.season()
    every = reach.classes_of(actor)
    found = reach.measured(season, every) if every else {}
    grades = {c.grade_id: c.grade for c in every if c.pk in found["campaign"]}
    grade = grades.get(_asked_for(request) or 0) or (next(iter(grades.values())) if len(grades) == 1 else None)
    classes = [c for c in every if c.grade_id == grade.pk] if grade else every
    by_grade = grade is None and _sums_up(actor)
    units: list[reach.Unit] = []
    if every:
        units = (reach.grade_units if by_grade else reach.class_units)(season, classes, found)
    context: dict[str, Any] = {
        "season": season,
        "own": reach.own(actor, season),
        "units": Paginator(units, PAGE_SIZE).get_page(request.GET.get("page")),
        "by_grade": by_grade,
        "tabs": _tabs(grades, grade.pk if grade else None) if _sums_up(actor) and len(grades) > 1 else [],
        "fresh": reach.fresh(c.pk for c in classes) if every else None,
        "may_see_staff": may_see_staff_coverage(actor),
    }
    if every and _sums_up(actor):
        name = grade.name if grade else (_("全校") if actor.holds(*OFFICE) else _("我看到的年级"))
        context["whole"] = reach.unit(season, 0, name, found, {c.pk for c in classes})
    return show(request, "visits/coverage", context)


def _tabs(grades: dict[int, Any], chosen: int | None) -> list[dict[str, Any]]:
    items = [{"label": _("全部年级"), "url": "?", "active": chosen is None}]
    return items + [{"label": g.name, "url": f"?grade={pk}", "active": pk == chosen} for pk, g in grades.items()]


@require_GET
def coverage_class(request: Request, pk: int) -> HttpResponse:
    """One class: its rules, whom they wait for, and who is counted apart."""
    rows = SchoolClass.objects.select_related("grade")
    school_class = fetch(request.actor, rows, pk, to=may_see_class_coverage)
    season = reach.season()
    found = reach.measured(season, [school_class])
    unit = reach.unit(season, school_class.pk, school_class.name, found, {school_class.pk})
    chosen = request.GET.get("show", "")
    chosen = chosen if chosen in missing.SHOWS else "missing"
    labels = {"missing": _("还缺的"), "apart": _("另计"), "all": _("全部")}
    every = list(missing.children(season, school_class))
    lists = {key: [child for child in every if missing.shows(child, key)] for key in labels}
    page = Paginator(lists[chosen], PAGE_SIZE).get_page(request.GET.get("page"))
    modes = dict(Mode.choices)
    context = {
        "school_class": school_class,
        "season": season,
        "unit": unit,
        "fresh": reach.fresh([school_class.pk]),
        "tabs": [
            {"label": text, "url": f"?show={key}", "active": key == chosen, "count": len(lists[key])}
            for key, text in labels.items()
        ],
        "chosen": chosen,
        "page": page,
        "children": [(child, missing.why_apart(child), modes.get(child.met_mode, "")) for child in page],
        "left": missing.left(school_class, season.windows["year"])[:PAGE_SIZE],
    }
    return show(request, "visits/coverage_class", context)


@require_GET
def coverage_staff(request: Request) -> HttpResponse:
    """Everybody of whom a number is asked, by name: done, missing, or exempt and why."""
    if not may_see_staff_coverage(request.actor):
        raise Forbidden
    season = reach.season()
    page = paged(request, reach.staff_asked(season))
    people = list(page)
    rows = reach.colleagues(season, people, reach.posts_of([one.pk for one in people]))
    return show(request, "visits/coverage_staff", {"season": season, "page": page, "rows": rows})
