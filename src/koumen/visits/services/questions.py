"""A campaign's own questions: uploaded as a draft, looked at, asked from then on, asked no more."""

from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from koumen.core import clock, files
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.refusals import Conflict
from koumen.visits.models import Campaign, QuestionForm
from koumen.visits.policies.campaigns import may_manage_campaign, may_manage_questions
from koumen.visits.presets.questions import FILE_LIMIT
from koumen.visits.services.xlsform.survey import read_survey


@action("questions.upload", may=may_manage_campaign)
def upload_questions(campaign: Campaign, *, by: Actor, content: bytes, name: str) -> QuestionForm:
    """Read a workbook into a draft, which takes the place of an earlier draft. Nobody is asked it yet.

    Raises Faulty with every mistake by row, and nothing kept; Conflict for a campaign that is over.
    """
    campaign = _locked(campaign)
    survey = read_survey(content)
    drafts = list(campaign.question_forms.filter(published_at=None).select_related("source"))
    campaign.question_forms.filter(published_at=None).delete()
    source = files.keep(
        iter([content]),
        purpose="questions",
        label=name,
        content_type=files.TYPE_OF["xlsx"],
        owner_id=by.account_id,
        limit=FILE_LIMIT,
    )
    newest = campaign.question_forms.order_by("-version").first()
    made: QuestionForm = QuestionForm.objects.create(
        campaign=campaign,
        version=newest.version + 1 if newest else 1,
        title=survey.title or campaign.name,
        questions=survey.questions,
        groups=survey.groups,
        source=source,
        uploaded_by=by.display_name,
        uploaded_at=clock.now(),
    )
    for draft in drafts:
        draft.source.delete()
        transaction.on_commit(partial(files.discard, draft.source))
    return made


@action("questions.publish", may=may_manage_questions)
def publish_questions(form: QuestionForm, *, by: Actor) -> QuestionForm:
    """Ask this version from now on. Records that answered an earlier one keep it. Safe to repeat."""
    campaign = _locked(form.campaign)
    form = QuestionForm.objects.get(pk=form.pk)
    if form.published_at is not None:
        return form
    _end(campaign)
    form.published_at = clock.now()
    form.save(update_fields=["published_at"])
    return form


@action("questions.end", may=may_manage_campaign)
def end_questions(campaign: Campaign, *, by: Actor) -> Campaign:
    """Ask a campaign's own questions no more; what was answered stays. Safe to repeat."""
    campaign = _locked(campaign)
    _end(campaign)
    return campaign


def _end(campaign: Campaign) -> None:
    QuestionForm.objects.in_use().filter(campaign=campaign).update(ended_at=clock.now())


def _locked(campaign: Campaign) -> Campaign:
    """Two people who change the questions at once follow each other."""
    row: Campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if row.state == Campaign.State.CLOSED:
        raise Conflict(_("这次家访活动已结束，不能再改动。"))
    return row
