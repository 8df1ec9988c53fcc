"""随访: what is due, and the question whether it helped."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from koumen.core.gate import fetch
from koumen.core.refusals import Forbidden
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.visits.forms.after import EffectForm
from koumen.visits.models import Effect, Visit
from koumen.visits.policies.after import may_judge
from koumen.visits.policies.visits import may_keep_records
from koumen.visits.queries import after as queries
from koumen.visits.services import effects as services


@require_GET
def follow_ups(request: Request) -> HttpResponse:
    """Own visits to be followed up, questions about effects, own measures whose day has come."""
    actor = request.actor
    if not may_keep_records(actor):
        raise Forbidden
    context = {
        "page": paged(request, queries.follow_ups(actor)),
        "effects": queries.effects_waiting(actor)[:30],
        "measures": queries.own_measures_due(actor)[:30],
    }
    return show(request, "visits/follow_ups", context)


@require_http_methods(["GET", "HEAD", "POST"])
def effect(request: Request, pk: int) -> HttpResponse:
    """有效果吗: three faces and one line."""
    actor = request.actor
    rows = Effect.objects.filter(record__visit__in=Visit.objects.visible_to(actor))
    row = fetch(actor, rows.select_related("record__visit__lead", "answered_by"), pk, to=may_judge)
    form = EffectForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        services.answer_effect(row, by=actor, **form.cleaned_data)
        messages.success(request, _("已记下，谢谢。"))
        return HttpResponseRedirect(reverse("visits:follow_ups", kwargs={"org": actor.org.slug}))
    context = {"effect": row, "visit": row.record.visit, "form": form}
    return show(request, "visits/effect", context, status=422 if form.errors else 200)
