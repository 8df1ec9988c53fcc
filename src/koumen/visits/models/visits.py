"""Visits and their records."""

import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from koumen.core.actor import Actor
from koumen.core.wall import OrgManager, OrgModel, OrgQuerySet
from koumen.core.words import listed
from koumen.registry.models import Household, SchoolClass, Staff, Student
from koumen.visits.models.arrangements import GroupVisit
from koumen.visits.models.campaigns import Campaign, Mode
from koumen.visits.models.plans import Stop
from koumen.visits.models.questions import QuestionForm

if TYPE_CHECKING:
    from koumen.visits.models.appointments import Appointment


class VisitQuerySet(OrgQuerySet["Visit"]):
    def recorded(self) -> "VisitQuerySet":
        return self.filter(state="recorded")

    def planned(self) -> "VisitQuerySet":
        return self.filter(state="planned")

    def visible_to(self, actor: Actor) -> "VisitQuerySet":
        """Visits whose families this actor may see: own classes, own trips; the office sees the school's."""
        if actor.holds("moral_office", "principal", "vice_principal", "middle_leader"):
            return self
        own = actor.units("class", "class_teacher")
        along = VisitStaff.objects.filter(visit=models.OuterRef("pk"), staff_id=actor.member_id or 0)
        taught = VisitStudent.objects.filter(visit=models.OuterRef("pk"), student__school_class_id__in=own)
        mine = models.Q(lead_id=actor.member_id or 0) | models.Exists(along)
        return self.filter(mine | models.Q(school_class_id__in=own) | models.Exists(taught))


VisitManager = OrgManager.from_queryset(VisitQuerySet)


class Phase(models.TextChoices):
    """How far a visit has come, as it follows from its state, its appointment and its record."""

    NOT_ASKED = "not_asked", _("未约")
    ASKED = "asked", _("已邀请")
    AGREED = "agreed", _("已约定")
    ON_THE_WAY = "on_the_way", _("在路上")
    RECORDED = "recorded", _("已记录")
    SHARED = "shared", _("已分享")
    FOLLOWED_UP = "followed_up", _("已随访")
    CLOSED = "closed", _("已结束")


class Visit(OrgModel):
    """家访: one contact with one household about one or more children."""

    class State(models.TextChoices):
        PLANNED = "planned", _("已安排")
        RECORDED = "recorded", _("已记录")
        DECLINED = "declined", _("家长婉拒")
        POSTPONED = "postponed", _("改期")
        CANCELLED = "cancelled", _("已取消")

    class Kind(models.TextChoices):
        GENERAL = "general", _("普访")
        KEY = "key", _("重点访")
        FOLLOW_UP = "follow_up", _("随访")
        FIXED = "fixed", _("定访")
        NEW = "new", _("新生访")
        PROMPT = "prompt", _("及时访")
        PRAISE = "praise", _("鼓励访")

    class NotVisited(models.TextChoices):
        DECLINED = "declined", _("家长婉拒")
        AWAY = "away", _("家长外出")
        UNREACHED = "unreached", _("联系不上")
        REMOTE = "remote", _("住址偏远")
        WEATHER = "weather", _("天气")
        LEFT = "left", _("休学/转出")
        OTHER = "other", _("其他")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, blank=True, related_name="visits")
    household = models.ForeignKey(Household, models.PROTECT, related_name="visits")
    school_class = models.ForeignKey(SchoolClass, models.PROTECT, related_name="visits")
    lead = models.ForeignKey(Staff, models.PROTECT, related_name="led_visits")
    stop = models.OneToOneField(Stop, models.SET_NULL, null=True, blank=True, related_name="visit")
    # Recorded with other families; and where they met, when that is not the family's home.
    group_visit = models.ForeignKey(GroupVisit, models.SET_NULL, null=True, blank=True, related_name="visits")
    met_at = models.CharField(_("见面地点"), max_length=60, blank=True, default="", db_default="")
    # The same hour at the same home, written down for another of the siblings.
    beside = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="apart")
    kind = models.CharField(_("家访类型"), max_length=10, choices=Kind.choices, default=Kind.GENERAL)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.PLANNED)
    mode = models.CharField(_("家访方式"), max_length=2, choices=Mode.choices, default=Mode.DOOR)
    starts_at = models.DateTimeField(_("开始"), null=True, blank=True)
    ends_at = models.DateTimeField(_("结束"), null=True, blank=True)
    not_visited = models.CharField(_("未访原因"), max_length=10, choices=NotVisited.choices, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    objects: ClassVar[Any] = VisitManager()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["starts_at", "id"]
        indexes: ClassVar = [
            models.Index(fields=["org", "lead", "starts_at"], name="visit_lead_day"),
            models.Index(fields=["org", "school_class", "state"], name="visit_class_state"),
            models.Index(fields=["org", "state", "starts_at"], name="visit_state_day"),
        ]

    @property
    def names(self) -> str:
        """The children it is about. Prefetch `students__student` in lists."""
        return listed(row.student.name for row in self.students.all())

    @property
    def appointment(self) -> "Appointment | None":
        """The live appointment. Prefetch `appointments` in lists."""
        return next((row for row in self.appointments.all() if row.closed_at is None), None)

    @property
    def phase(self) -> Phase:
        """How far it has come. Lists read along `appointments`, `stop__outing__trip`, `record__shares`, `…effect`."""
        if self.state == self.State.RECORDED:
            return self._phase_of_record()
        if self.state in (self.State.DECLINED, self.State.CANCELLED):
            return Phase.CLOSED
        trip = getattr(self.stop.outing, "trip", None) if self.stop is not None else None
        if trip is not None and trip.state in ("departed", "arrived"):
            return Phase.ON_THE_WAY
        asked = self.appointment
        if asked is None:
            return Phase.NOT_ASKED
        return Phase.AGREED if asked.is_settled else Phase.ASKED

    def _phase_of_record(self) -> Phase:
        record = getattr(self, "record", None)
        effect = getattr(record, "effect", None)
        if effect is not None and effect.answered_at is not None:
            return Phase.FOLLOWED_UP
        return Phase.SHARED if record is not None and record.shares.all() else Phase.RECORDED


class VisitStudent(OrgModel):
    """A child a visit is about."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="students")
    student = models.ForeignKey(Student, models.PROTECT, related_name="visits")

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "visit", "student"], name="child_once_per_visit")
        ]
        indexes: ClassVar = [models.Index(fields=["org", "student"], name="visit_student")]


class VisitStaff(OrgModel):
    """A companion of the lead."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="companions")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="joined_visits")

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "visit", "staff"], name="companion_once_per_visit")
        ]


class VisitRecord(OrgModel):
    """家访记录: what came of a visit. Its id is made by the phone or the page: sent twice, it is kept once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    visit = models.OneToOneField(Visit, models.CASCADE, related_name="record")
    met_relation = models.CharField(_("见到了谁"), max_length=2)  # GB/T 4761
    also_met = models.JSONField(_("还见到了谁"), default=list)  # the same codes
    purposes = models.JSONField(_("家访目的"), default=list)
    topics = models.JSONField(_("交流内容"), default=list)  # codes of presets.topics
    content = models.TextField(_("交流情况"), max_length=2000, blank=True)
    family_words = models.TextField(_("家长的话"), max_length=2000, blank=True)
    opinion = models.TextField(_("意见建议"), max_length=2000, blank=True)
    problem_categories = models.JSONField(_("发现的困难"), default=list)  # category codes
    problem = models.TextField(_("困难说明"), max_length=1000, blank=True)
    measures = models.JSONField(_("商定的帮扶"), default=list)  # the four measures
    materials = models.JSONField(_("发放材料"), default=list)  # codes of presets.record
    next_step = models.CharField(_("下一步"), max_length=300, blank=True)
    follow_up_on = models.DateField(_("随访日期"), null=True, blank=True)
    reflection = models.TextField(_("访后分析"), max_length=2000, blank=True)
    fallback_reason = models.CharField(_("未入户原因"), max_length=100, blank=True)
    satisfaction = models.PositiveSmallIntegerField(_("家长满意度"), null=True, blank=True)
    question_form = models.ForeignKey(QuestionForm, models.PROTECT, null=True, blank=True, related_name="records")
    answers = models.JSONField(_("专项问题"), default=dict)  # by name of the question, as `question_form` asked it
    content_hash = models.CharField(max_length=64)
    recorded_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    version = models.PositiveSmallIntegerField(default=1)

    class Meta(OrgModel.Meta):
        abstract = False
