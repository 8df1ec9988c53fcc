"""One's own visits, the choice of a child for an unplanned one, and one visit's page."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from koumen.core import audit, clock
from koumen.core.gate import fetch
from koumen.core.refusals import Forbidden, Invalid
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.core.words import listed
from koumen.visits.forms.record import NotVisitedForm
from koumen.visits.models import RecordVersion, Visit, VisitRecord
from koumen.visits.policies.appointments import may_ask
from koumen.visits.policies.arrangements import groups_of
from koumen.visits.policies.visits import may_keep_records, may_read, may_record, may_revise, went
from koumen.visits.queries import after
from koumen.visits.queries import visits as queries
from koumen.visits.services.entries import entry_at_hand, from_json
from koumen.visits.services.integrity import has_committed
from koumen.visits.services.spoken import said, span
from koumen.visits.services.visits import decline as do_decline
from koumen.visits.services.visits import month_is_closed


def _labels() -> dict[str, str]:
    return {
        "today": _("今天"), "week": _("本周"), "due": _("待记录"), "recorded": _("已记录"), "families": _("还没家访"),
    }  # fmt: skip


@require_GET
def mine(request: Request) -> HttpResponse:
    """My visits: today, this week, waiting for a record, recorded; and families nobody has been to yet."""
    actor = request.actor
    if not may_keep_records(actor):
        raise Forbidden
    numbers = queries.counts(actor)
    if actor.units("class", "class_teacher"):
        numbers["families"] = queries.not_yet_visited(actor).count()
    chosen = request.GET.get("show", "")
    if chosen not in numbers:
        chosen = "today" if numbers["today"] or not numbers["due"] else "due"
    rows = queries.not_yet_visited(actor) if chosen == "families" else queries.mine(actor, chosen)
    labels = _labels()
    tabs = [
        {"label": labels[key], "url": f"?show={key}", "active": key == chosen, "count": count}
        for key, count in numbers.items()
    ]
    own = [post for post in actor.posts if post.code == "class_teacher" and post.unit == "class"]
    due, asks = after.waiting(actor)
    context = {
        "tabs": tabs,
        "chosen": chosen,
        "page": paged(request, rows, count=numbers[chosen]),
        "own_classes": own,
        "due": due,
        "gathers": groups_of(actor).exists(),
        "must_commit": asks and not has_committed(actor.member_id),
    }
    return show(request, "visits/mine", context)


@require_GET
def new(request: Request) -> HttpResponse:
    """Choose the child of an unplanned visit."""
    if not may_keep_records(request.actor):
        raise Forbidden
    words = request.GET.get("q", "").strip()[:60]
    page = paged(request, queries.children_to_choose(request.actor, words))
    return show(request, "visits/visit_new", {"page": page, "q": words})


@require_GET
def visit(request: Request, pk: str) -> HttpResponse:
    """One visit: who, when, where, and what came of it."""
    actor = request.actor
    row = fetch(actor, queries.with_opinion(queries.whole(Visit.objects.all()), actor), pk)
    record = getattr(row, "record", None)
    children = [s.student for s in row.students.all()]
    opened = record if record is not None and may_read(actor, row, children) else None
    if opened is not None and not went(actor, row):
        audit.note_read(actor, "visit.read", row)
    own = may_record(actor, row)
    context = {
        "visit": row,
        "record": record,
        "reads": opened is not None,
        "children": children,
        "companions": listed(c.staff.name for c in row.companions.all()),
        "when": span(row.starts_at, row.ends_at),
        "address": row.household.address if own and _address_is_open(row) else "",
        "guardians": queries.guardians_of(children) if own and record is None else [],
        "said": said(entry_at_hand(opened)) if opened else [],
        "versions": _versions(opened) if opened else [],
        "may_ask": may_ask(actor, row),
        "may_record": own and record is None and row.state != Visit.State.CANCELLED,
        "may_revise": record is not None and may_revise(actor, record) and _is_open(row, record),
        "lately": queries.lately(row.household, but=row) if record is None else None,
        "not_visited": NotVisitedForm(),
        "after": after.after(actor, row, record, children) if record is not None else None,
    }
    return show(request, "visits/visit", context)


def _versions(record: VisitRecord) -> list[tuple[RecordVersion, list[tuple[str, str]]]]:
    """What the record said before, or what somebody else wrote, in words."""
    rows = record.versions.select_related("kept_by")
    return [(row, said(from_json(row.entry, record.question_form))) for row in rows]


def _is_open(row: Visit, record: VisitRecord) -> bool:
    """Until it is shared, and while its month is open."""
    is_closed = row.starts_at is not None and month_is_closed(row.starts_at)
    return not is_closed and not record.shares.all()


def _address_is_open(row: Visit) -> bool:
    """An address is shown from the day before a visit to the day after."""
    if row.starts_at is None:
        return False
    return abs(clock.local(row.starts_at).date() - clock.today()) <= timedelta(days=1)


@require_POST
def decline(request: Request, pk: str) -> HttpResponse:
    """Say that a visit did not happen, and why."""
    row = fetch(request.actor, Visit, pk, to=may_record)
    form = NotVisitedForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("请选择一个未访原因。"))
    do_decline(row, by=request.actor, reason=form.cleaned_data["reason"], because=form.cleaned_data["because"])
    messages.success(request, _("已记下。以后换一种方式联系上了，仍可以在这里记录。"))
    return HttpResponseRedirect(reverse("visits:visit", kwargs={"org": request.actor.org.slug, "pk": row.pk}))
