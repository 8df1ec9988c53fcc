"""备课: what is thought of before a visit, and what the child's other teachers say when asked."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from koumen.core.actor import Actor
from koumen.core.wall import OrgManager, OrgModel, OrgQuerySet
from koumen.registry.models import Staff, Student
from koumen.visits.models.visits import Visit

LONGEST = 200


class Preparation(OrgModel):
    """备课 of one visit; the last three lines are the personal plan of a key child."""

    visit = models.OneToOneField(Visit, models.CASCADE, related_name="preparation")
    theme = models.CharField(_("主题"), max_length=100, blank=True)
    purposes = models.JSONField(_("家访目的"), default=list)
    kinds = models.JSONField(_("帮扶方向"), default=list)
    own_words = models.CharField(_("我想说的话"), max_length=LONGEST, blank=True)
    goal = models.CharField(_("目标"), max_length=LONGEST, blank=True)
    bring = models.CharField(_("带什么去"), max_length=LONGEST, blank=True)
    involve = models.CharField(_("请谁一起"), max_length=LONGEST, blank=True)
    written_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField()

    class Meta(OrgModel.Meta):
        abstract = False


class RemarkQuerySet(OrgQuerySet["Remark"]):
    def visible_to(self, actor: Actor) -> "RemarkQuerySet":
        """Whoever was asked, and whoever asked."""
        me = actor.member_id or 0
        return self.filter(models.Q(teacher_id=me) | models.Q(asked_by_id=me))

    def waiting_for(self, staff_id: int | None) -> "RemarkQuerySet":
        """Asked of somebody, not answered yet, of a visit still to be made."""
        return self.filter(teacher_id=staff_id or 0, answered_at=None, visit__state=Visit.State.PLANNED)


RemarkManager = OrgManager.from_queryset(RemarkQuerySet)


class Remark(OrgModel):
    """任课老师的话: one line a teacher of the child was asked for before a visit."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="remarks")
    student = models.ForeignKey(Student, models.CASCADE, related_name="remarks")
    asked_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    teacher = models.ForeignKey(Staff, models.PROTECT, related_name="remarks")
    text = models.CharField(_("一句话"), max_length=LONGEST, blank=True)
    answered_at = models.DateTimeField(null=True)
    objects: ClassVar[Any] = RemarkManager()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["student_id", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "visit", "student", "teacher"], name="remark_asked_once")
        ]
        indexes: ClassVar = [models.Index(fields=["org", "teacher", "answered_at"], name="remark_waiting")]
