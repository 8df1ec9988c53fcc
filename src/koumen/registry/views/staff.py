"""The school's people: who holds which post; accounts opened, reset, closed."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from koumen.core import clock
from koumen.core.gate import fetch
from koumen.core.refusals import Conflict, Forbidden, Invalid
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.registry import policies
from koumen.registry.forms.people import AccountForm, AppointForm, ReasonForm, StaffSearchForm
from koumen.registry.models import Role, Staff
from koumen.registry.queries import people
from koumen.registry.services import accounts
from koumen.registry.services import people as services

AT_A_TIME = 100  # hashing a password is slow on purpose


@require_GET
def staff(request: Request) -> HttpResponse:
    """People in service with their posts."""
    if not policies.may_see_staff(request.actor):
        raise Forbidden
    form = StaffSearchForm(request.GET or None)
    asked = form.cleaned_data if form.is_valid() else {}
    rows = people.staff_list(
        asked.get("q", "").strip(), asked.get("post", ""), without_account=asked.get("no_account", False)
    )
    may_manage = policies.may_manage_staff(request.actor)
    context = {
        "page": paged(request, rows),
        "form": form,
        "may_manage": may_manage,
        "no_account": Staff.objects.filter(is_active=True, account_id=None).count() if may_manage else 0,
    }
    return show(request, "registry/staff", context)


def _person(request: Request, pk: int) -> Staff:
    return fetch(request.actor, Staff, pk, to=policies.may_manage_staff)


def _to_person(request: Request, row: Staff) -> HttpResponse:
    return HttpResponseRedirect(reverse("registry:person", kwargs={"org": request.actor.org.slug, "pk": row.pk}))


def _page(request: Request, row: Staff, *, status: int = 200, **forms: Any) -> HttpResponse:
    org, today = request.actor.org, clock.today()
    roles = people.roles_of(row)
    context = {
        "person": row,
        "roles": [(r, r.ends is None or r.ends >= today, policies.may_end_role(request.actor, r)) for r in roles],
        "account": people.account_of(row),
        "may_appoint": policies.may_appoint(request.actor, row),
        "may_manage_account": policies.may_manage_account(request.actor, row),
        "may_drop": policies.may_drop_second_factor(request.actor, row),
        "appoint_form": forms.get("appoint_form") or AppointForm(org=org),
        "account_form": forms.get("account_form")
        or AccountForm(initial={"username": accounts.name_for(row, org.slug)}),
        "reason_form": forms.get("reason_form") or ReasonForm(),
    }
    return show(request, "registry/person", context, status=status)


@require_http_methods(["GET", "POST"])
def person(request: Request, pk: int) -> HttpResponse:
    """One person's posts and account; POST gives a post."""
    row = _person(request, pk)
    if request.method == "GET":
        return _page(request, row)
    form = AppointForm(request.POST, org=request.actor.org)
    if form.is_valid():
        try:
            services.appoint(row, by=request.actor, **form.cleaned_data)
        except (Invalid, Forbidden) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已添加任职。"))
            return _to_person(request, row)
    return _page(request, row, status=422, appoint_form=form)


@require_POST
def end_role(request: Request, pk: int) -> HttpResponse:
    """End a post now."""
    role = fetch(request.actor, Role.objects.select_related("staff"), pk, to=policies.may_end_role)
    row = services.end_role(role, by=request.actor)
    messages.success(request, _("任职已结束。"))
    return _to_person(request, row)


@require_POST
def open_account(request: Request, pk: int) -> HttpResponse:
    """Open an account; its one-time password is on this answer and nowhere else."""
    row = fetch(request.actor, Staff, pk, to=policies.may_manage_account, lock=True)
    form = AccountForm(request.POST)
    if form.is_valid():
        try:
            opened = accounts.open_account(row, by=request.actor, username=form.cleaned_data["username"])
        except Conflict as refusal:
            form.add_error("username", str(refusal))
        else:
            return show(request, "registry/password", {"person": row, "opened": opened})
    return _page(request, row, status=422, account_form=form)


@require_POST
def open_accounts(request: Request) -> HttpResponse:
    """Accounts for everybody without one, a page of slips to print and hand out; a hundred at a time."""
    if not policies.may_manage_staff(request.actor):
        raise Forbidden
    rows = people.staff_list(without_account=True).exclude(pk=request.actor.member_id or 0)
    waiting = rows.count()
    lines = accounts.open_accounts(rows[:AT_A_TIME], by=request.actor)
    return show(request, "registry/passwords", {"lines": lines, "left": waiting - len(lines)})


@require_POST
def reset_account(request: Request, pk: int) -> HttpResponse:
    """A new one-time password, shown once."""
    row = fetch(request.actor, Staff, pk, to=policies.may_manage_account, lock=True)
    opened = accounts.reset_account(row, by=request.actor)
    return show(request, "registry/password", {"person": row, "opened": opened})


@require_POST
def drop_second_factor(request: Request, pk: int) -> HttpResponse:
    """Take away lost authenticators, with a reason."""
    row = fetch(request.actor, Staff, pk, to=policies.may_drop_second_factor, lock=True)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, row, status=422, reason_form=form)
    accounts.drop_second_factor(row, by=request.actor, because=form.cleaned_data["because"])
    messages.success(request, _("已清除两步验证，请本人下次登录时重新设置。"))
    return _to_person(request, row)


@require_POST
def close_account(request: Request, pk: int) -> HttpResponse:
    """Somebody left: posts end and the account no longer enters."""
    row = fetch(request.actor, Staff, pk, to=policies.may_manage_account, lock=True)
    accounts.close_account(row, by=request.actor)
    messages.success(request, _("已办理离任：任职结束，账号不能再进入本单位。"))
    return HttpResponseRedirect(reverse("registry:staff", kwargs={"org": request.actor.org.slug}))
