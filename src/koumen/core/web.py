"""From a view to the browser: page or fragment, and refusals as pages. The only place that knows HTTP statuses."""

import logging
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.paginator import Page, Paginator
from django.db import InterfaceError, OperationalError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from koumen.core.refusals import Away, Forbidden, NotFound, Refusal, TooLarge, TooMany

log = logging.getLogger(__name__)
PAGE_SIZE = 30
API = re.compile(r"^/s/[^/]+/api/")


def show(
    request: HttpRequest, name: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """The page `name` (`visits/plan`), or its fragment (`visits/_plan`) when htmx asks for a part of the page."""
    htmx = getattr(request, "htmx", None)
    if htmx and not htmx.boosted:
        folder, _slash, leaf = name.rpartition("/")
        name = f"{folder}/_{leaf}"
    return render(request, f"{name}.html", dict(context or {}), status=status)


def paged(request: HttpRequest, rows: "QuerySet[Any]", *, size: int = PAGE_SIZE, count: int | None = None) -> Page[Any]:
    """One page of a list; a page number out of range gives the nearest page. `count`: how many rows, if known."""
    pages = Paginator(rows, size)
    if count is not None:
        vars(pages)["count"] = count  # the paginator's own place for it: it asks no more
    return pages.get_page(request.GET.get("page"))


def speaks_json(request: HttpRequest) -> bool:
    """Whether a program asks, not a browser: everything below an org's `api/`, known address or not."""
    return API.match(request.path) is not None


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A refusal as a page, as the fragment htmx swaps into the notice area, or as JSON for a program."""
    status = refusal.status
    context = {"sentence": str(refusal), "status": status}
    response: HttpResponse
    if speaks_json(request):
        response = JsonResponse({"code": refusal.code, "sentence": str(refusal), **refusal.details}, status=status)
    elif getattr(request, "htmx", False):
        response = render(request, "core/_refusal.html", context, status=status)
        response["HX-Retarget"] = "#messages"
        response["HX-Reswap"] = "innerHTML"
    else:
        response = render(request, f"core/{_page_for(status)}.html", context, status=status)
    if isinstance(refusal, TooMany):
        response["Retry-After"] = str(refusal.retry_after)
    return response


def _page_for(status: int) -> str:
    return str(status) if status in {400, 403, 404, 409, 413, 429} else "400"


def refusing(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let refusals raised by `view` become responses."""

    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refusal as refusal:
            return refused(request, refusal)
        except Http404:
            return refused(request, NotFound())
        except PermissionDenied:
            return refused(request, Forbidden())
        except RequestDataTooBig:
            return refused(request, TooLarge())

    return wrapped


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was open too long, or cookies are off."""
    context = {"sentence": _("页面停留太久，安全凭证已过期。请返回上一页刷新后再提交。"), "status": 403}
    return render(request, "core/403.html", context, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return refused(request, NotFound())


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return refused(request, Forbidden())


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return refused(request, Refusal())


def broken(request: HttpRequest) -> HttpResponse:
    """The database is away for a moment, or a bug of ours; the log has the details. Asks nothing of the database."""
    is_away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    status, code = (Away.status, "away") if is_away else (500, "broken")
    sentence = str(Away.sentence) if is_away else _("不是您的操作有误。我们已经记下，请稍后再试。")
    response: HttpResponse
    if speaks_json(request):
        response = JsonResponse({"code": code, "sentence": sentence}, status=status)
    else:
        context = {"status": status, "sentence": sentence}
        response = HttpResponse(render_to_string("core/500.html", context), status=status)
    if is_away:
        response["Retry-After"] = str(Away.retry_after)
    return response


def too_many(request: HttpRequest) -> HttpResponse:
    """allauth's own rate limits end here."""
    return refused(request, TooMany())
