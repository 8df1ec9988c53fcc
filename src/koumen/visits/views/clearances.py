"""Who may go out in a campaign, and who has no task number: the managers' pages."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from koumen.core.gate import fetch
from koumen.core.refusals import Invalid
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.registry.models import Staff
from koumen.visits.forms.arrangements import AskForm, StaffForm
from koumen.visits.models import Campaign, Clearance
from koumen.visits.policies.arrangements import may_clear_staff
from koumen.visits.policies.campaigns import may_manage_campaign
from koumen.visits.queries import arrangements as queries
from koumen.visits.services import clearances as services


def _to(request: Request, campaign: Campaign) -> HttpResponseRedirect:
    here = {"org": request.actor.org.slug, "pk": campaign.pk}
    return HttpResponseRedirect(reverse("visits:campaign_staff", kwargs=here))


@require_http_methods(["GET", "POST"])
def campaign_staff(request: Request, pk: int) -> HttpResponse:
    """What the campaign asks of everybody who goes, and who has it."""
    row = fetch(request.actor, Campaign, pk, to=may_manage_campaign)
    is_sent = request.method == "POST"
    first = {"training": row.needs_training, "commitment": row.needs_commitment}
    form = AskForm(request.POST if is_sent else None, initial=first)
    if is_sent and form.is_valid():
        services.ask_clearance(row, by=request.actor, **form.cleaned_data)
        messages.success(request, _("已保存。"))
        return _to(request, row)
    page = paged(request, queries.staff_with_clearance(row))
    return show(request, "visits/campaign_staff", {"campaign": row, "form": form, "page": page})


@require_http_methods(["GET", "POST"])
def campaign_staff_of(request: Request, pk: int, staff: int) -> HttpResponse:
    """One member of staff: training, commitment, languages, exemption."""
    actor = request.actor
    row = fetch(actor, Campaign, pk, to=may_manage_campaign)
    person = fetch(actor, Staff, staff, to=may_clear_staff)
    held = queries.clearances_of(person)
    reason = row.exemptions.filter(staff=person).values_list("reason", flat=True).first() or ""
    is_sent = request.method == "POST"
    form = StaffForm(request.POST if is_sent else None, initial=StaffForm.initial_of(person.languages, held, reason))
    if is_sent and form.is_valid():
        data = form.cleaned_data
        try:
            for kind in Clearance.Kind.values:
                services.clear(person, by=actor, kind=kind, has_it=data[kind], until=data[f"{kind}_until"])
            services.exempt(person, by=actor, campaign=row, reason=data["exempt"])
            services.set_languages(person, by=actor, languages=data["languages"])
        except Invalid as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已保存，下次排程时会用到。"))
            return _to(request, row)
    context = {"campaign": row, "person": person, "form": form}
    return show(request, "visits/campaign_staff_of", context, status=422 if form.errors else 200)
