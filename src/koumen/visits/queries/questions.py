"""A campaign's own questions: which version is asked, and what was answered."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.db.models import Count, Q

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.visits.models import Campaign, QuestionForm, Visit, VisitRecord


def in_use(campaign: Campaign | int | None) -> QuestionForm | None:
    """What new records of a campaign are asked."""
    found: QuestionForm | None = (
        QuestionForm.objects.in_use().filter(campaign=campaign).first() if campaign is not None else None
    )
    return found


def version_shown(campaign: int | None, told: object) -> QuestionForm | None:
    """The version that the page, or the phone, had before it; None when it had none, or one of another campaign.

    An older version counts: the form may have changed while somebody was writing without a signal. A visit nobody
    planned belongs to no campaign (None): what was answered for a cancelled one is not lost with it.
    """
    if not isinstance(told, int | str) or not str(told).isdecimal() or len(str(told)) > 18:
        return None
    rows = QuestionForm.objects.filter(pk=int(told), published_at__isnull=False)
    if campaign is not None:
        rows = rows.filter(campaign=campaign)
    found: QuestionForm | None = rows.first()
    return found


def asked_of(visits: Iterable[Visit]) -> dict[int, dict[str, int]]:
    """{"id", "version"} of the questions asked, by campaign, for many visits at once."""
    campaigns = {visit.campaign_id for visit in visits if visit.campaign_id}
    rows = QuestionForm.objects.in_use().filter(campaign__in=campaigns) if campaigns else QuestionForm.objects.none()
    return {
        campaign: {"id": pk, "version": version}
        for campaign, pk, version in rows.values_list("campaign_id", "pk", "version")
    }


def whole_forms(wanted: Collection[int]) -> list[dict[str, Any]]:
    """These versions as phones hold them."""
    return [row.for_phone() for row in QuestionForm.objects.filter(pk__in=wanted)] if wanted else []


def versions(campaign: Campaign) -> list[QuestionForm]:
    """Every version of a campaign, the newest first, with how many records answered it (`answered`)."""
    rows = QuestionForm.objects.filter(campaign=campaign).select_related("source")
    return list(rows.annotate(answered=Count("records", filter=~Q(records__answers={}))))


def answered_records(campaign: Campaign, actor: Actor, *, all_classes: bool) -> Any:
    """Records with answers to a campaign's questions; of one's own classes only unless `all_classes`."""
    rows = VisitRecord.objects.filter(question_form__campaign=campaign).exclude(answers={})
    if not all_classes:
        own = list(actor.units("class", "class_teacher"))
        rows = rows.filter(visit__school_class__in=own)
    return rows.select_related("visit__school_class", "question_form").prefetch_related("visit__students__student")


def month_of(record: VisitRecord) -> date | None:
    """The first day of the month of a record's visit."""
    return clock.local(record.visit.starts_at).date().replace(day=1) if record.visit.starts_at else None
