"""What other apps' pages show of care: 优先 beside a child's name, and the case on the child's page."""

from collections.abc import Sequence

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from koumen.care.models import CaseNote
from koumen.care.policies.cases import CaseSight, case_sight, may_open_case
from koumen.care.queries import cases as queries
from koumen.care.queries.panels import present
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.panels import marks, panel
from koumen.core.requests import Request
from koumen.registry.models import Student
from koumen.registry.policies import Sight, sight_of


@marks("children")
def priority(actor: Actor, ids: Sequence[int]) -> dict[int, str]:
    """优先 beside children with an opened case: the same for everybody who sees the name."""
    word = _("优先")
    return dict.fromkeys(queries.priority_among(actor, ids), word) if ids else {}


@panel("student")
def case_of(request: Request, child: Student) -> str:
    """The case's door for those who may open it; for the child's teachers what is done; for others 优先 alone."""
    actor = request.actor
    there = present(child)
    case = queries.live_case(child) if there.case else None
    sight = case_sight(actor, case) if case else CaseSight.NOTHING
    teaches = sight_of(actor, child.school_class) >= Sight.SHARED
    told = case is not None and sight == CaseSight.PRIORITY and teaches
    is_priority = case is not None and case.state in queries.PRIORITY_STATES
    reads, opens = sight >= CaseSight.READ, case is None and may_open_case(actor, child)
    shows_help = there.help and teaches and not reads  # else they stand in the file
    measures = list(queries.help_for(child, actor)[:20]) if shows_help else []
    notes = list(CaseNote.objects.filter(case=case, kind=CaseNote.Kind.OPEN).select_related("by")[:5]) if told else []
    if not (is_priority or measures or notes or reads or opens):
        return ""
    context = {
        "request": request, "child": child, "case": case, "reads": reads, "opens": opens, "is_priority": is_priority,
        "measures": measures, "notes": notes, "today": clock.today(),
    }  # fmt: skip
    return render_to_string("care/_panel_student.html", context)
