"""The bureau's page: schools × numbers."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from koumen.core.refusals import Forbidden
from koumen.core.requests import Request
from koumen.core.web import show
from koumen.reporting import policies
from koumen.reporting.presets.columns import grouped
from koumen.reporting.queries.schools import schools as read_schools
from koumen.reporting.views.month import month_asked, months_around


@require_GET
def schools(request: Request) -> HttpResponse:
    """All schools of the bureau with what they delivered for a month: numbers, no names."""
    if not policies.may_see_schools(request.actor):
        raise Forbidden
    chosen = month_asked(request)
    table = read_schools(chosen)
    heads = [(n or str(p[0].label), len(p), None if n else p[0]) for n, p in grouped(table.columns)]
    context = months_around(chosen) | {"table": table, "heads": heads, "labels": [c for c in table.columns if c.group]}
    return show(request, "reporting/schools", context)
