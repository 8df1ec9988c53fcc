"""Security headers on every answer; and the scope, entered from `/s/<org>/` around the view."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from koumen.core import scope
from koumen.core.actor import Actor
from koumen.core.refusals import NotFound, Refusal, TooLarge
from koumen.core.web import refused, refusing

Respond = Callable[[HttpRequest], HttpResponse]


def _policy() -> str:
    tiles = settings.KOUMEN_TILE_URL.split("/{")[0] if settings.KOUMEN_TILE_URL else ""
    origin = "/".join(tiles.split("/")[:3]).replace("{s}", "*")
    return (
        "default-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; base-uri 'self'; "
        "form-action 'self'; frame-ancestors 'none'; media-src 'self' blob:; "
        f"img-src 'self' data: blob: {origin}".strip()
    )


class HeadersMiddleware:
    """Content-Security-Policy without inline or eval, and no page with personal data in shared caches."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond
        self.policy = _policy()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.respond(request)
        response.setdefault("Content-Security-Policy", self.policy)
        response.setdefault("Referrer-Policy", "same-origin")
        response.setdefault("Permissions-Policy", "camera=(self), microphone=(self), geolocation=()")
        if not request.path.startswith(settings.STATIC_URL):
            response.setdefault("Cache-Control", "no-store")
        return response


class BodyLimitMiddleware:
    """A body larger than any upload may be is refused by its announced length, before a byte of it is read.

    Forms are first read when the CSRF token is looked for, which is after this.
    """

    LIMIT = 24 * 1_048_576

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        announced = request.META.get("CONTENT_LENGTH") or "0"
        if announced.isdecimal() and int(announced) > self.LIMIT:
            return refused(request, TooLarge(_("文件太大了：一次最多上传 20 MB。请拆分或压缩后再上传。")))
        return self.respond(request)


class LanguageMiddleware:
    """Chinese until somebody chooses otherwise: phones sold abroad ask for English without their owners knowing."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond
        self.known = {code for code, _name in settings.LANGUAGES}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        with override(asked if asked in self.known else settings.LANGUAGE_CODE):
            request.LANGUAGE_CODE = get_language()
            response = self.respond(request)
        response.setdefault("Content-Language", request.LANGUAGE_CODE)
        return response


class ScopeMiddleware:
    """Views below `/s/<org>/` run inside that org's scope, as the actor the account is there; others get 404.

    The scope is the transaction: a refusal rolls it back, and the response leaves after the commit. Who belongs
    where, and what must be done before entering, is told by three functions named in the settings.
    """

    def __init__(self, respond: Respond) -> None:
        self.respond = respond
        self.member_of: Callable[[Any, str], Any] = import_string(settings.KOUMEN_MEMBER)
        self.actor_of: Callable[[Any], Actor] = import_string(settings.KOUMEN_ACTOR)
        self.entrance: Callable[[Any], HttpResponse | None] = import_string(settings.KOUMEN_ENTRANCE)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        slug = kwargs.pop("org", None)
        if slug is None or not request.user.is_authenticated:
            return None
        return refusing(self._inside)(request, view, slug, args, kwargs)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Refusals of views outside any org."""
        if isinstance(exception, RequestDataTooBig):
            return refused(request, TooLarge())
        return refused(request, exception) if isinstance(exception, Refusal) else None

    def _inside(
        self, request: HttpRequest, view: Callable[..., HttpResponse], slug: str, args: Any, kwargs: Any
    ) -> HttpResponse:
        member = self.member_of(request.user, slug)
        if member is None:
            return refused(request, NotFound())
        with scope.enter(member.org.id):
            request.actor = self.actor_of(member)  # type: ignore[attr-defined]
            request.other_orgs = member.others  # type: ignore[attr-defined]
            return self.entrance(request) or view(request, *args, **kwargs)
