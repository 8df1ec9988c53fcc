"""一生一案: a child whose needs are more than one visit can meet, with a team, goals and an end."""

from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from koumen.care.models.findings import Source
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.fields import SealedField
from koumen.core.wall import OrgManager, OrgModel, OrgQuerySet
from koumen.registry.models import FileOpening, Staff, Student
from koumen.registry.policies import LEADERS

LONGEST_WORDS = 500
OVER = ("closed", "moved")


class CaseQuerySet(OrgQuerySet["Case"]):
    def live(self) -> "CaseQuerySet":
        return self.exclude(state__in=OVER)

    def ordinary(self) -> "CaseQuerySet":
        """Without those of suspected harm, which stand in no list of a class, a grade or the school."""
        return self.filter(kind=Case.Kind.CARE)

    def visible_to(self, actor: Actor) -> "CaseQuerySet":
        """The team while its seats last; the class teacher and the office; leaders who opened the child's file.

        A case of suspected harm is for the persons named on it alone, whatever post anybody holds. One that went to
        another school is nobody's here.
        """
        today, now = clock.today(), clock.now()
        seats = CaseSeat.objects.live(today).filter(staff_id=actor.member_id or 0)
        on_team = models.Q(pk__in=seats.values("case_id"))
        here = self.exclude(state=Case.State.MOVED)
        if actor.holds("moral_office"):
            return here.filter(on_team | models.Q(kind=Case.Kind.CARE))
        opened = FileOpening.objects.filter(account_id=actor.account_id or 0, ends_at__gt=now)
        own_class = models.Q(student__school_class_id__in=actor.units("class", "class_teacher"))
        glass = models.Q(student_id__in=opened.values("student_id"))
        if not actor.holds(*LEADERS):  # an opening outlives no post
            glass &= models.Q(student__school_class__grade_id__in=actor.units("grade", "grade_head"))
        return here.filter(on_team | (models.Q(kind=Case.Kind.CARE) & (own_class | glass)))


CaseManager = OrgManager.from_queryset(CaseQuerySet)


class Case(OrgModel):
    """One child's case. `reasons` are category codes; what is written about the child is kept encrypted."""

    class Kind(models.TextChoices):
        CARE = "care", _("一生一案")
        HARM = "harm", _("强制报告")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("待建档")
        OPEN = "open", _("已建档")
        IN_PROGRESS = "progress", _("帮扶中")
        REVIEW = "review", _("评估中")
        STEADY = "steady", _("已稳定")
        CLOSED = "closed", _("已撤档")
        MOVED = "moved", _("已随学生转出")

    class Level(models.IntegerChoices):
        ORDINARY = 1, _("一般")
        KEY = 2, _("重点")
        URGENT = 3, _("紧急")

    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    student = models.ForeignKey(Student, models.PROTECT, related_name="cases")
    kind = models.CharField(max_length=5, choices=Kind.choices, default=Kind.CARE)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.PROPOSED)
    level = models.PositiveSmallIntegerField(_("级别"), choices=Level.choices, default=Level.ORDINARY)
    reasons = models.JSONField(_("建档类别"), default=list)
    why = SealedField(_("建档原因"))
    goals = SealedField(_("目标"))
    source = models.CharField(_("来源"), max_length=8, choices=Source.choices, default=Source.TEACHER)
    source_id = models.UUIDField(null=True)
    opened_on = models.DateField(_("建档日期"))
    opened_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    lead = models.ForeignKey(Staff, models.PROTECT, null=True, verbose_name=_("负责人"), related_name="cases")
    review_on = models.DateField(_("评估日期"), null=True, blank=True)
    no_action = models.CharField(_("暂不采取措施的理由"), max_length=300, blank=True)
    no_action_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    no_action_at = models.DateTimeField(null=True)
    close_asked_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    close_asked_at = models.DateTimeField(null=True)
    close_reason = SealedField(_("撤档理由"))
    closed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    times_reopened = models.PositiveSmallIntegerField(default=0)
    changed_at = models.DateTimeField()
    objects: ClassVar[Any] = CaseManager()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["-level", "-opened_on", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "year", "number"], name="case_number"),
            models.UniqueConstraint(
                fields=["org", "student", "kind"], condition=~models.Q(state__in=OVER), name="one_live_case_per_child"
            ),
            models.UniqueConstraint(fields=["org", "source", "source_id", "student"], name="case_once_per_source"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["org", "kind", "state", "level"], name="case_state_level"),
            models.Index(fields=["org", "student"], name="case_student"),
        ]

    @property
    def code(self) -> str:
        """建档号, such as A2026-0012. It tells nothing of the child."""
        return f"A{self.year}-{self.number:04d}"

    @property
    def is_live(self) -> bool:
        return self.state not in OVER


class SeatQuerySet(OrgQuerySet["CaseSeat"]):
    def live(self, on: Any) -> "SeatQuerySet":
        return self.filter(starts__lte=on, ends__gte=on)


SeatManager = OrgManager.from_queryset(SeatQuerySet)


class CaseSeat(OrgModel):
    """团队: somebody on a case's team until the term ends, unless renewed. Helpers are the 一对一/多帮一."""

    class Part(models.TextChoices):
        LEAD = "lead", _("负责人")
        MEMBER = "member", _("成员")
        HELPER = "helper", _("结对帮扶人")
        COUNSELLOR = "counsellor", _("心理教师")
        NAMED = "named", _("指定知情人")

    case = models.ForeignKey(Case, models.CASCADE, related_name="seats")
    staff = models.ForeignKey(Staff, models.CASCADE, related_name="case_seats")
    part = models.CharField(_("分工"), max_length=10, choices=Part.choices, default=Part.MEMBER)
    starts = models.DateField(_("开始"))
    ends = models.DateField(_("有效至"))
    given_by = models.CharField(max_length=60)
    objects: ClassVar[Any] = SeatManager()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "case", "staff"], name="one_seat_per_person")]
        indexes: ClassVar = [models.Index(fields=["org", "staff", "ends"], name="seat_staff_ends")]

    @property
    def lasts(self) -> bool:
        """Whether it outlasts every term, as those of suspected harm do."""
        return bool(self.ends.year == date.max.year)


class CaseNote(OrgModel):
    """A note of the case file, kept encrypted. `sealed` is read by its writer and the team's counsellors alone."""

    class Kind(models.TextChoices):
        OPEN = "open", _("可告知任课老师")
        TEAM = "team", _("团队内")
        SEALED = "sealed", _("密封")

    case = models.ForeignKey(Case, models.CASCADE, related_name="notes")
    kind = models.CharField(_("范围"), max_length=6, choices=Kind.choices, default=Kind.TEAM)
    text = SealedField(_("内容"))
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [models.Index(fields=["org", "case", "at"], name="note_case")]


class CaseReview(OrgModel):
    """效果评估 of a case on a day."""

    class Face(models.IntegerChoices):
        BETTER = 3, _("有好转")
        SAME = 2, _("没变化")
        WORSE = 1, _("更难了")

    case = models.ForeignKey(Case, models.CASCADE, related_name="reviews")
    on = models.DateField(_("评估日期"))
    face = models.PositiveSmallIntegerField(_("效果"), choices=Face.choices)
    text = SealedField(_("评估"))
    family_said = SealedField(_("家长怎么说"))
    student_said = SealedField(_("学生怎么说"))
    next_on = models.DateField(_("下次评估"), null=True, blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["-on", "-id"]


class CaseAgreement(OrgModel):
    """共育约定 of a case: what school and family do, in plain words, as the family confirms or corrects it by link."""

    class State(models.TextChoices):
        ASKED = "asked", _("等家长确认")
        CONFIRMED = "confirmed", _("家长已确认")
        CORRECTED = "corrected", _("家长有更正")
        WITHDRAWN = "withdrawn", _("已收回")

    case = models.ForeignKey(Case, models.CASCADE, related_name="agreements")
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.ASKED)
    items = models.JSONField(_("约定"), default=list)
    made_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    answered_by = models.ForeignKey("registry.Guardian", models.SET_NULL, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    correction = models.CharField(_("家长的更正"), max_length=LONGEST_WORDS, blank=True)

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["-made_at", "-id"]
