"""Problems found with a child, and the help agreed. A teacher of the child sees the help, not the reason."""

from datetime import timedelta
from typing import Any, ClassVar

from django.apps import apps
from django.db import models
from django.utils.translation import gettext_lazy as _

from koumen.care.presets.measures import Kind
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.fields import SealedField
from koumen.core.wall import OrgManager, OrgModel, OrgQuerySet
from koumen.registry.models import Staff, Student

USUAL_TIME = timedelta(weeks=4)  # until a problem or help is looked at again, when nobody agreed a day


class Source(models.TextChoices):
    """Where something comes from."""

    VISIT = "visit", _("家访")
    TEACHER = "teacher", _("任课老师")
    FAMILY = "family", _("家长反映")
    FLAG = "flag", _("重点标记")
    IMPORT = "import", _("名单导入")
    SURVEY = "survey", _("调查")
    CASE = "case", _("一生一案")
    DROPOUT = "dropout", _("控辍保学")
    TRANSFER = "transfer", _("他校转来")


class FindingQuerySet(OrgQuerySet["Finding"]):
    def open(self) -> "FindingQuerySet":
        return self.filter(state=Finding.State.OPEN)

    def visible_to(self, actor: Actor) -> "FindingQuerySet":
        """Reasons are for the child's class teacher, the moral-education office, and whoever was handed the problem.

        None of a case that went to another school is here any more.
        """
        here = self.exclude(case__state="moved")
        if actor.holds("moral_office"):
            return here
        own = models.Q(student__school_class_id__in=actor.units("class", "class_teacher"))
        return here.filter(own | models.Q(owner_id=actor.member_id or 0))


FindingManager = OrgManager.from_queryset(FindingQuerySet)


class Finding(OrgModel):
    """发现的问题: one category of need with one child, from one source. `category` is a code of the registry.

    Whoever sees to it is the `owner`; without one, the child's class teacher. Overdue is computed from `due`.
    """

    class State(models.TextChoices):
        OPEN = "open", _("未办结")
        CLOSED = "closed", _("已办结")
        WITHDRAWN = "withdrawn", _("记录已更正")

    student = models.ForeignKey(Student, models.PROTECT, related_name="findings")
    category = models.CharField(_("类别"), max_length=3)
    text = models.CharField(_("说明"), max_length=1000, blank=True)
    source = models.CharField(_("来源"), max_length=8, choices=Source.choices)
    source_id = models.UUIDField(null=True)  # the visit's record
    found_on = models.DateField(_("发现日期"))
    found_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    case = models.ForeignKey("care.Case", models.SET_NULL, null=True, blank=True, related_name="findings")
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.OPEN)
    owner = models.ForeignKey(Staff, models.PROTECT, null=True, verbose_name=_("责任人"), related_name="+")
    due = models.DateField(_("办结期限"))
    result = SealedField(_("办结情况"))
    closed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    objects: ClassVar[Any] = FindingManager()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["-found_on", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["org", "source", "source_id", "student", "category"], name="finding_once_per_source"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["org", "state", "found_on"], name="finding_state_day"),
            models.Index(fields=["org", "state", "due"], name="finding_state_due"),
        ]

    def claim(self) -> None:
        self.due = self.due or self.found_on + USUAL_TIME
        super().claim()


class MeasureQuerySet(OrgQuerySet["Measure"]):
    def open(self) -> "MeasureQuerySet":
        return self.filter(state=Measure.State.OPEN)

    def told(self) -> "MeasureQuerySet":
        """What a child's teachers may know of: nothing of suspected harm, nor of a case that moved away.

        Nor that somebody is to be brought back to school, which tells why.
        """
        return self.exclude(case__kind="harm").exclude(case__state="moved").exclude(kind=Kind.RETURN)

    def visible_to(self, actor: Actor) -> "MeasureQuerySet":
        """Help agreed is for everybody who teaches the child, for its owner, and for the team of its case.

        Bringing a child back to school tells the reason: of that the class teacher knows, not the others who teach it.
        That of a case of suspected harm is for its owner and the team alone; of one that moved away nobody's.
        """
        me, today = actor.member_id or 0, clock.today()
        seats = apps.get_model("care", "CaseSeat").objects.filter(staff_id=me, starts__lte=today, ends__gte=today)
        named = models.Q(owner_id=me) | models.Q(case__in=seats.values("case_id"))
        taught = actor.units("class", "class_teacher", "subject_teacher", "counsellor")
        own = models.Q(student__school_class_id__in=actor.units("class", "class_teacher"))
        told = models.Q(student__school_class_id__in=taught) & ~models.Q(kind=Kind.RETURN)
        known = models.Q() if actor.holds("moral_office") else own | told
        return self.exclude(case__state="moved").filter(named | (known & ~models.Q(case__kind="harm")))


MeasureManager = OrgManager.from_queryset(MeasureQuerySet)


class Measure(OrgModel):
    """帮扶措施: one kind of help for one child, with an owner and a date."""

    class State(models.TextChoices):
        OPEN = "open", _("进行中")
        DONE = "done", _("已完成")
        DROPPED = "dropped", _("已取消")

    student = models.ForeignKey(Student, models.PROTECT, related_name="measures")
    kind = models.CharField(_("措施"), max_length=10, choices=Kind.choices)
    text = models.CharField(_("怎么做"), max_length=300, blank=True)
    owner = models.ForeignKey(Staff, models.PROTECT, verbose_name=_("责任人"), related_name="measures")
    due = models.DateField(_("完成日期"))
    source = models.CharField(_("来源"), max_length=8, choices=Source.choices)
    source_id = models.UUIDField(null=True)
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.OPEN)
    result = models.CharField(_("结果"), max_length=300, blank=True)
    case = models.ForeignKey("care.Case", models.SET_NULL, null=True, blank=True, related_name="measures")
    ended_at = models.DateTimeField(null=True, blank=True)
    objects: ClassVar[Any] = MeasureManager()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["due", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["org", "source", "source_id", "student", "kind"], name="measure_once_per_source"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["org", "owner", "state", "due"], name="measure_owner_due"),
            models.Index(fields=["org", "student"], name="measure_student"),
        ]


class Progress(OrgModel):
    """进展: one line of what was done for a measure on a day."""

    measure = models.ForeignKey(Measure, models.CASCADE, related_name="progress")
    text = models.CharField(_("做了什么"), max_length=300)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [models.Index(fields=["org", "measure"], name="progress_measure")]
