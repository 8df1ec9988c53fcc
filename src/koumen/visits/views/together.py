"""Group visits and paired classes of a campaign: the managers' pages."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from koumen.core.gate import fetch
from koumen.core.refusals import Invalid
from koumen.core.requests import Request
from koumen.core.web import show
from koumen.registry.models import Place
from koumen.visits.forms.arrangements import GroupForm, PairsForm, WhereForm
from koumen.visits.models import Campaign, GroupVisit
from koumen.visits.planning import proposed_pairs
from koumen.visits.policies.arrangements import may_manage_group
from koumen.visits.policies.campaigns import may_manage_campaign
from koumen.visits.queries import arrangements as queries
from koumen.visits.services import together as services


def _to(request: Request, name: str, campaign: Campaign) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(f"visits:{name}", kwargs={"org": request.actor.org.slug, "pk": campaign.pk}))


@require_GET
def groups(request: Request, pk: int) -> HttpResponse:
    """The campaign's group visits."""
    row = fetch(request.actor, Campaign, pk, to=may_manage_campaign)
    return show(request, "visits/campaign_groups", {"campaign": row, "groups": queries.groups_of(row)})


@require_http_methods(["GET", "POST"])
def group_new(request: Request, pk: int) -> HttpResponse:
    """A new group visit: first the place, then its families."""
    row = fetch(request.actor, Campaign, pk, to=may_manage_campaign)
    where = WhereForm(request.GET or None, places=queries.places_of(row))
    if not where.is_valid():
        return show(request, "visits/campaign_group", {"campaign": row, "where": where})
    return _group(request, row, where.cleaned_data["place"], None)


@require_http_methods(["GET", "POST"])
def group(request: Request, pk: int) -> HttpResponse:
    """Change a group visit."""
    found = fetch(request.actor, queries.groups_in_sight(request.actor), pk, to=may_manage_group)
    return _group(request, found.campaign, found.place, found)


def _group(request: Request, campaign: Campaign, place: Place, found: GroupVisit | None) -> HttpResponse:
    is_sent = request.method == "POST"
    first = {"minutes": 60, "name": place.name}
    if found is not None:
        first = {name: getattr(found, name) for name in ("name", "minutes")}
        first |= {"school_class": str(found.school_class_id), "slot": str(found.slot_id or "")}
        first["homes"] = [str(one) for one in found.homes.values_list("household_id", flat=True)]
    form = GroupForm(
        request.POST if is_sent else None,
        initial=first,
        homes=queries.families_to_gather(campaign, place, found),
        classes=queries.classes_of(campaign),
        slots=campaign.slots.open(),
    )
    if is_sent and form.is_valid():
        try:
            if found is None:
                services.arrange_group(campaign, by=request.actor, meeting=form.meeting(place))
            else:
                services.change_group(found, by=request.actor, meeting=form.meeting(place))
        except Invalid as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已保存，下次排程时会用到。"))
            return _to(request, "groups", campaign)
    context = {"campaign": campaign, "place": place, "group": found, "form": form}
    return show(request, "visits/campaign_group", context, status=422 if form.errors else 200)


@require_POST
def group_off(request: Request, pk: int) -> HttpResponse:
    """Call a group visit off."""
    found = fetch(request.actor, queries.groups_in_sight(request.actor), pk, to=may_manage_group)
    services.call_off_group(found, by=request.actor)
    messages.success(request, _("已取消这次集中家访，这些家庭下次排程时单独安排。"))
    return _to(request, "groups", found.campaign)


@require_http_methods(["GET", "POST"])
def pairs(request: Request, pk: int) -> HttpResponse:
    """Which classes may go together: those chosen, and those the planner proposes."""
    row = fetch(request.actor, Campaign, pk, to=may_manage_campaign)
    chosen = list(row.pairs.values_list("first_id", "second_id"))
    classes = list(queries.classes_of(row))
    known = {one.pk for one in classes}
    offered = [pair for pair in dict.fromkeys([*chosen, *proposed_pairs(row)]) if known.issuperset(pair)]
    is_sent = request.method == "POST"
    first = {"pairs": [f"{a}-{b}" for a, b in chosen]}
    form = PairsForm(request.POST if is_sent else None, initial=first, offered=offered, classes=classes)
    if is_sent and form.is_valid():
        try:
            services.set_pairs(row, by=request.actor, pairs=form.chosen())
        except Invalid as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已保存，下次排程时会用到。"))
            return _to(request, "pairs", row)
    context = {"campaign": row, "form": form, "has_offers": bool(offered)}
    return show(request, "visits/campaign_pairs", context, status=422 if form.errors else 200)
