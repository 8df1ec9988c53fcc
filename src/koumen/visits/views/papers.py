"""家访记录表 as Word: one visit, or all of a class."""

from datetime import date

from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from koumen.core import audit, clock, files, jobs
from koumen.core.gate import fetch
from koumen.core.refusals import Forbidden, Invalid
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.registry.models import SchoolClass
from koumen.visits.models import Visit
from koumen.visits.policies.visits import may_list_class, may_print_class, may_read
from koumen.visits.queries import papers as queries
from koumen.visits.queries.visits import in_lists, records_of_class
from koumen.visits.queries.years import year_start
from koumen.visits.services.papers import file_name, print_class
from koumen.visits.services.papers import paper as make_paper

AT_ONCE = 50  # papers made while the browser waits
MOST_CHILDREN = 50  # of one export; more need a second person


@require_GET
def paper(request: Request, pk: str) -> HttpResponse:
    """One visit's record as Word; the reading is noted."""
    rows = Visit.objects.recorded().select_related("record", "lead", "school_class", "household")
    visit = fetch(request.actor, rows.prefetch_related("students__student__school_class"), pk)
    if not may_read(request.actor, visit, [about.student for about in visit.students.all()]):
        raise Forbidden(_("家访内容属于孩子的档案。请先在孩子的页面说明原因，打开档案后再下载。"))
    content = make_paper(visit, by=request.actor)
    audit.note_read(request.actor, "visit.print", visit)
    return files.as_download(content, name=file_name(1, visit), kind="docx")


@require_GET
def records(request: Request, pk: int) -> HttpResponse:
    """The records of a class, by month, and the button that puts them all on paper."""
    school_class = fetch(request.actor, SchoolClass, pk, to=may_list_class)
    month = _month(request.GET.get("month", ""))
    first, last = _between(month)
    rows = in_lists(records_of_class(school_class, first, last))
    tabs = [{"label": _("本学年"), "url": "?", "active": month is None}] + [
        {
            "label": _("%(year)d年%(month)d月") % {"year": m.year, "month": m.month},
            "url": f"?month={m:%Y-%m}",
            "active": m == month,
        }
        for m in queries.months(school_class)
    ]
    context = {"school_class": school_class, "page": paged(request, rows), "tabs": tabs, "month": month}
    context["may_print"] = may_print_class(request.actor, school_class)
    return show(request, "visits/records", context)


@require_POST
def papers(request: Request, pk: int) -> FileResponse | HttpResponseRedirect:
    """A zip of the class's papers: at once when they are few, as a job when they are many."""
    school_class = fetch(request.actor, SchoolClass, pk, to=may_print_class)
    month = _month(request.POST.get("month", ""))
    first, last = _between(month)
    visits = queries.to_print(school_class, first, last)
    if queries.children_in(visits) > MOST_CHILDREN:
        raise Forbidden(_("一次最多导出 50 名学生的记录。请按月份分次下载，或在单次家访的页面下载。"))
    when = f"{month:%Y-%m}" if month else _("本学年")
    label = _("%(class)s家访记录表 %(when)s") % {"class": school_class.name, "when": when}
    slug = request.actor.org.slug
    count = visits.count()
    if not count:
        raise Invalid(_("这段时间还没有家访记录，没有可以下载的内容。"))
    if count <= AT_ONCE:
        made = print_class(school_class, by=request.actor, visits=visits, because=label)
        return files.download(made)
    started = jobs.start(
        "visits.papers",
        by=request.actor,
        title=label,
        url=reverse("visits:records", kwargs={"org": slug, "pk": school_class.pk}),
        school_class=school_class.pk,
        first=first.isoformat(),
        last=last.isoformat(),
        label=label,
    )
    return HttpResponseRedirect(reverse("core:job", kwargs={"org": slug, "pk": started.pk}))


def _month(text: str) -> date | None:
    """`2026-09` → its first day; anything else → None."""
    try:
        return parse_date(f"{text}-01") if len(text) == 7 else None
    except ValueError:
        return None


def _between(month: date | None) -> tuple[date, date]:
    today = clock.today()
    return (month, queries.last_day(month)) if month else (year_start(today), today)
