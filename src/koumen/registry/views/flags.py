"""重点标记: one child's, and the list a term's start asks to be gone through."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from koumen.core import audit, clock
from koumen.core.gate import fetch
from koumen.core.refusals import Conflict, Forbidden, Invalid
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.registry.forms.flags import FlagForm, FlagReaderForm, WhyForm
from koumen.registry.models import Flag, Staff, Student
from koumen.registry.policies import may_flag, may_name_readers, may_see_sealed, may_turn_flag
from koumen.registry.queries import flags as queries
from koumen.registry.services import flags as services

_CHILD = Student.objects.select_related("school_class")


def _may_list(request: Request) -> bool:
    return request.actor.holds("moral_office", "class_teacher")


def _page(request: Request, child: Student, forms: dict[str, Any] | None = None) -> HttpResponse:
    """The child's flags; `forms` is the form that was sent and did not fit, under its name."""
    actor = request.actor
    named = may_see_sealed(actor, child)
    if named:
        audit.note_read(actor, "student.sealed", child)
    audit.note_read(actor, "student.flags", child)
    context = {
        "child": child,
        "found": queries.of_child(actor, child),
        "named": named,
        "form": FlagForm(),
        "names_readers": may_name_readers(actor, child),
        "reader_form": FlagReaderForm(colleagues=queries.colleagues(), auto_id="reader-%s"),
    } | (forms or {})
    return show(request, "registry/flags", context, status=422 if forms else 200)


def _back(request: Request, student_id: int) -> HttpResponseRedirect:
    return HttpResponseRedirect(
        reverse("registry:student_flags", kwargs={"org": request.actor.org.slug, "pk": student_id})
    )


@require_http_methods(["GET", "HEAD", "POST"])
def student_flags(request: Request, pk: int) -> HttpResponse:
    """One child's flags, and setting one."""
    child = fetch(request.actor, _CHILD, pk, to=may_flag)
    if request.method != "POST":
        return _page(request, child)
    form = FlagForm(request.POST)
    if form.is_valid():
        try:
            services.set_flag(child, by=request.actor, **form.cleaned_data)
        except (Invalid, Conflict) as refusal:
            form.add_error("because" if isinstance(refusal, Invalid) else "category", str(refusal))
        else:
            messages.success(request, _("已登记，有效到本学期末。"))
            return _back(request, child.pk)
    return _page(request, child, {"form": form})


def _flag(request: Request, pk: int) -> Flag:
    rows = Flag.objects.select_related("student__school_class")
    row = fetch(request.actor, rows, pk)
    fetch(request.actor, Student, row.student_id)  # unseen child, unseen flag
    if not may_turn_flag(request.actor, row):
        raise Forbidden
    return row


@require_POST
def flag_renew(request: Request, pk: int) -> HttpResponse:
    """It holds in this term too."""
    row = _flag(request, pk)
    services.renew_flag(row, by=request.actor)
    messages.success(request, _("已续期到本学期末。"))
    return _next(request, row)


@require_POST
def flag_end(request: Request, pk: int) -> HttpResponse:
    """It holds no more."""
    row = _flag(request, pk)
    form = WhyForm(request.POST)
    services.end_flag(row, by=request.actor, because=form.cleaned_data["because"] if form.is_valid() else "")
    messages.success(request, _("标记已结束。"))
    return _next(request, row)


def _next(request: Request, row: Flag) -> HttpResponseRedirect:
    if request.POST.get("to") == "list":
        return HttpResponseRedirect(reverse("registry:flags", kwargs={"org": request.actor.org.slug}))
    return _back(request, row.student_id)


@require_http_methods(["GET", "HEAD", "POST"])
def flags(request: Request) -> HttpResponse:
    """What a term's start asks: which flags still hold. What nobody renews ends by itself."""
    if not _may_list(request):
        raise Forbidden
    today = clock.today()
    rows = queries.to_renew(request.actor, today)
    if request.method == "POST":
        ticked = [int(n) for n in request.POST.getlist("flag")[: services.SEVERAL] if n.isdecimal() and len(n) < 19]
        count = services.renew_all(request.actor.org, by=request.actor, flags=rows.filter(pk__in=ticked))
        messages.success(request, _("已续期 {n} 项。").format(n=count))
        return HttpResponseRedirect(request.path)
    page = paged(request, rows)
    lines = [queries.line(row, today) for row in page]
    return show(request, "registry/flags_renewal", {"page": page, "lines": lines, "until": services.term_end(today)})


@require_POST
def flag_reader(request: Request, pk: int) -> HttpResponse:
    """The office names a reader of a child's sealed categories, or takes the name back."""
    child = fetch(request.actor, _CHILD, pk, to=may_name_readers)
    drop = request.POST.get("drop", "")
    if drop.isdecimal() and len(drop) < 19:
        staff = Staff.objects.filter(pk=int(drop)).first()
        if staff is not None:
            services.drop_reader(child, by=request.actor, staff=staff)
        return _back(request, child.pk)
    form = FlagReaderForm(request.POST, colleagues=queries.colleagues(), auto_id="reader-%s")
    if form.is_valid():
        try:
            services.name_reader(child, by=request.actor, **form.cleaned_data)
        except Invalid as refusal:
            form.add_error("because", str(refusal))
        else:
            messages.success(request, _("已指定知情人，有效到本学期末。"))
            return _back(request, child.pk)
    return _page(request, child, {"reader_form": form})
