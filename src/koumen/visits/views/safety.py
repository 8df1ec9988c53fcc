"""The school's emergency contact, and calling outings off for weather or danger."""

from datetime import date

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from koumen.core.refusals import Forbidden, Invalid
from koumen.core.requests import Request
from koumen.core.web import show
from koumen.registry.models import Place
from koumen.visits.forms.trips import CallOffForm, ContactForm
from koumen.visits.policies.trips import may_arrange_safety
from koumen.visits.queries import trips as queries
from koumen.visits.services import calling_off, trips

MOST_SHOWN = 100


def _require(request: Request) -> None:
    if not may_arrange_safety(request.actor, request.actor.org):
        raise Forbidden


@require_http_methods(["GET", "POST"])
def contact(request: Request) -> HttpResponse:
    """Whom anybody on the road can call."""
    _require(request)
    form = ContactForm(request.POST or None, known=queries.contact())
    if request.method == "POST" and form.is_valid():
        trips.set_contact(request.actor.org, by=request.actor, **form.cleaned_data)
        messages.success(request, _("已保存，会印在每张应急卡上。"))
        return HttpResponseRedirect(reverse("visits:trips", kwargs={"org": request.actor.org.slug}))
    return show(request, "visits/safety", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def call_off(request: Request) -> HttpResponse:
    """Choose a day and a village; see whom it concerns; confirm, and everybody is told."""
    _require(request)
    form = CallOffForm(request.POST or None)
    status, context = 200, {"form": form, "refusal": ""}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        day, place = date.fromisoformat(given["day"]), given["place"]
        if request.POST.get("step") == "do":
            try:
                n = calling_off.call_off(
                    request.actor.org,
                    by=request.actor,
                    day=day,
                    place=place,
                    why=given["why"],
                    because=given["because"],
                )
            except Invalid as refused:
                context["refusal"], status = str(refused), refused.status
            else:
                messages.success(request, _("已取消 %(n)d 户的家访，家长和老师都会收到通知。") % {"n": n})
                return _on(request, day, place)
        context |= {"stops": list(queries.to_come(day, place)[:MOST_SHOWN]), "looked": True}
    elif request.method == "POST":
        status = 422
    return show(request, "visits/call_off", context, status=status)


def _on(request: Request, day: date, place: Place | None) -> HttpResponseRedirect:
    """On to finding other days for these families, where one plan is concerned."""
    slug, plans = request.actor.org.slug, queries.plans_on(day)
    if len(plans) != 1:
        return HttpResponseRedirect(reverse("visits:campaigns", kwargs={"org": slug}))
    query = {"day": day.isoformat()} | ({"place": str(place.pk)} if place else {})
    url = reverse("visits:replan", kwargs={"org": slug, "pk": plans[0], "kind": "lost"}, query=query)
    return HttpResponseRedirect(url)
