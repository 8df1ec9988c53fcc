"""School years, terms, days; grades and classes."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from koumen.core.actor import Actor
from koumen.core.wall import OrgManager, OrgModel, OrgQuerySet


class SchoolYear(OrgModel):
    """学年: starts on 1 September by default."""

    name = models.CharField(_("学年"), max_length=30)
    starts = models.DateField(_("开始"))
    ends = models.DateField(_("结束"))

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["-starts"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "starts"], name="one_year_per_start")]

    def __str__(self) -> str:
        return self.name


class Term(OrgModel):
    """学期: two in a school year."""

    year = models.ForeignKey(SchoolYear, models.CASCADE, related_name="terms")
    order = models.PositiveSmallIntegerField(_("第几学期"))
    starts = models.DateField(_("开始"))
    ends = models.DateField(_("结束"))

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["starts"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "year", "order"], name="one_term_per_order")]


class CalendarDay(OrgModel):
    """A day on which the school differs from the national calendar."""

    class Kind(models.TextChoices):
        OFF = "off", _("放假")
        WORK = "work", _("上课")
        EXAM = "exam", _("考试周")

    date = models.DateField(_("日期"))
    kind = models.CharField(_("类型"), max_length=6, choices=Kind.choices)
    note = models.CharField(_("说明"), max_length=60, blank=True)

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "date"], name="one_kind_per_day")]


class Grade(OrgModel):
    """年级: a cohort (届) of one stage; `level` counts from 1 inside the stage."""

    class Stage(models.IntegerChoices):
        KINDERGARTEN = 1, _("学前")
        PRIMARY = 2, _("小学")
        JUNIOR = 3, _("初中")
        SENIOR = 4, _("普高")
        VOCATIONAL = 5, _("中职")
        SPECIAL = 6, _("特教")

    stage = models.PositiveSmallIntegerField(_("学段"), choices=Stage.choices)
    level = models.PositiveSmallIntegerField(_("年级"))
    entry_year = models.PositiveSmallIntegerField(_("入学年"))
    name = models.CharField(_("年级名称"), max_length=20)

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["stage", "level"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "stage", "entry_year"], name="one_grade_per_cohort")
        ]

    def __str__(self) -> str:
        return self.name


class ClassQuerySet(OrgQuerySet["SchoolClass"]):
    def open(self) -> "ClassQuerySet":
        return self.filter(is_open=True)

    def visible_to(self, actor: Actor) -> "ClassQuerySet":
        """Own classes, own grade; those who run the school see every class."""
        if actor.holds("moral_office", "principal", "vice_principal", "middle_leader", "system_admin"):
            return self
        return self.filter(
            models.Q(pk__in=actor.units("class")) | models.Q(grade_id__in=actor.units("grade", "grade_head"))
        )

    def of_class_teacher(self, staff_id: int | None) -> "ClassQuerySet":
        return self.filter(roles__staff_id=staff_id or 0, roles__post="class_teacher", roles__ends=None).distinct()


ClassManager = OrgManager.from_queryset(ClassQuerySet)


class SchoolClass(OrgModel):
    """班级. `name` is unique in the school, e.g. 三年级2班."""

    grade = models.ForeignKey(Grade, models.PROTECT, related_name="classes")
    number = models.PositiveSmallIntegerField(_("班号"))
    name = models.CharField(_("班级名称"), max_length=30)
    is_open = models.BooleanField(default=True)
    objects: ClassVar[Any] = ClassManager()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["grade__stage", "grade__level", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "grade", "number"], name="one_class_per_number")
        ]

    def __str__(self) -> str:
        return self.name
