"""Campaigns: the list, the steps of setting one up, its page, and everybody's free slots."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from koumen.core.gate import fetch
from koumen.core.refusals import Forbidden, Invalid, NotFound
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.registry.models import Staff
from koumen.registry.presets.categories import SETS
from koumen.visits.forms.campaigns import AboutForm, ScopeForm, SlotsForm, TasksForm, TimesForm
from koumen.visits.models import Campaign, Plan
from koumen.visits.models.campaigns import TEACHING
from koumen.visits.policies import campaigns as policies
from koumen.visits.presets.quotas import PRESETS
from koumen.visits.queries import campaigns as queries
from koumen.visits.services import campaigns as services

STEPS = ("about", "scope", "tasks", "times", "days")


def _to(request: Request, name: str, **kwargs: object) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(f"visits:{name}", kwargs={"org": request.actor.org.slug, **kwargs}))


@require_GET
def campaigns(request: Request) -> HttpResponse:
    """All campaigns of the school."""
    if not request.actor.holds(*TEACHING):
        raise NotFound
    page = paged(request, queries.campaigns_of(request.actor))
    return show(request, "visits/campaigns", {"page": page, "may_manage": policies.manages(request.actor)})


@require_http_methods(["GET", "POST"])
def campaign_new(request: Request) -> HttpResponse:
    """The first step: name and dates; the rest of the campaign begins with the usual settings."""
    if not request.actor.holds(*TEACHING):
        raise NotFound
    if not policies.manages(request.actor):
        raise Forbidden
    form = AboutForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            campaign = services.start_campaign(request.actor.org, by=request.actor, **form.cleaned_data)
        except Invalid as refusal:
            form.add_error(None, str(refusal))
        else:
            return _to(request, "campaign_edit", pk=campaign.pk, step="scope")
    status = 422 if form.errors else 200
    return show(request, "visits/campaign_edit", _step(request, None, "about", form), status=status)


def _step(request: Request, campaign: Campaign | None, step: str, form: Any) -> dict[str, Any]:
    labels = {
        "about": _("名称和日期"),
        "scope": _("范围和方式"),
        "tasks": _("任务数"),
        "times": _("时间"),
        "days": _("核对日期"),
    }
    here = {"org": request.actor.org.slug, "pk": campaign.pk} if campaign else {}
    items = [
        {"label": labels[s], "url": reverse("visits:campaign_edit", kwargs=here | {"step": s}) if here else ""}
        for s in STEPS
    ]
    number = STEPS.index(step) + 1
    return {
        "campaign": campaign,
        "step": step,
        "steps": items,
        "number": number,
        "title": labels[step],
        "form": form,
        "is_last": number == len(STEPS),
        "sets": list(SETS.values()),
        "presets": list(PRESETS.values()),
    }


@require_http_methods(["GET", "POST"])
def campaign_edit(request: Request, pk: int, step: str) -> HttpResponse:
    """One step of setting a campaign up, or of changing it later. A preset's button fills the form, saving nothing."""
    campaign = fetch(request.actor, Campaign, pk, to=policies.may_manage_campaign)
    if step not in STEPS:
        raise NotFound
    is_sent = request.method == "POST"
    form, save = FORMS[step](request, campaign, is_sent)
    if is_sent and "preset" not in request.POST and form.is_valid():
        try:
            save()
        except Invalid as refusal:
            form.add_error(None, str(refusal))
        else:
            after = STEPS[STEPS.index(step) + 1 :]
            if after and "next" in request.POST:
                return _to(request, "campaign_edit", pk=campaign.pk, step=after[0])
            messages.success(request, _("已保存。"))
            return _to(request, "campaign", pk=campaign.pk)
    status = 422 if is_sent and form.errors else 200
    return show(request, "visits/campaign_edit", _step(request, campaign, step, form), status=status)


Step = tuple[Any, Callable[[], object]]


def _about(request: Request, campaign: Campaign, is_sent: bool) -> Step:
    first = {name: getattr(campaign, name) for name in AboutForm.base_fields}
    form = AboutForm(request.POST if is_sent else None, initial=first)
    return form, lambda: services.describe(campaign, by=request.actor, **form.cleaned_data)


def _scope(request: Request, campaign: Campaign, is_sent: bool) -> Step:
    classes = list(queries.classes_to_choose())
    first = {name: getattr(campaign, name) for name in ("modes", "must_visit", "door_only")}
    first["classes"] = [str(one) for one in campaign.scope.values_list("school_class_id", flat=True)]
    form = ScopeForm(request.POST if is_sent else None, initial=first, classes=classes)
    if is_sent and "preset" in request.POST:
        form = ScopeForm(initial=form.with_set(request.POST["preset"]), classes=classes)

    def save() -> object:
        given = {name: form.cleaned_data[name] for name in ("modes", "must_visit", "door_only")}
        return services.choose(campaign, by=request.actor, classes=form.chosen(), **given)

    return form, save


def _tasks(request: Request, campaign: Campaign, is_sent: bool) -> Step:
    numbers = {(q.scope, q.indicator): q.threshold for q in campaign.quotas.all()}
    preset = PRESETS.get(request.POST.get("preset", ""))
    if preset is not None:
        numbers = {(rule.scope, rule.indicator): rule.threshold for rule in preset.rules}
        is_sent = False
    form = TasksForm(request.POST if is_sent else None, initial=TasksForm.initial_of(numbers))
    return form, lambda: services.require(campaign, by=request.actor, thresholds=form.thresholds())


def _times(request: Request, campaign: Campaign, is_sent: bool) -> Step:
    form = TimesForm(request.POST if is_sent else None, initial=TimesForm.initial_of(campaign))
    return form, lambda: services.set_times(campaign, by=request.actor, times=form.times())


def _days(request: Request, campaign: Campaign, is_sent: bool) -> Step:
    slots = list(campaign.slots.all())
    first = {"slots": [str(slot.pk) for slot in slots if slot.is_open]}
    form = SlotsForm(request.POST if is_sent else None, initial=first, slots=slots)
    return form, lambda: services.set_days(campaign, by=request.actor, open_slots=[s.pk for s in form.chosen()])


FORMS: dict[str, Callable[[Request, Campaign, bool], Step]] = {
    "about": _about,
    "scope": _scope,
    "tasks": _tasks,
    "times": _times,
    "days": _days,
}


@require_GET
def campaign(request: Request, pk: int) -> HttpResponse:
    """A campaign's page: how far it is, its plans, its settings."""
    actor = request.actor
    row = fetch(actor, Campaign, pk, to=policies.may_see_campaign)
    may_manage = policies.manages(actor)
    own = None if may_manage else actor.units("class", "class_teacher")
    plans = queries.plans_of(row, actor)
    classes = queries.progress_by_class(row, own)
    context = {
        "campaign": row,
        "may_manage": may_manage,
        "progress": queries.added_up(classes) if may_manage else None,
        "classes": classes,
        "checks": queries.checks(row, [one.school_class for one in classes]) if may_manage else [],
        "times": queries.times(row) if may_manage else None,
        "plans": plans,
        "adopted": next((plan for plan in plans if plan.is_live), None),
        "computing": next((plan for plan in plans if plan.standing == Plan.State.COMPUTING), None),
        "may_see_plan": may_manage or bool(own),
        "is_closed": row.state == Campaign.State.CLOSED,
    }
    return show(request, "visits/campaign", context)


@require_POST
def campaign_state(request: Request, pk: int) -> HttpResponse:
    """Open or close a campaign."""
    row = fetch(request.actor, Campaign, pk, to=policies.may_manage_campaign, lock=True)
    match request.POST.get("to"):
        case Campaign.State.OPEN:
            services.open_campaign(row, by=request.actor)
            messages.success(request, _("活动已开始。"))
        case Campaign.State.CLOSED:
            services.close_campaign(row, by=request.actor)
            messages.success(request, _("活动已结束，计划和记录都还在。"))
        case _:
            raise Invalid
    return _to(request, "campaign", pk=row.pk)


@require_GET
def free(request: Request, pk: int) -> HttpResponse:
    """Everybody's free slots, for those who manage; others go to their own."""
    row = fetch(request.actor, Campaign, pk, to=policies.may_see_campaign)
    if not policies.manages(request.actor):
        return _to(request, "free_of", pk=row.pk, staff=request.actor.member_id)
    page = paged(request, queries.staff_with_free_time(row))
    total = row.slots.open().count()
    return show(request, "visits/campaign_free", {"campaign": row, "page": page, "total": total})


@require_http_methods(["GET", "POST"])
def free_of(request: Request, pk: int, staff: int) -> HttpResponse:
    """The slots one person is free for, ticked on a phone."""
    actor = request.actor
    row = fetch(actor, Campaign, pk, to=policies.may_see_campaign)
    person = fetch(actor, Staff, staff, to=policies.may_tick_free)
    slots = list(row.slots.open())
    is_sent = request.method == "POST"
    first = {"slots": [str(one) for one in queries.free_slot_ids(row, person)]}
    form = SlotsForm(request.POST if is_sent else None, initial=first, slots=slots)
    if is_sent and form.is_valid():
        services.tick_free(person, by=actor, campaign=row, slots=form.chosen())
        messages.success(request, _("已保存空闲时间，排程时会用到。"))
        return _to(request, "free" if policies.manages(actor) and person.pk != actor.member_id else "campaign", pk=pk)
    context = {"campaign": row, "person": person, "form": form, "is_own": person.pk == actor.member_id}
    return show(request, "visits/campaign_free_of", context, status=422 if form.errors else 200)
