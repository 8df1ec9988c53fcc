"""交流反馈: after a visit the child's other teachers are told what helps, not why."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from koumen.core import clock, outbox
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.models import OutboxMessage
from koumen.core.refusals import Invalid
from koumen.core.words import for_others
from koumen.registry.models import Role, Staff
from koumen.visits.models import Share, VisitRecord
from koumen.visits.policies.after import About, may_follow_record, may_share

TEACHERS = ("class_teacher", "subject_teacher", "counsellor")


@action("visit.share", may=may_share)
def share(about: About, *, by: Actor, kinds: Iterable[str], advice: str) -> Share:
    """Tell the child's other teachers these of the record's measures, and advice. Again with others, they are replaced.

    Raises Invalid for a measure the record does not name, and for nothing to tell.
    """
    chosen, words = sorted(set(kinds)), advice.strip()
    if not set(chosen) <= set(about.record.measures):
        raise Invalid
    if not chosen and not words:
        raise Invalid(_("请至少选一项措施，或写一句建议。"))
    row, is_new = Share.objects.update_or_create(
        record=about.record,
        student=about.student,
        defaults={
            "kinds": chosen,
            "advice": words,
            "shared_by": Staff.objects.get(pk=by.member_id or 0),
            "shared_at": clock.now(),
        },
    )
    if is_new:
        _tell(row, by)
    return row


@action("visit.recall", may=may_follow_record)
def recall(record: VisitRecord, *, by: Actor) -> VisitRecord:
    """Take back what the teachers were told; the record may be changed again, and shared anew. Safe to repeat."""
    record.shares.all().delete()
    return record


def teachers_of(share_: Share) -> list[Staff]:
    """The child's teachers today, but for who shared it."""
    posts = Role.objects.current(clock.today()).filter(post__in=TEACHERS, school_class=share_.student.school_class_id)
    rows = Staff.objects.filter(roles__in=posts, is_active=True).exclude(pk=share_.shared_by_id)
    return list(rows.distinct().order_by("name", "pk"))


def _tell(row: Share, by: Actor) -> None:
    """Each of them once; the child's name stays out of the note."""
    with for_others():
        for teacher in teachers_of(row):
            if teacher.account_id is not None:
                outbox.say(
                    OutboxMessage.Channel.IN_APP,
                    account_id=teacher.account_id,
                    subject=_("有老师家访后给您留了建议"),
                    body=_("%(name)s分享了帮扶措施和建议，您也可以加一条自己的措施。") % {"name": by.display_name},
                    url=reverse("visits:shared_one", kwargs={"org": by.org.slug, "pk": row.pk}),
                    once_key=f"share:{row.pk}:{teacher.pk}",
                )
