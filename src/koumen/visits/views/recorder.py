"""The recorder: the page it stands in, its worker, and what a phone shows on its home screen."""

from pathlib import Path

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from koumen.core.refusals import Forbidden, NotFound
from koumen.core.requests import Request
from koumen.core.templatetags.assets import file_url, manifest
from koumen.core.web import show
from koumen.visits.policies.visits import may_keep_records
from koumen.visits.presets.recorder import words

FOLDER = Path(settings.KOUMEN_RECORDER_DIST)


@require_GET
def recorder(request: Request) -> HttpResponse:
    """The page kept on the phone: nothing personal stands in it."""
    if not may_keep_records(request.actor):
        raise Forbidden
    entry = manifest(FOLDER).get("src/main.ts", {})
    context = {
        "script": static(f"recorder/{entry.get('file', '')}"),
        "styles": [static(f"recorder/{file}") for file in entry.get("css", [])],
        "words": words() if request.LANGUAGE_CODE != settings.LANGUAGE_CODE else {},
    }
    response = show(request, "visits/recorder", context)
    response["Cache-Control"] = "no-cache"  # the worker keeps it, and asks again whenever there is a signal
    return response


@require_GET
def worker(request: Request) -> HttpResponse:
    """The service worker. It lies here because it serves the addresses below its own."""
    path = FOLDER / "sw.js"
    if not path.exists():
        raise NotFound
    response = HttpResponse(path.read_bytes(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@require_GET
def app(request: Request) -> JsonResponse:
    """What makes it installable."""
    here = reverse("visits:recorder", kwargs={"org": request.actor.org.slug})
    icons = [{"src": file_url("icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}]
    told = {
        "name": _("叩门 · 家访记录"),
        "short_name": _("家访记录"),
        "id": here,
        "start_url": here,
        "scope": here,
        "display": "standalone",
        "background_color": "#faf7f2",
        "theme_color": "#0f6b68",
        "icons": icons,
    }
    return JsonResponse(told, content_type="application/manifest+json")
