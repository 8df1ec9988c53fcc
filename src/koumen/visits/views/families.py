"""Families of a campaign: when they can receive, whom they would like on the team."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from koumen.core.gate import fetch
from koumen.core.refusals import Invalid
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.visits.forms.arrangements import FamilyForm
from koumen.visits.models import Campaign
from koumen.visits.policies import arrangements as policies
from koumen.visits.policies.campaigns import may_see_campaign
from koumen.visits.queries import arrangements as queries
from koumen.visits.services import families as services


@require_GET
def families(request: Request, pk: int) -> HttpResponse:
    """The families of the campaign that one cares for."""
    row = fetch(request.actor, Campaign, pk, to=policies.may_see_families)
    page = paged(request, queries.families_of(row, request.actor))
    return show(request, "visits/campaign_families", {"campaign": row, "page": page})


@require_http_methods(["GET", "POST"])
def family(request: Request, pk: int, household: int) -> HttpResponse:
    """What one family says, noted on its behalf."""
    actor = request.actor
    row = fetch(actor, Campaign, pk, to=may_see_campaign)
    home = fetch(actor, queries.families_of(row, actor), household, to=policies.may_note_family)
    is_sent = request.method == "POST"
    first = {
        "by": FamilyForm.TIMES if queries.has_answered(row, home) else FamilyForm.HABIT,
        "slots": [str(one) for one in queries.family_slot_ids(row, home)],
        "gender": home.asks_gender,
        "language": home.asks_language,
    }
    form = FamilyForm(request.POST if is_sent else None, initial=first, slots=row.slots.open())
    if is_sent and form.is_valid():
        try:
            services.note_times(home, by=actor, campaign=row, slots=form.chosen())
            services.note_wishes(
                home, by=actor, gender=form.cleaned_data["gender"], language=form.cleaned_data["language"]
            )
        except Invalid as refusal:
            form.add_error("slots", str(refusal))
        else:
            messages.success(request, _("已保存，下次排程时会用到。"))
            return HttpResponseRedirect(reverse("visits:families", kwargs={"org": actor.org.slug, "pk": row.pk}))
    context = {"campaign": row, "home": home, "form": form}
    return show(request, "visits/campaign_family", context, status=422 if form.errors else 200)
