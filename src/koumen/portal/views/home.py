"""The way in: the only org or a choice of one's own; one's account; and each role's home."""

from collections.abc import Callable
from typing import Any, cast

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from koumen.core.actor import Actor
from koumen.core.refusals import NotFound
from koumen.core.requests import Request
from koumen.core.web import show
from koumen.portal.policies import may_read_log
from koumen.portal.queries import homes
from koumen.portal.queries.doors import BUREAU, LEADERS, OFFICE, TEACHERS
from koumen.registry.models import Account
from koumen.registry.queries.actors import memberships_of


@require_GET
def root(request: Request) -> HttpResponse:
    """The only org, or the list of one's own."""
    mine = memberships_of(cast(Account, request.user))
    if len(mine) == 1:
        return HttpResponseRedirect(reverse("portal:home", kwargs={"org": mine[0].org.slug}))
    return show(request, "portal/orgs", {"memberships": mine})


@require_GET
def account(request: Request) -> HttpResponse:
    """One's own account: name, ways to sign in, sessions, orgs."""
    me = cast(Account, request.user)
    factors = Authenticator.objects.filter(user=me).exclude(type=Authenticator.Type.RECOVERY_CODES)
    context = {"me": me, "memberships": memberships_of(me), "factors": factors.count()}
    return show(request, "portal/account", context)


@require_POST
def end_session(request: Request, pk: int) -> HttpResponse:
    """Sign one of one's own devices out."""
    mine = UserSession.objects.filter(user=cast(Account, request.user), pk=pk).first()
    if mine is None:
        raise NotFound
    mine.end()
    return HttpResponseRedirect(reverse("usersessions_list"))


HOMES: tuple[tuple[tuple[str, ...], str, Callable[[Actor], dict[str, Any]]], ...] = (
    (OFFICE, "office", homes.office),
    (LEADERS, "leader", homes.leader),
    (("class_teacher",), "class_teacher", homes.class_teacher),
    (TEACHERS, "teacher", homes.teacher),
    (BUREAU, "bureau", homes.bureau),
    (("system_admin",), "system_admin", homes.system_admin),
)


@require_GET
def home(request: Request) -> HttpResponse:
    """The page of the post that has most to do here; somebody without one is told whom to ask."""
    for posts, name, read in HOMES:
        if request.actor.holds(*posts):
            return show(request, f"portal/home_{name}", read(request.actor))
    return show(request, "portal/home_other", {"may_read_log": may_read_log(request.actor, request.actor.org)})
