"""On a child's page: the door to report suspected harm, and problems whose category stands in no list."""

from django.template.loader import render_to_string

from koumen.care.models import Finding
from koumen.care.policies.cases import may_report_harm
from koumen.care.queries.ledger import SEALED_CODES
from koumen.care.queries.panels import present
from koumen.core.panels import panel
from koumen.core.requests import Request
from koumen.registry.models import Student
from koumen.registry.policies import may_see_sealed


@panel("student")
def report_of(request: Request, child: Student) -> str:
    """Everybody who works with children may report; sealed problems are for those who know of them."""
    actor = request.actor
    sealed = []
    if present(child).sealed and may_see_sealed(actor, child):
        rows = Finding.objects.visible_to(actor).filter(student=child, category__in=SEALED_CODES)
        sealed = list(rows.exclude(state=Finding.State.WITHDRAWN)[:20])
    if not sealed and not may_report_harm(actor, child):
        return ""
    context = {"request": request, "child": child, "sealed": sealed, "reports": may_report_harm(actor, child)}
    return render_to_string("care/_panel_harm.html", context)
