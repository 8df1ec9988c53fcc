"""控辍保学, numbers: the school's month, and the county's quarter."""

import re
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from koumen.care.models import DropoutReport
from koumen.care.policies import dropout as policies
from koumen.care.queries import dropout as queries
from koumen.care.queries import dropout_reports as county
from koumen.care.services import dropout_reports as services
from koumen.care.services.dropout_books import MONTH, month_book, month_labels, quarter_book
from koumen.care.views.dropout import tabs_of
from koumen.core import audit, clock, files
from koumen.core.gate import fetch
from koumen.core.refusals import Forbidden, Invalid
from koumen.core.requests import Request
from koumen.core.web import show


def _month(asked: str) -> date:
    """The first day of the month asked for; for anything else, and for one to come, that of this month."""
    this = clock.today().replace(day=1)
    if not re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", asked):
        return this
    return min(date(int(asked[:4]), int(asked[5:]), 1), this)


@require_GET
def dropout_month(request: Request) -> HttpResponse:
    """A month by class, and what was handed in."""
    if not policies.may_see_numbers(request.actor):
        raise Forbidden
    month = _month(request.GET.get("month", ""))
    lines, total = queries.month_lines(month)
    known = DropoutReport.objects.filter(school=request.actor.org.id, month=month).order_by("-version").first()
    after = (month + timedelta(days=32)).replace(day=1)
    labels = month_labels()
    context = {
        "pages": tabs_of(request.actor, "dropout_month"),
        "month": month,
        "before": (month - timedelta(days=1)).strftime("%Y-%m"),
        "after": after.strftime("%Y-%m") if after <= clock.today() else "",
        "heads": [_("班级"), *(f">{labels[key]}" for key in MONTH)],
        "lines": [(line.name, [line.numbers[key] for key in MONTH]) for line in lines],
        "total": [total.numbers[key] for key in MONTH],
        "report": known,
        "changed": known is not None and known.figures != total.numbers,
        "submits": policies.may_submit(request.actor, month),
    }
    return show(request, "care/dropout_month", context)


@require_GET
def dropout_month_file(request: Request) -> HttpResponse:
    """The month as Excel: numbers by class, no names."""
    if not policies.may_see_numbers(request.actor):
        raise Forbidden
    month = _month(request.GET.get("month", ""))
    lines, total = queries.month_lines(month)
    audit.write(request.actor, "dropout.export_month", kind="read")
    name = _("控辍保学月报 {month}.xlsx").format(month=month.strftime("%Y-%m"))
    return files.as_download(month_book(month, lines, total, by=request.actor), name=name, kind="xlsx")


@require_POST
def dropout_submit(request: Request) -> HttpResponse:
    """Hand the month in."""
    if not policies.may_see_numbers(request.actor):
        raise Forbidden
    month = _month(request.POST.get("month", ""))
    services.submit(month, by=request.actor)
    messages.success(request, _("已报送教育局：只有数字，没有姓名。"))
    here = reverse("care:dropout_month", kwargs={"org": request.actor.org.slug})
    return HttpResponseRedirect(f"{here}?month={month:%Y-%m}")


@require_GET
def dropout_schools(request: Request) -> HttpResponse:
    """The quarterly check: all schools, numbers alone."""
    if not policies.may_check_reports(request.actor):
        raise Forbidden
    quarter = county.quarter_asked(request.GET.get("quarter", ""))
    table = county.county_table(quarter)
    after = quarter.moved(1)
    context: dict[str, Any] = {
        "quarter": quarter,
        "before": quarter.moved(-1).code,
        "after": after.code if after.first <= clock.today() else "",
        "table": table,
        "waiting": [(line.school, r) for line in table.lines for r in line.reports if r and not r.checked_at],
        "missing": sum(1 for line in table.lines for _report, is_missing in line.months if is_missing),
    }
    return show(request, "care/dropout_schools", context)


@require_GET
def dropout_schools_file(request: Request) -> HttpResponse:
    """The same as Excel, with the same cells hidden."""
    if not policies.may_check_reports(request.actor):
        raise Forbidden
    quarter = county.quarter_asked(request.GET.get("quarter", ""))
    audit.write(request.actor, "dropout.export_quarter", kind="read")
    name = _("控辍保学季度核查表 {quarter}.xlsx").format(quarter=quarter.code)
    content = quarter_book(quarter, county.county_table(quarter), by=request.actor)
    return files.as_download(content, name=name, kind="xlsx")


@require_POST
def dropout_check(request: Request, pk: int) -> HttpResponse:
    """Fine, or back to the school."""
    report = fetch(request.actor, DropoutReport, pk, to=policies.may_check_reports)
    is_fine = request.POST.get("did") == "fine"
    note = request.POST.get("note", "")
    if len(note) > services.LONGEST_NOTE:
        raise Invalid(_("核查意见请在 300 字以内。"))
    services.check_report(report, by=request.actor, note=note, is_fine=is_fine)
    messages.success(request, _("已记下核查意见。") if is_fine else _("已退回学校。"))
    here = reverse("care:dropout_schools", kwargs={"org": request.actor.org.slug})
    return HttpResponseRedirect(f"{here}?quarter={county.quarter_of(report.month).code}")
