"""Something has happened since the plan was made: say what, see what it changes, confirm."""

import json
from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from koumen.core.gate import fetch
from koumen.core.refusals import Conflict, Invalid, NotFound
from koumen.core.requests import Request
from koumen.core.web import show
from koumen.visits.forms.replans import AwayForm, HappeningForm, LostForm, NewForm, OtherForm
from koumen.visits.models import Plan
from koumen.visits.planning.replans import Happening
from koumen.visits.policies import campaigns as policies
from koumen.visits.queries import replans as queries
from koumen.visits.services import replans as services

FORMS: dict[str, type[HappeningForm]] = {"away": AwayForm, "lost": LostForm, "family": OtherForm, "new": NewForm}
UNSEEN = ("csrfmiddlewaretoken", "step", "seen", "shown")  # what is sent beside the facts themselves


def _title(kind: str) -> str:
    return {
        "away": _("老师请假"),
        "lost": _("天气或停课"),
        "family": _("家长改时间或搬家"),
        "new": _("新增家庭"),
    }[kind]


def _fetch(request: Request, pk: int) -> Plan:
    return fetch(request.actor, Plan.objects.select_related("campaign"), pk, to=policies.may_manage_plan)


def _form(request: Request, plan: Plan, kind: str) -> HappeningForm:
    if kind not in FORMS:
        raise NotFound
    if request.method == "POST":
        return FORMS[kind](request.POST, plan=plan)
    return FORMS[kind](initial=request.GET.dict(), plan=plan)


def _happening(plan: Plan, form: HappeningForm) -> Happening:
    return services.new_homes(plan, form.chosen()) if isinstance(form, NewForm) else form.happening()


def _print_of(request: Request) -> str:
    """The facts as they were sent, so that what is confirmed is what was looked at."""
    facts = {name: values for name, values in sorted(request.POST.lists()) if name not in UNSEEN}
    return sha256(json.dumps(facts).encode()).hexdigest()[:32]


@require_GET
def replan_choices(request: Request, pk: int) -> HttpResponse:
    """What may have happened."""
    plan = _fetch(request, pk)
    services.require_open(plan)
    about = {
        "away": _("这几天的外出换老师同行；换不到的，家庭另排时间。"),
        "lost": _("这一天的家访改到别的日子，别的日子不动。"),
        "family": _("只给这个家庭换时间或路线，别的家庭不换日子。"),
        "new": _("排程之后来的孩子，插进最顺路的外出。"),
    }
    kinds = [{"kind": kind, "title": _title(kind), "about": about[kind]} for kind in FORMS]
    context = {"plan": plan, "kinds": kinds, "newcomers": len(queries.joined_since(plan))}
    return show(request, "visits/replan_choices", context)


@require_http_methods(["GET", "POST"])
def replan(request: Request, pk: int, kind: str) -> HttpResponse:
    """The form; sent, it shows what would change; confirmed, it is done. Nothing typed is lost on the way."""
    plan = _fetch(request, pk)
    services.require_open(plan)
    form = _form(request, plan, kind)
    context: dict[str, Any] = {"plan": plan, "kind": kind, "title": _title(kind), "form": form, "refusal": ""}
    status = 200
    if form.is_bound and not form.is_valid():
        status = 422
    elif form.is_bound:
        step = request.POST.get("step", "look")
        try:
            if step in ("repair", "better"):
                _confirm(request, plan, form, better=step == "better")
                return HttpResponseRedirect(
                    reverse("visits:plan", kwargs={"org": request.actor.org.slug, "pk": plan.pk})
                )
        except (Conflict, Invalid) as refused:
            context["refusal"], status = str(refused), refused.status
            plan = context["plan"] = _fetch(request, pk)
        try:
            context |= _outlook(request, plan, form, with_better=step == "more")
        except (Conflict, Invalid) as refused:
            context["refusal"], status = str(refused), refused.status
    return show(request, "visits/replan", context, status=status)


def _outlook(request: Request, plan: Plan, form: HappeningForm, *, with_better: bool) -> dict[str, Any]:
    what = _happening(plan, form)
    found: dict[str, Any] = {"words": services.look_ahead(plan, what), "shown": _print_of(request)}
    if with_better:
        found |= {"better": services.look_ahead(plan, what, better=True), "has_looked": True}
    return found


def _confirm(request: Request, plan: Plan, form: HappeningForm, *, better: bool) -> None:
    if request.POST.get("shown", "") != _print_of(request):
        raise Conflict(_("填写的内容和刚才看到的影响不一样了。下面是新的影响，请再核对一次。"))
    seen = request.POST.get("seen", "")[:64]
    services.carry_out(plan, by=request.actor, what=_happening(plan, form), better=better, seen=seen)
    messages.success(request, _("计划已调整，有变化的老师会收到通知。") if plan.is_live else _("计划已调整。"))


@require_POST
def replan_better(request: Request, pk: int, kind: str) -> HttpResponse:
    """The better plan for the facts in the form, asked for by the page once it is shown."""
    plan = _fetch(request, pk)
    services.require_open(plan)
    form = _form(request, plan, kind)
    if not form.is_valid():
        raise Invalid
    words = services.look_ahead(plan, _happening(plan, form), better=True)
    return render(request, "visits/_replan_better.html", {"better": words, "plan": plan, "kind": kind})
