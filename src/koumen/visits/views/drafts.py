"""What a page about a visit keeps of what is typed, until it is saved (`data-draft-at`, docs/look.md)."""

import json

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from koumen.core.refusals import Forbidden, Invalid, NotFound, TooLarge
from koumen.core.requests import Request
from koumen.visits.policies.visits import may_keep_records
from koumen.visits.services import drafts as services

LONGEST_NAME = 60
LONGEST_BODY = services.LONGEST  # bytes


@require_http_methods(["GET", "HEAD", "PUT", "DELETE"])
def draft(request: Request, name: str) -> HttpResponse:
    """One page's draft of the one who asks: read, keep, drop. Nobody else's is ever seen."""
    if not may_keep_records(request.actor):
        raise Forbidden
    if request.GET.get("who", str(request.actor.account_id)) != str(request.actor.account_id):
        raise Forbidden  # the page was opened by an account that is signed in no more
    if len(name) > LONGEST_NAME:
        raise NotFound
    if request.method == "PUT":
        services.keep_draft(name, _words(request), by=request.actor)
    elif request.method == "DELETE":
        services.drop_draft(name, by=request.actor)
    else:
        words = services.draft_of(name, by=request.actor)
        answer = JsonResponse(words) if words else HttpResponse(status=204)
        answer["Cache-Control"] = "no-store"
        return answer
    return HttpResponse(status=204)


def _words(request: Request) -> services.Words:
    """Fields and their values, as the page sent them. Raises Invalid for anything else."""
    if int(request.headers.get("Content-Length") or 0) > LONGEST_BODY:
        raise TooLarge
    try:
        sent = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise Invalid(_("草稿没有读懂，请刷新页面。")) from error
    if not isinstance(sent, dict) or not all(
        isinstance(values, list) and all(isinstance(one, str) for one in values) for values in sent.values()
    ):
        raise Invalid(_("草稿没有读懂，请刷新页面。"))
    return sent
