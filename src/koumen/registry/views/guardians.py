"""What one adult may do for one child, and the end of it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from koumen.core.gate import fetch
from koumen.core.requests import Request
from koumen.core.web import show
from koumen.registry import policies
from koumen.registry.forms.people import EndForm, RightsForm
from koumen.registry.models import Guardianship, Student
from koumen.registry.presets.codes import RELATIONS
from koumen.registry.services import guardians as services


def _tie(request: Request, pk: int) -> Guardianship:
    here = Student.objects.visible_to(request.actor).values("pk")
    rows = Guardianship.objects.filter(ends=None, student__in=here)
    return fetch(
        request.actor,
        rows.select_related("student__school_class", "guardian"),
        pk,
        to=policies.may_manage_guardian,
    )


def _page(request: Request, tie: Guardianship, form: RightsForm, ending: EndForm, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "tie": tie,
        "child": tie.student,
        "relation": RELATIONS.get(tie.relation, ""),
        "form": form,
        "ending": ending,
    }
    return show(request, "registry/guardian", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def guardian(request: Request, pk: int) -> HttpResponse:
    """The adult's rights for this child."""
    tie = _tie(request, pk)
    start = {name: getattr(tie, name) for name in RightsForm.base_fields}
    form = RightsForm(request.POST if request.method == "POST" else None, initial=start)
    if not form.is_valid():
        return _page(request, tie, form, EndForm())
    services.set_rights(tie, by=request.actor, **form.cleaned_data)
    messages.success(request, _("已保存。"))
    return _to_child(request, tie)


@require_POST
def end(request: Request, pk: int) -> HttpResponse:
    """The adult is no longer the child's."""
    tie = _tie(request, pk)
    form = EndForm(request.POST)
    if not form.is_valid():
        return _page(request, tie, RightsForm(initial=vars(tie)), form, status=422)
    services.end_guardianship(tie, by=request.actor, because=form.cleaned_data["because"])
    messages.success(request, _("已结束。这位家长手里的链接都已失效。"))
    return _to_child(request, tie)


def _to_child(request: Request, tie: Guardianship) -> HttpResponse:
    return HttpResponseRedirect(
        reverse("registry:student", kwargs={"org": request.actor.org.slug, "pk": tie.student_id})
    )
