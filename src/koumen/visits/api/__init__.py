"""The recorder's interface: records and their files in, one's own visits out. Described at `openapi.json`."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, AuthorizationError, HttpError, ValidationError
from ninja.security import SessionAuth

from koumen.visits.api import commitments, files, records, sync

api = NinjaAPI(
    title="koumen recorder",
    version="1",
    urls_namespace="api",
    docs_url=None,  # its page would load scripts from elsewhere
    openapi_url=None,  # below: the library's own page does not know of the org in the address
    auth=SessionAuth(csrf=True),
)
api.add_router("", records.router)
api.add_router("", files.router)
api.add_router("", sync.router)
api.add_router("", commitments.router)


@api.get("openapi.json", include_in_schema=False)
def openapi(request: HttpRequest) -> Any:
    """This interface, described for programs."""
    return api.get_openapi_schema(path_prefix=request.path.removesuffix("openapi.json"))


def _told(request: HttpRequest, status: int, code: str, sentence: str, **more: Any) -> HttpResponse:
    return api.create_response(request, {"code": code, "sentence": sentence} | more, status=status)


@api.exception_handler(AuthenticationError)
def signed_out(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """The session has ended; what is on the phone stays there until somebody signs in again."""
    return _told(request, 401, "signed_out", _("登录已过期，请重新登录。没有发出的记录都还在手机上。"))


@api.exception_handler(AuthorizationError)
def not_allowed(request: HttpRequest, error: AuthorizationError) -> HttpResponse:
    """Not asked for today; said like any other refusal."""
    return _told(request, 403, "forbidden", _("您的职务不能做这件事。如有需要，请联系学校德育处。"))


@api.exception_handler(HttpError)
def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What the library refuses by itself: the CSRF token, a body that is no JSON."""
    if error.status_code == 403:
        return _told(request, 403, "csrf", _("页面停留太久，安全凭证已过期。请刷新后再发送，记录还在手机上。"))
    return _told(request, error.status_code, "bad_request", _("发送的内容读不出来，请更新后再试。"))


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Which fields cannot be read."""
    fields = {".".join(map(str, one["loc"][2:])) or "body": str(one["type"]) for one in error.errors}
    return _told(request, 422, "invalid", _("发送的内容有误，请更新后再试。"), fields=fields)


urls = api.urls
for _pattern in urls[0]:
    # Whoever is signed out gets 401 in JSON, not the sign-in page.
    if _pattern.callback is not None:
        login_not_required(_pattern.callback)
