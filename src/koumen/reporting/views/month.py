"""月统计表: the school's month on screen, as Excel and as Word, and the list behind each number."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from koumen.core import audit, files
from koumen.core.actor import Actor
from koumen.core.refusals import Forbidden, NotFound
from koumen.core.requests import Request
from koumen.core.web import PAGE_SIZE, show
from koumen.core.words import for_others
from koumen.registry.models import SchoolClass
from koumen.registry.presets.categories import CATEGORIES, SEALED, sensitivity
from koumen.reporting import policies
from koumen.reporting.presets.columns import notes
from koumen.reporting.queries import deliveries, lists
from koumen.reporting.queries.board import board
from koumen.reporting.queries.monthly import Sheet, current_month, sheet_1, sheet_2
from koumen.reporting.services.excel import workbook
from koumen.reporting.services.figures import deliver_month
from koumen.reporting.services.wordtable import document
from koumen.visits.services.months import reopen_month

EARLIEST = date(2000, 1, 1)


def month_asked(request: Request) -> date:
    """`month=2026-09` of the address or the form; anything else is the current month."""
    text = request.GET.get("month") or request.POST.get("month") or ""
    try:
        found = parse_date(f"{text}-01") if len(text) == 7 else None
    except ValueError:
        found = None
    return found if found and EARLIEST <= found <= date(2100, 1, 1) else current_month()


def span(month: date) -> str:
    """2026年9月."""
    return _("%(year)d年%(month)d月") % {"year": month.year, "month": month.month}


def months_around(month: date) -> dict[str, Any]:
    """The month's name, and the addresses of the one before and after."""
    before = (month - timedelta(days=1)).replace(day=1)
    after = (month + timedelta(days=32)).replace(day=1)
    return {
        "month": month,
        "span": span(month),
        "before": f"{before:%Y-%m}",
        "after": f"{after:%Y-%m}" if after <= current_month() else "",
    }


@require_GET
def month(request: Request) -> HttpResponse:
    """Sheet 1 or 2; a class teacher sees the lines of own classes."""
    actor = request.actor
    if not policies.may_see_month(actor):
        raise Forbidden
    whole = policies.may_see_school(actor)
    chosen = month_asked(request)
    number = 2 if request.GET.get("sheet") == "2" and whole else 1
    sheet = sheet_2(chosen) if number == 2 else _own_lines(actor, sheet_1(chosen))
    numbers = sheet.total.numbers if number == 1 else None
    linked = whole if number == 1 else policies.may_see_categories(actor)
    base = reverse("reporting:month", kwargs={"org": actor.org.slug})
    tabs = [
        {"label": label, "url": f"{base}?month={chosen:%Y-%m}&sheet={n}", "active": n == number}
        for n, label in ((1, _("按班级")), (2, _("按重点类别")))
    ]
    context = months_around(chosen) | {
        "sheet": number,
        "tabs": tabs if whole else [],
        "board": board(sheet, actor.org.slug, linked=linked or not whole, with_total=whole),
        "notes": notes(),
        "whole": whole,
        "delivery": deliveries.state(chosen, numbers) if whole else None,
        "may_deliver": policies.may_deliver(actor, chosen),
    }
    return show(request, "reporting/month", context)


def _own_lines(actor: Actor, sheet: Sheet) -> Sheet:
    if policies.may_see_school(actor):
        return sheet
    own = {str(pk) for pk in policies.classes_of(actor)}
    return Sheet(sheet.month, sheet.columns, [r for r in sheet.rows if r.part in own], sheet.total)


@require_GET
def behind(request: Request, column: str) -> HttpResponse:
    """The list behind a number: as many lines as the number says."""
    counted = lists.column(column)
    if counted is None:
        raise NotFound
    chosen = month_asked(request)
    school_class = _class(request.GET.get("class", ""))
    category = request.GET.get("category", "")
    if counted.source.startswith("held"):
        _check_category(request.actor, category)
    elif not policies.may_see_list(request.actor, school_class.pk if school_class else None):
        raise Forbidden
    found = lists.ids(counted, chosen, class_id=school_class.pk if school_class else None, category=category)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = months_around(chosen) | {
        "column": counted,
        "about": school_class or (CATEGORIES[category].name if category else request.actor.org.name),
        "page": page,
        "lines": lists.lines(counted, list(page), chosen),
        "count": len(found),
    }
    sheet = 2 if counted.source.startswith("held") else 1
    base = reverse("reporting:month", kwargs={"org": request.actor.org.slug})
    context["back"] = f"{base}?month={chosen:%Y-%m}&sheet={sheet}"
    return show(request, "reporting/behind", context)


def _class(text: str) -> SchoolClass | None:
    if not text:
        return None
    found = (
        SchoolClass.objects.filter(pk=int(text)).first()
        if text.isascii() and text.isdigit() and len(text) < 19
        else None
    )
    if found is None:
        raise NotFound
    return found


def _check_category(actor: Actor, category: str) -> None:
    """Names behind a category are read by few, and every reading is noted; sealed ones have no list."""
    if not policies.may_see_categories(actor):
        raise Forbidden
    if category and (category not in CATEGORIES or sensitivity(category) == SEALED):
        raise NotFound
    audit.write(actor, "month.category_list", kind="read", reason=category)


@require_GET
def excel(request: Request) -> HttpResponse:
    """Both sheets as Excel."""
    return _file(request, "xlsx")


@require_GET
def word(request: Request) -> HttpResponse:
    """Both sheets as Word."""
    return _file(request, "docx")


def _file(request: Request, kind: str) -> HttpResponse:
    actor = request.actor
    if not policies.may_see_school(actor):
        raise Forbidden
    chosen = month_asked(request)
    make = workbook if kind == "xlsx" else document
    with for_others():  # an official form, whatever language its maker reads
        content = make((sheet_1(chosen), sheet_2(chosen)), by=actor)
    audit.write(actor, "month.export", kind="read", reason=f"{kind} {chosen:%Y-%m}")
    name = _("%(org)s家访月统计表%(month)s") % {"org": actor.org.name, "month": f"{chosen:%Y-%m}"}
    return files.as_download(content, name=f"{name}.{kind}", kind=kind)


@require_POST
def deliver(request: Request) -> HttpResponse:
    """Hand the figures to the bureau."""
    chosen = month_asked(request)
    figures = deliver_month(chosen, by=request.actor)
    said = _("已报送给教育局；这个月的记录从现在起不再修改。") if figures.is_final else _("已报送；月底前还会更新。")
    messages.success(request, said)
    return _back(request, chosen)


@require_POST
def reopen(request: Request) -> HttpResponse:
    """Let the records of a month be corrected again."""
    chosen = month_asked(request)
    reopen_month(chosen, by=request.actor, because=request.POST.get("because", "")[:200])
    messages.success(request, _("已重新打开，改好后请再报送一次。"))
    return _back(request, chosen)


def _back(request: Request, chosen: date) -> HttpResponse:
    url = reverse("reporting:month", kwargs={"org": request.actor.org.slug})
    return HttpResponseRedirect(f"{url}?month={chosen:%Y-%m}")
