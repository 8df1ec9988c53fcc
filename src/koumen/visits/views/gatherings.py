"""Writing down a group visit: the families who came, on one page."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from koumen.core import audit
from koumen.core.gate import fetch
from koumen.core.refusals import Forbidden, Invalid
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.visits.forms.parts import GatheringForm, Part, family_parts
from koumen.visits.forms.record import Around, fresh
from koumen.visits.models import GroupVisit, QuestionForm
from koumen.visits.policies.arrangements import may_record_group
from koumen.visits.policies.visits import may_keep_records, may_record
from koumen.visits.queries import gatherings as queries
from koumen.visits.queries.questions import version_shown
from koumen.visits.queries.visits import who_may_come_along
from koumen.visits.services import gatherings as services
from koumen.visits.services import visits
from koumen.visits.services.drafts import drop_draft
from koumen.visits.services.integrity import CommitmentNeeded, lacks_commitment
from koumen.visits.services.visits import RecordConflict
from koumen.visits.views.reports import commit_first


@require_GET
def gatherings(request: Request) -> HttpResponse:
    """The actor's group visits."""
    if not may_keep_records(request.actor):
        raise Forbidden
    return show(request, "visits/gatherings", {"page": paged(request, queries.gatherings(request.actor))})


@require_http_methods(["GET", "HEAD", "POST"])
def gathering(request: Request, pk: int) -> HttpResponse:
    """Who came, what was said to all, and what differs from family to family."""
    actor = request.actor
    group = fetch(actor, queries.groups_to_record(actor), pk, to=may_record_group)
    families = queries.families_of(group, actor)
    lacks = lacks_commitment(actor, group.campaign)
    if lacks and request.method != "POST":
        return commit_first(request)
    data = request.POST if request.method == "POST" else None
    mine = [one for one in families if _is_asked(one, request.POST.getlist("came"))]
    form, parts = _forms(group, mine, request)
    if data is None:
        audit.note_read(actor, "group.read_families", group)
    elif lacks:
        form.add_error(None, str(CommitmentNeeded()))
    elif form.is_valid() and all(part.form.is_valid() for part in parts if part.counted):
        return _write(request, group, families, form, parts)
    return _page(request, group, families, form, parts)


def _is_asked(family: queries.Family, came: list[str]) -> bool:
    """Whether the page offers this family, or offered it when its author began: then what was typed is not dropped."""
    return family.is_mine and (family.record is None or str(family.household.pk) in came)


def _forms(group: GroupVisit, mine: list[queries.Family], request: Request) -> tuple[GatheringForm, list[Part]]:
    data = request.POST if request.method == "POST" else None
    classes = {group.school_class_id, *(child.school_class_id for one in mine for child in one.children)}
    known = next((one.visit for one in mine if one.visit is not None and one.visit.stop is not None), None)
    already = [row.staff for row in known.companions.all()] if known is not None else []
    staff = who_may_come_along(classes, already, request.actor.member_id)
    asks = _asks(group, request)
    first = fresh(known, []) | {"met_at": group.name, "asked_by": asks.pk if asks else None}
    form = GatheringForm(data, initial=first, families=mine, around=Around([], [], staff))
    return form, family_parts(mine, data, staff, asks)


def _asks(group: GroupVisit, request: Request) -> QuestionForm | None:
    """The campaign's own questions, as this page showed them when its author began."""
    told = request.POST.get("asked_by") if request.method == "POST" else group.asks  # type: ignore[attr-defined]
    return version_shown(group.campaign_id, told)


def _write(
    request: Request, group: GroupVisit, families: list[queries.Family], form: GatheringForm, parts: list[Part]
) -> HttpResponse:
    came = [part for part in parts if part.counted and part.family is not None]
    sent = [
        services.Part(part.family.household.pk, part.form.cleaned_data["record_id"], part.form.entry(), part.shown)
        for part in came
        if part.family is not None
    ]
    try:
        services.record_group(group, by=request.actor, met_at=form.cleaned_data["met_at"], parts=sent)
    except RecordConflict as conflict:
        return _both(request, group, conflict, form, parts)
    except Invalid as refusal:
        form.add_error(None, str(refusal))
        return _page(request, group, families, form, parts)
    drop_draft(f"group-{group.pk}", by=request.actor)
    text = ngettext("已记录 %(n)d 家，辛苦了。", "已记录 %(n)d 家，辛苦了。", len(sent)) % {"n": len(sent)}
    messages.success(request, text)
    return HttpResponseRedirect(request.path)


def _both(
    request: Request, group: GroupVisit, conflict: RecordConflict, form: GatheringForm, parts: list[Part]
) -> HttpResponse:
    """A colleague was quicker with one family: what was typed stands beside that record; the rest waits here."""
    kept = conflict.record
    home = kept.visit.household_id
    mine = next((part for part in parts if part.family is not None and part.family.household.pk == home), None)
    if mine is None or not may_record(request.actor, kept.visit):
        raise conflict
    visits.keep_both(kept, by=request.actor, entry=mine.form.entry())
    others = [part for part in parts if part is not mine]
    sentence = _("%(names)s这家刚才已经有别人写的记录。您写的也留着，在那份记录旁边。")
    form.add_error(None, sentence % {"names": "、".join(child.name for child in mine.children)})
    if any(part.counted for part in others):
        form.add_error(None, _("其他家还没有保存，请再按一次保存。"))
    families = queries.families_of(group, request.actor)
    return _page(request, group, families, form, others, status=409)


def _page(
    request: Request,
    group: GroupVisit,
    families: list[queries.Family],
    form: GatheringForm,
    parts: list[Part],
    status: int = 0,
) -> HttpResponse:
    context = {
        "group": group,
        "form": form,
        "parts": parts,
        "asks": parts[0].form.asks if parts else None,
        "recorded": [one for one in families if one.record is not None],
        "draft": f"group-{group.pk}",
        "others": sum(not one.is_mine and one.record is None for one in families),
    }
    return show(request, "visits/gathering", context, status=status or (422 if form.is_bound else 200))
