"""What the child's page shows of 控辍保学."""

from django.template.loader import render_to_string

from koumen.care.models import DropoutEntry
from koumen.care.policies.dropout import may_list_child, may_read_entry
from koumen.care.queries.panels import present
from koumen.core.panels import panel
from koumen.core.requests import Request
from koumen.registry.models import Student


@panel("student")
def dropout_of(request: Request, child: Student) -> str:
    """The entry's door for those who may read it; for the child's other teachers the way to name it, listed or not."""
    rows = DropoutEntry.objects.live().visible_to(request.actor).select_related("case").filter(student=child)
    entry = rows.first() if present(child).dropout else None
    if entry is not None:
        entry.student = child
    reads = entry is not None and may_read_entry(request.actor, entry)
    if not reads and not may_list_child(request.actor, child):
        return ""
    context = {"request": request, "child": child, "entry": entry if reads else None}
    return render_to_string("care/_panel_dropout.html", context)
