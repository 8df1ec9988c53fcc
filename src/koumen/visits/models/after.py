"""What follows a record: what colleagues are told, what the family agrees to, whether it helped, what families say."""

import uuid
from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from koumen.core.actor import Actor
from koumen.core.wall import OrgManager, OrgModel, OrgQuerySet
from koumen.registry.models import Guardian, SchoolClass, Staff, Student
from koumen.visits.models.visits import Visit, VisitRecord

LONGEST_WORDS = 500


class ShareQuerySet(OrgQuerySet["Share"]):
    def visible_to(self, actor: Actor) -> "ShareQuerySet":
        """Everybody who teaches the child; the office."""
        if actor.holds("moral_office"):
            return self
        taught = actor.units("class", "class_teacher", "subject_teacher", "counsellor")
        return self.filter(student__school_class_id__in=taught)


ShareManager = OrgManager.from_queryset(ShareQuerySet)


class Share(OrgModel):
    """交流反馈: what a child's other teachers are told after a visit: help agreed and advice, never the reasons."""

    record = models.ForeignKey(VisitRecord, models.CASCADE, related_name="shares")
    student = models.ForeignKey(Student, models.CASCADE, related_name="shares")
    kinds = models.JSONField(_("帮扶措施"), default=list)  # those of the record's measures that are told
    advice = models.CharField(_("给任课老师的建议"), max_length=LONGEST_WORDS, blank=True)
    shared_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    shared_at = models.DateTimeField()
    objects: ClassVar[Any] = ShareManager()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["-shared_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "record", "student"], name="shared_once_per_child")
        ]
        indexes: ClassVar = [models.Index(fields=["org", "student", "shared_at"], name="share_student")]


class Agreement(OrgModel):
    """约定: what was agreed, in plain words, as the family reads, confirms or corrects it. `items` never hold reasons.

    Somebody who may not sign for the child can only say that it was read.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("等家长确认")
        CONFIRMED = "confirmed", _("家长已确认")
        CORRECTED = "corrected", _("家长有更正")

    record = models.OneToOneField(VisitRecord, models.CASCADE, related_name="agreement")
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.ASKED)
    items = models.JSONField(_("约定"), default=list)
    follow_up_on = models.DateField(_("随访日期"), null=True, blank=True)
    made_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    answered_by = models.ForeignKey(Guardian, models.SET_NULL, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    correction = models.CharField(_("家长的更正"), max_length=LONGEST_WORDS, blank=True)
    read_by = models.ForeignKey(Guardian, models.SET_NULL, null=True, related_name="+")
    read_at = models.DateTimeField(null=True)
    keep = models.BooleanField(_("放进成长档案"), default=False)

    class Meta(OrgModel.Meta):
        abstract = False
        indexes: ClassVar = [models.Index(fields=["org", "state", "answered_at"], name="agreement_state")]


class Effect(OrgModel):
    """效果评估: what the teacher saw four weeks after the help was agreed. Asked once."""

    class Face(models.IntegerChoices):
        BETTER = 3, _("有好转")
        SAME = 2, _("没变化")
        WORSE = 1, _("更难了")

    record = models.OneToOneField(VisitRecord, models.CASCADE, related_name="effect")
    asked = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    face = models.PositiveSmallIntegerField(_("有效果吗"), choices=Face.choices, null=True)
    text = models.CharField(_("一句话"), max_length=200, blank=True)
    answered_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta(OrgModel.Meta):
        abstract = False
        indexes: ClassVar = [models.Index(fields=["org", "asked", "answered_at"], name="effect_waiting")]


class FeedbackRequest(OrgModel):
    """家访反馈表 of one visit was sent; whether it came back is for the program alone, never for a teacher's eyes."""

    visit = models.OneToOneField(Visit, models.CASCADE, related_name="feedback_request")
    asked_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    is_answered = models.BooleanField(default=False)

    class Meta(OrgModel.Meta):
        abstract = False


class FeedbackAnswer(OrgModel):
    """One family's answers, held apart from the family: no visit, no person, no link, no day.

    Whether gifts were taken does not stand here; it goes above the school as an opinion.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)  # tells no order
    school_class = models.ForeignKey(SchoolClass, models.SET_NULL, null=True, related_name="+")
    month = models.DateField(_("月份"))  # first day
    appointed = models.BooleanField(_("是否提前预约"), null=True)
    attitude = models.PositiveSmallIntegerField(_("教师态度"), null=True)
    helpful = models.PositiveSmallIntegerField(_("内容有无帮助"), null=True)
    only_marks = models.BooleanField(_("是否只谈成绩或告状"), null=True)
    satisfaction = models.PositiveSmallIntegerField(_("满意度"), null=True)
    suggestion = models.CharField(_("建议"), max_length=LONGEST_WORDS, blank=True)
    wish = models.CharField(_("希望的方式"), max_length=2, blank=True)

    class Meta(OrgModel.Meta):
        abstract = False
        indexes: ClassVar = [models.Index(fields=["org", "month", "school_class"], name="feedback_month_class")]


class CommitmentQuerySet(OrgQuerySet["Commitment"]):
    def of(self, staff_id: int | None, term_starts: date) -> "CommitmentQuerySet":
        return self.filter(staff_id=staff_id or 0, term_starts=term_starts)


CommitmentManager = OrgManager.from_queryset(CommitmentQuerySet)


class Commitment(OrgModel):
    """廉洁承诺: somebody accepted the text of this version in person, for one term."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="commitments")
    term_starts = models.DateField()
    text_version = models.CharField(_("版本"), max_length=10)
    accepted_at = models.DateTimeField(_("签署时间"))
    objects: ClassVar[Any] = CommitmentManager()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["-accepted_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "staff", "term_starts"], name="commitment_once_per_term")
        ]
