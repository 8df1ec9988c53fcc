"""A campaign's own questions: upload, preview, versions, answers."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from koumen.core import files
from koumen.core.gate import fetch
from koumen.core.refusals import NotFound, TooLarge
from koumen.core.requests import Request
from koumen.core.web import show
from koumen.visits.forms.questions import AskedForm, UploadQuestionsForm
from koumen.visits.models import Campaign, QuestionForm
from koumen.visits.policies import campaigns as policies
from koumen.visits.presets.question_examples import EXAMPLES
from koumen.visits.presets.questions import FILE_LIMIT
from koumen.visits.queries import questions as queries
from koumen.visits.services import questions as services
from koumen.visits.services.answer_sheets import export_answers
from koumen.visits.services.xlsform.examples import example
from koumen.visits.services.xlsform.faults import Faulty


@require_http_methods(["GET", "HEAD", "POST"])
def questions(request: Request, pk: int) -> HttpResponse:
    """What is asked, as teachers will see it; a new version is uploaded here and checked row by row."""
    may = policies.may_manage_campaign if request.method == "POST" else policies.may_see_campaign
    campaign = fetch(request.actor, Campaign, pk, to=may)
    form = UploadQuestionsForm(request.POST or None, request.FILES or None)
    if request.method != "POST":
        return _page(request, campaign, form)
    if not form.is_valid():
        return _page(request, campaign, form, status=422)
    upload = form.cleaned_data["file"]
    if upload.size > FILE_LIMIT:
        raise TooLarge(_("文件超过 1 MB。请删去图片和无关的工作表后再上传。"))
    try:
        services.upload_questions(campaign, by=request.actor, content=upload.read(), name=upload.name)
    except Faulty as refusal:
        return _page(request, campaign, form, faults=refusal.faults, status=422)
    messages.success(request, _("表格没有问题。请看一下预览，再启用。"))
    return _to(request, campaign)


def _page(
    request: Request, campaign: Campaign, form: UploadQuestionsForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    rows = queries.versions(campaign)
    manages = policies.manages(request.actor)
    now = next((row for row in rows if row.published_at and row.ended_at is None), None)
    draft = next((row for row in rows if row.published_at is None), None) if manages else None
    looked_at = draft or now
    has_answers = any(getattr(row, "answered", 0) for row in rows)
    context = {
        "campaign": campaign,
        "form": form,
        "now": now,
        "draft": draft,
        "versions": [row for row in rows if row.published_at],
        "preview": AskedForm(questions=looked_at) if looked_at else None,
        "manages": manages,
        "may_change": manages and campaign.state != Campaign.State.CLOSED,
        "may_export": policies.may_export_answers(request.actor, campaign) and has_answers,
        "examples": [(name, title) for name, (title, _survey, _choices) in EXAMPLES.items()],
    }
    return show(request, "visits/questions", context | more, status=status)


@require_POST
def publish(request: Request, pk: int) -> HttpResponseRedirect:
    """Ask this version from now on."""
    row = fetch(request.actor, QuestionForm.objects.select_related("campaign"), pk, to=policies.may_manage_questions)
    services.publish_questions(row, by=request.actor)
    messages.success(request, _("已启用。老师写这次活动的记录时会看到这些题，手机联网后也会看到。"))
    return _to(request, row.campaign)


@require_POST
def end(request: Request, pk: int) -> HttpResponseRedirect:
    """Ask no more."""
    campaign = fetch(request.actor, Campaign, pk, to=policies.may_manage_campaign)
    services.end_questions(campaign, by=request.actor)
    messages.success(request, _("已停用。已经回答的内容都还在。"))
    return _to(request, campaign)


@require_GET
def source(request: Request, pk: int) -> FileResponse:
    """The workbook of a version, as it was uploaded."""
    rows = QuestionForm.objects.select_related("source")
    return files.download(fetch(request.actor, rows, pk, to=policies.may_manage_questions).source)


@require_GET
def question_example(request: Request, pk: int, name: str) -> HttpResponse:
    """A workbook to start from."""
    fetch(request.actor, Campaign, pk, to=policies.may_manage_campaign)
    if name not in EXAMPLES:
        raise NotFound
    return files.as_download(example(name), name=f"{EXAMPLES[name][0]}.xlsx", kind="xlsx")


@require_POST
def answers(request: Request, pk: int) -> FileResponse:
    """The answers as Excel: for managers without names, for a class teacher those of the own class."""
    campaign = fetch(request.actor, Campaign, pk, to=policies.may_export_answers)
    manages = policies.manages(request.actor)
    rows = queries.answered_records(campaign, request.actor, all_classes=manages)
    label = _("%(campaign)s专项问题回答") % {"campaign": campaign.name}
    return files.download(
        export_answers(campaign, by=request.actor, records=rows, has_names=not manages, because=label)
    )


def _to(request: Request, campaign: Campaign) -> HttpResponseRedirect:
    kwargs = {"org": request.actor.org.slug, "pk": campaign.pk}
    return HttpResponseRedirect(reverse("visits:questions", kwargs=kwargs))
