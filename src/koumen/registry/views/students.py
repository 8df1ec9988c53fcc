"""One child's page: what is open to the asker; a file opened for a reason; the clear value of one masked field."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from koumen.core import audit, panels
from koumen.core.gate import fetch
from koumen.core.requests import Request
from koumen.core.web import show
from koumen.registry import policies
from koumen.registry.forms.people import ReasonForm
from koumen.registry.models import Student
from koumen.registry.queries import people
from koumen.registry.services import people as services


def _fetch(request: Request, pk: int) -> Student:
    return fetch(request.actor, people.files(), pk, to=policies.may_see_child)


def _page(request: Request, child: Student, form: ReasonForm, *, status: int = 200) -> HttpResponse:
    sight = policies.sight_of_child(request.actor, child)
    if sight == policies.Sight.FULL:
        audit.note_read(request.actor, "student.file", child)
    file = people.child_file(child, sight)
    context: dict[str, Any] = {
        "file": file,
        "child": child,
        "full": sight == policies.Sight.FULL,
        "shared": sight >= policies.Sight.SHARED,
        "may_open": sight < policies.Sight.FULL and policies.may_open_file(request.actor, child),
        "manages": policies.sight_of(request.actor, child.school_class) == policies.Sight.FULL,
        "may_see_sealed": bool(file.sealed) and policies.may_see_sealed(request.actor, child),
        "form": form,
        "panels": panels.panels_of("student", request, child),
    }
    return show(request, "registry/student", context, status=status)


@require_GET
def student(request: Request, pk: int) -> HttpResponse:
    """The child's page. Seeing the file is noted."""
    return _page(request, _fetch(request, pk), ReasonForm())


@require_POST
def open_file(request: Request, pk: int) -> HttpResponse:
    """Open the file with a stated reason, for three hours."""
    child = fetch(request.actor, people.files(), pk, to=policies.may_open_file)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, child, form, status=422)
    services.open_file(child, by=request.actor, because=form.cleaned_data["because"])
    return HttpResponseRedirect(reverse("registry:student", kwargs={"org": request.actor.org.slug, "pk": child.pk}))


@require_POST
def show_value(request: Request, pk: int) -> HttpResponse:
    """The clear value of one field, pressed for; noted as read."""
    child = fetch(request.actor, Student.objects.select_related("school_class"), pk, to=policies.may_read_value)
    value = services.reveal(child, by=request.actor, what=request.POST.get("what", "")[:40])
    return show(request, "registry/value", {"child": child, "value": value, "title": _("查看内容")})
