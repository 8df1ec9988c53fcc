"""控辍保学: who may be leaving school, each attempt to bring a child back, and who came at term start."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from koumen.care.models.cases import Case, CaseSeat
from koumen.care.models.findings import Source
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.fields import SealedField
from koumen.core.models import StoredFile
from koumen.core.wall import OrgManager, OrgModel, OrgQuerySet
from koumen.registry.models import Guardian, Place, SchoolClass, Staff, Student, Term


class DropoutQuerySet(OrgQuerySet["DropoutEntry"]):
    def live(self) -> "DropoutQuerySet":
        return self.filter(closed_on=None)

    def visible_to(self, actor: Actor) -> "DropoutQuerySet":
        """The office and the principal; class teachers their own class; the team of the child's case."""
        if actor.holds("moral_office", "principal"):
            return self
        seats = CaseSeat.objects.live(clock.today()).filter(staff_id=actor.member_id or 0)
        own_class = models.Q(student__school_class_id__in=actor.units("class", "class_teacher"))
        return self.filter(own_class | models.Q(case_id__in=seats.values("case_id")))


DropoutManager = OrgManager.from_queryset(DropoutQuerySet)


class DropoutEntry(OrgModel):
    """One child on the lists, from the first suspicion to 销号."""

    class State(models.TextChoices):
        SUSPECTED = "suspected", _("疑似辍学")
        DROPPED = "dropped", _("辍学")
        PERSUADING = "persuading", _("劝返中")
        RETURNED = "returned", _("已复学")
        CLEARED = "cleared", _("已排除")

    student = models.ForeignKey(Student, models.PROTECT, related_name="dropout_entries")
    case = models.ForeignKey(Case, models.SET_NULL, null=True, related_name="dropout_entries")
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.SUSPECTED)
    source = models.CharField(_("来源"), max_length=8, choices=Source.choices, default=Source.TEACHER)
    source_id = models.UUIDField(null=True)
    found_on = models.DateField(_("发现日期"))
    last_seen_on = models.DateField(_("最后到校"), null=True, blank=True)
    reason = models.CharField(_("辍学原因"), max_length=20, blank=True)
    reason_words = SealedField(_("原因说明"))
    taken = models.CharField(_("已采取措施"), max_length=500, blank=True)
    signed_by = models.CharField(_("签名人"), max_length=60, blank=True)  # of a survey signed on the phone
    signature = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    dropped_on = models.DateField(_("确认辍学日期"), null=True, blank=True)
    verified_how = models.CharField(_("核实方式"), max_length=20, blank=True)
    verified_on = models.DateField(_("核实日期"), null=True, blank=True)
    verified_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    closed_on = models.DateField(_("销号日期"), null=True, blank=True)
    closed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    listed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    objects: ClassVar[Any] = DropoutManager()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["-found_on", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["org", "student"], condition=models.Q(closed_on=None), name="one_live_dropout_entry"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["org", "state", "found_on"], name="dropout_state")]


class DropoutStep(OrgModel):
    """One step of an entry's way, never changed: what happened on a day, and the state from then on."""

    class Event(models.TextChoices):
        LISTED = "listed", _("列入名单")
        AGAIN = "again", _("再次反映")
        ATTEMPT = "attempt", _("劝返")
        VERIFIED = "verified", _("核实")
        CLOSED = "closed", _("销号")

    entry = models.ForeignKey(DropoutEntry, models.CASCADE, related_name="steps")
    on = models.DateField(_("日期"))
    event = models.CharField(_("事项"), max_length=8, choices=Event.choices)
    state = models.CharField(_("状态"), max_length=10, choices=DropoutEntry.State.choices)
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["org", "entry", "on"], name="dropout_step_day")]


class ReturnAttempt(OrgModel):
    """劝返记录: one attempt to bring a child back."""

    class Result(models.TextChoices):
        RETURNED = "returned", _("复学")
        REFUSED = "refused", _("拒返")
        LOST = "lost", _("失联")
        TRANSFERRED = "moved", _("已转学")
        SUSPENDED = "suspended", _("休学")
        OPEN = "open", _("继续做工作")

    entry = models.ForeignKey(DropoutEntry, models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField(_("次数"))
    at = models.DateTimeField(_("时间"))
    mode = models.CharField(_("方式"), max_length=2)
    people = models.CharField(_("人员"), max_length=120)
    result = models.CharField(_("结果"), max_length=10, choices=Result.choices)
    text = SealedField(_("经过"))
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    token = models.UUIDField()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "entry", "number"], name="attempt_number"),
            models.UniqueConstraint(fields=["org", "token"], name="attempt_once"),
        ]


class ReturnCheck(OrgModel):
    """开学返校核查 of one class in one term."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="return_checks")
    school_class = models.ForeignKey(SchoolClass, models.PROTECT, related_name="return_checks")
    done_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    done_at = models.DateTimeField()

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "term", "school_class"], name="one_return_check_per_class")
        ]


class ReturnCheckChild(OrgModel):
    """Whether one child came back. Those present have no row: a class of 50 present is one row, not 51."""

    class State(models.TextChoices):
        NOT_BACK = "not_back", _("未到校")
        MOVED = "moved", _("已转学")
        ON_LEAVE = "leave", _("请假/休学")

    check_of = models.ForeignKey(ReturnCheck, models.CASCADE, related_name="children")
    student = models.ForeignKey(Student, models.PROTECT, related_name="+")
    state = models.CharField(_("情况"), max_length=10, choices=State.choices)
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "check_of", "student"], name="one_answer_per_child")
        ]


class DropoutReport(OrgModel):
    """控辍保学月报: numbers alone. `org` is the school that keeps its copy, or the bureau that received it."""

    school = models.ForeignKey("registry.Org", models.CASCADE, related_name="+")
    month = models.DateField(_("月份"))  # first day
    version = models.PositiveSmallIntegerField(default=1)
    figures = models.JSONField(default=dict)
    submitted_by = models.CharField(max_length=60)
    submitted_at = models.DateTimeField()
    checked_by = models.CharField(_("核查人"), max_length=60, blank=True)
    checked_at = models.DateTimeField(null=True)
    check_note = models.CharField(_("核查意见"), max_length=300, blank=True)
    returned_at = models.DateTimeField(null=True)  # given back to the school, with the reason in `check_note`

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["-month", "school_id", "-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "school", "month", "version"], name="one_dropout_report")
        ]


class PointDemand(OrgModel):
    """教学点恢复需求: one family's answer, signed on the teacher's phone."""

    place = models.ForeignKey(Place, models.SET_NULL, null=True, related_name="+")
    place_name = models.CharField(_("村组/社区"), max_length=60)
    student = models.ForeignKey(Student, models.PROTECT, null=True, related_name="+")
    guardian = models.ForeignKey(Guardian, models.SET_NULL, null=True, related_name="+")
    signed_by = models.CharField(_("签名人"), max_length=60)
    wanted = models.BooleanField(_("希望恢复"))
    children = models.PositiveSmallIntegerField(_("家里要上学的孩子"), default=1)
    grades = models.JSONField(_("年级"), default=list)
    reason = models.CharField(_("理由"), max_length=300, blank=True)
    signature = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    asked_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()
    token = models.UUIDField()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["-signed_at", "-id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "token"], name="demand_once")]
