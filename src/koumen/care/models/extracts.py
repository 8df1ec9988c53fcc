"""个案集: a pseudonymous text made from a case, read by others after a check, a second reader and consent."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from koumen.care.models.cases import Case
from koumen.core.actor import Actor
from koumen.core.fields import SealedField
from koumen.core.wall import OrgManager, OrgModel, OrgQuerySet
from koumen.registry.models import Guardian, Staff

# Who works with children at the school.
OF_THE_SCHOOL = (
    "moral_office", "principal", "vice_principal", "middle_leader", "grade_head", "class_teacher", "subject_teacher",
    "counsellor",
)  # fmt: skip


class ExtractQuerySet(OrgQuerySet["Extract"]):
    def visible_to(self, actor: Actor) -> "ExtractQuerySet":
        """Its writer, its second reader, the office; those ready, everybody of the school who works with children."""
        if actor.holds("moral_office"):
            return self
        me = actor.member_id or 0
        mine = models.Q(made_by_id=me) | models.Q(reader_id=me)
        return self.filter(mine | models.Q(state=Extract.State.READY) if actor.holds(*OF_THE_SCHOOL) else mine)


ExtractManager = OrgManager.from_queryset(ExtractQuerySet)


class Extract(OrgModel):
    """One extract. A changed text loses its check, its reading and its consent."""

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        CHECKED = "checked", _("待第二人审读")
        READ = "read", _("待家长同意")
        READY = "ready", _("可入案例库")
        WITHDRAWN = "withdrawn", _("已撤回")

    class Width(models.TextChoices):
        """Among which children the one described stands, as the reader is told."""

        GRADE = "grade", _("本校同年级")
        STAGE = "stage", _("本校同学段")
        SCHOOL = "school", _("全校")

    case = models.ForeignKey(Case, models.PROTECT, related_name="extracts")
    title = models.CharField(_("题目"), max_length=80)
    text = SealedField(_("正文"))
    categories = models.JSONField(_("类别"), default=list)
    width = models.CharField(_("说到多细"), max_length=6, choices=Width.choices, default=Width.STAGE)
    nicknames = SealedField(_("小名和绰号"))  # one a line; blocked like names
    stage = models.CharField(_("学段"), max_length=20, blank=True)
    term = models.CharField(_("学期"), max_length=30, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.DRAFT)
    report = models.JSONField(_("检查结果"), default=dict)
    made_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    reader = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    read_at = models.DateTimeField(null=True)
    consent_by = models.ForeignKey(Guardian, models.SET_NULL, null=True, related_name="+")
    consent_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_because = models.CharField(max_length=200, blank=True)
    objects: ClassVar[Any] = ExtractManager()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["-made_at", "-id"]
