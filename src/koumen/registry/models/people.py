"""Staff and their posts; students, their classes, their guardians."""

from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from koumen.core import crypto
from koumen.core.actor import Actor
from koumen.core.fields import LookupField, SealedField, masked
from koumen.core.wall import OrgManager, OrgModel, OrgQuerySet
from koumen.registry.models.households import Household
from koumen.registry.models.units import Grade, SchoolClass


class Gender(models.TextChoices):
    """GB/T 2261.1."""

    UNKNOWN = "0", _("未知")
    MALE = "1", _("男")
    FEMALE = "2", _("女")
    UNSTATED = "9", _("未说明")


class Staff(OrgModel):
    """教职工."""

    account_id = models.BigIntegerField(null=True, blank=True)
    name = models.CharField(_("姓名"), max_length=60)
    gender = models.CharField(_("性别"), max_length=1, choices=Gender.choices, default=Gender.UNKNOWN)
    number = models.CharField(_("工号"), max_length=30, blank=True)
    phone = SealedField(_("手机"))
    phone_hash = LookupField()
    languages = models.JSONField(_("会说的语言"), default=list, blank=True)  # beside 普通话
    is_party_member = models.BooleanField(_("党员"), null=True)
    is_active = models.BooleanField(_("在职"), default=True)

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["name", "id"]
        indexes: ClassVar = [models.Index(fields=["org", "number"], name="staff_number")]

    def __str__(self) -> str:
        return self.name

    def claim(self) -> None:
        self.phone_hash = crypto.lookup(self.phone)
        super().claim()


class PostCode(models.TextChoices):
    """职务."""

    PRINCIPAL = "principal", _("校长")
    VICE_PRINCIPAL = "vice_principal", _("副校长")
    MIDDLE_LEADER = "middle_leader", _("中层")
    GRADE_HEAD = "grade_head", _("年级组长")
    CLASS_TEACHER = "class_teacher", _("班主任")
    SUBJECT_TEACHER = "subject_teacher", _("科任")
    COUNSELLOR = "counsellor", _("心理教师")
    MORAL_OFFICE = "moral_office", _("德育处")
    SYSTEM_ADMIN = "system_admin", _("系统管理员")
    SECURITY_ADMIN = "security_admin", _("安全管理员")
    AUDIT_ADMIN = "audit_admin", _("审计管理员")
    BUREAU_OFFICER = "bureau_officer", _("业务员")
    INSPECTOR = "inspector", _("督学")


class RoleQuerySet(OrgQuerySet["Role"]):
    def current(self, on: date) -> "RoleQuerySet":
        return self.filter(models.Q(ends=None) | models.Q(ends__gte=on), starts__lte=on)


RoleManager = OrgManager.from_queryset(RoleQuerySet)


class Role(OrgModel):
    """职务: a post in a unit (the org, a grade or a class) with from–to."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="roles")
    post = models.CharField(_("职务"), max_length=20, choices=PostCode.choices)
    school_class = models.ForeignKey(SchoolClass, models.CASCADE, null=True, blank=True, related_name="roles")
    grade = models.ForeignKey(Grade, models.CASCADE, null=True, blank=True, related_name="roles")
    subject = models.CharField(_("学科"), max_length=20, blank=True)
    starts = models.DateField(_("开始"))
    ends = models.DateField(_("结束"), null=True, blank=True)
    objects: ClassVar[Any] = RoleManager()

    class Meta(OrgModel.Meta):
        abstract = False
        indexes: ClassVar = [models.Index(fields=["org", "post"], name="role_post")]


# Who sees the names of the whole school (headers and numbers); what of a file is open is asked of `registry.policies`.
OFFICE = ("moral_office", "principal", "vice_principal", "middle_leader")


class StudentQuerySet(OrgQuerySet["Student"]):
    def enrolled(self) -> "StudentQuerySet":
        return self.filter(state=Student.State.ENROLLED)

    def in_classes(self, class_ids: Any) -> "StudentQuerySet":
        return self.filter(school_class_id__in=class_ids)

    def visible_to(self, actor: Actor) -> "StudentQuerySet":
        """Children whose name this actor may see: own classes, own grade; office and leaders the whole school."""
        if actor.holds(*OFFICE):
            return self
        classes = actor.units("class", "class_teacher", "subject_teacher", "counsellor")
        grades = actor.units("grade", "grade_head")
        return self.filter(models.Q(school_class_id__in=classes) | models.Q(school_class__grade_id__in=grades))


StudentManager = OrgManager.from_queryset(StudentQuerySet)


class Student(OrgModel):
    """学生. `school_class` and `state` repeat the current Enrolment, so that lists need no join in time."""

    class State(models.TextChoices):
        ENROLLED = "enrolled", _("在读")
        SUSPENDED = "suspended", _("休学")
        MOVED = "moved", _("转出")
        GRADUATED = "graduated", _("毕业")
        DROPPED = "dropped", _("辍学")

    class Boarding(models.TextChoices):
        DAY = "1", _("走读")
        BOARDER = "2", _("住校")

    name = models.CharField(_("姓名"), max_length=60)
    gender = models.CharField(_("性别"), max_length=1, choices=Gender.choices, default=Gender.UNKNOWN)
    birth_date = models.DateField(_("出生日期"), null=True, blank=True)
    ethnicity = models.CharField(_("民族"), max_length=2, blank=True)
    id_type = models.CharField(_("身份证件类型"), max_length=20, blank=True)
    id_no = SealedField(_("身份证件号"))
    id_hash = LookupField()
    student_no = SealedField(_("学籍号"))
    student_no_hash = LookupField()
    class_no = models.CharField(_("班内学号"), max_length=10, blank=True)
    boarding = models.CharField(_("就读方式"), max_length=1, choices=Boarding.choices, blank=True)
    commute = models.CharField(_("上下学交通方式"), max_length=20, blank=True)
    entered_on = models.DateField(_("入学年月"), null=True, blank=True)
    is_new = models.BooleanField(_("新生"), default=False)
    school_class = models.ForeignKey(SchoolClass, models.PROTECT, null=True, related_name="students")
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="students")
    home_hash = LookupField(db_index=False)  # the address as the last roster gave it
    state = models.CharField(_("学籍状态"), max_length=10, choices=State.choices, default=State.ENROLLED)
    objects: ClassVar[Any] = StudentManager()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["school_class_id", "class_no", "id"]
        indexes: ClassVar = [
            models.Index(fields=["org", "school_class", "state"], name="student_class"),
            models.Index(fields=["org", "state"], name="student_state"),
        ]

    def __str__(self) -> str:
        return self.name

    def claim(self) -> None:
        self.id_hash = crypto.lookup(self.id_no)
        self.student_no_hash = crypto.lookup(self.student_no)
        super().claim()

    @property
    def student_no_masked(self) -> str:
        return masked(self.student_no, head=5, tail=4)

    @property
    def id_no_masked(self) -> str:
        return masked(self.id_no, head=4, tail=4)


class Enrolment(OrgModel):
    """学籍: one stay of a student in one class."""

    student = models.ForeignKey(Student, models.CASCADE, related_name="enrolments")
    school_class = models.ForeignKey(SchoolClass, models.PROTECT, related_name="enrolments")
    starts = models.DateField(_("开始"))
    ends = models.DateField(_("结束"), null=True, blank=True)
    state = models.CharField(max_length=10, choices=Student.State.choices, default=Student.State.ENROLLED)

    class Meta(OrgModel.Meta):
        abstract = False
        indexes: ClassVar = [models.Index(fields=["org", "school_class", "starts"], name="enrolment_class")]


class Guardian(OrgModel):
    """家长/监护人: an adult."""

    class Reading(models.TextChoices):
        NORMAL = "normal", _("普通")
        LARGE = "large", _("大字")
        ALOUD = "aloud", _("朗读")

    name = models.CharField(_("姓名"), max_length=60)
    phone = SealedField(_("联系电话"))
    phone_hash = LookupField()
    id_hash = LookupField()
    reading = models.CharField(_("阅读方式"), max_length=8, choices=Reading.choices, default=Reading.NORMAL)

    class Meta(OrgModel.Meta):
        abstract = False

    def __str__(self) -> str:
        return self.name

    def claim(self) -> None:
        self.phone_hash = crypto.lookup(self.phone)
        super().claim()

    @property
    def phone_masked(self) -> str:
        return masked(self.phone)


class Guardianship(OrgModel):
    """监护关系: one adult and one child; `relation` is a GB/T 4761 code."""

    student = models.ForeignKey(Student, models.CASCADE, related_name="guardianships")
    guardian = models.ForeignKey(Guardian, models.CASCADE, related_name="guardianships")
    relation = models.CharField(_("关系"), max_length=2)
    order = models.PositiveSmallIntegerField(_("顺序"), default=1)
    is_guardian = models.BooleanField(_("是监护人"), default=True)
    sees_data = models.BooleanField(_("可看孩子资料"), default=True)
    gets_notices = models.BooleanField(_("接收通知"), default=True)
    may_sign = models.BooleanField(_("可签字"), default=True)
    from_file = models.BooleanField(default=False)  # ended when the roster no longer names this adult
    starts = models.DateField(_("开始"))
    ends = models.DateField(_("结束"), null=True, blank=True)

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["student_id", "order"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "student", "guardian"], name="one_guardianship")
        ]
