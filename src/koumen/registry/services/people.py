"""Posts of the school's people, and a child's file opened for a reason."""

from datetime import date, timedelta

from django.utils.translation import gettext as _

from koumen.core import audit, clock, outbox
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.refusals import Forbidden, Invalid, NotFound
from koumen.core.words import for_others
from koumen.registry import policies
from koumen.registry.models import (
    FileOpening,
    Flag,
    Grade,
    Guardianship,
    Org,
    PostCode,
    Role,
    SchoolClass,
    Staff,
    Student,
)
from koumen.registry.models.openings import LASTS
from koumen.registry.presets.categories import CATEGORIES, SEALED

OF_A_CLASS = (PostCode.CLASS_TEACHER, PostCode.SUBJECT_TEACHER)
OF_A_BUREAU = (PostCode.BUREAU_OFFICER, PostCode.INSPECTOR)
# Posts that open children's files; administrators hold none of them.
WITH_CHILDREN = frozenset(PostCode) - {*policies.ADMINISTRATORS, *OF_A_BUREAU}


@action("staff.appoint", may=policies.may_appoint)
def appoint(
    staff: Staff,
    *,
    by: Actor,
    post: str,
    starts: date,
    school_class: SchoolClass | None = None,
    grade: Grade | None = None,
    subject: str = "",
) -> Role:
    """Give somebody a post from a day on. Raises Invalid when the post does not fit, Forbidden beyond one's rights."""
    if post in policies.ADMINISTRATORS and not by.holds("system_admin"):
        raise Forbidden(_("管理员职务只能由系统管理员任命。"))
    _check_unit(post, by.org.kind, school_class, grade)
    _check_separation(staff, post)
    if post == PostCode.CLASS_TEACHER:
        _check_vacant(school_class, starts)
    held = Role.objects.current(starts).filter(staff=staff, post=post, subject=subject)
    if held.filter(school_class=school_class, grade=grade).exists():
        raise Invalid(_("这项任职已经有了，不用重复添加。"))
    return Role.objects.create(
        staff=staff, post=post, starts=starts, school_class=school_class, grade=grade, subject=subject
    )


def _check_unit(post: str, kind: str, school_class: SchoolClass | None, grade: Grade | None) -> None:
    in_bureau = kind not in {Org.Kind.SCHOOL, Org.Kind.TEACHING_POINT}
    if (post in OF_A_BUREAU and not in_bureau) or (post in WITH_CHILDREN and in_bureau):
        raise Invalid(_("这个职务不属于本单位的类型。"))
    either = post == PostCode.COUNSELLOR  # of the classes looked after, or of none and by cases alone
    if not either and (post in OF_A_CLASS) != (school_class is not None):
        raise Invalid(_("班主任和科任要选班级，其他职务不选班级。"))
    if (post == PostCode.GRADE_HEAD) != (grade is not None):
        raise Invalid(_("年级组长要选年级，其他职务不选年级。"))


def _check_separation(staff: Staff, post: str) -> None:
    held = set(Role.objects.current(clock.today()).filter(staff=staff).values_list("post", flat=True)) - {post}
    admin = held & set(policies.ADMINISTRATORS)
    if post in policies.ADMINISTRATORS and admin:
        raise Invalid(_("系统、安全、审计管理员必须是不同的人。"))
    if (post in policies.ADMINISTRATORS and held & WITH_CHILDREN) or (post in WITH_CHILDREN and admin):
        raise Invalid(_("管理员不接触学生资料，不能同时担任教学或德育职务。"))


def _check_vacant(school_class: SchoolClass | None, starts: date) -> None:
    there = Role.objects.current(starts).filter(school_class=school_class, post=PostCode.CLASS_TEACHER)
    sitting = there.select_related("staff").first()
    if sitting is not None:
        raise Invalid(_("这个班已有班主任{name},请先结束其任职。").format(name=sitting.staff.name))


@action("staff.end_role", may=policies.may_end_role)
def end_role(role: Role, *, by: Actor) -> Staff:
    """End a post at once: yesterday was its last day; one that began today was a mistake and is taken back."""
    staff, yesterday = role.staff, clock.today() - timedelta(days=1)
    if role.starts > yesterday:
        role.delete()
    else:
        role.ends = yesterday
        role.save(update_fields=["ends"])
    return staff


@action("student.open_file", may=policies.may_open_file)
def open_file(student: Student, *, by: Actor, because: str) -> Student:
    """Open one child's file to a leader for three hours. The class teacher is told. Raises Invalid without a reason."""
    if len(because.strip()) < 5:
        raise Invalid(_("请写明查阅原因(至少 5 个字),班主任会看到。"))
    now = clock.now()
    FileOpening.objects.create(
        student=student,
        account_id=by.account_id or 0,
        opened_by=by.display_name,
        reason=because.strip()[:200],
        opened_at=now,
        ends_at=now + LASTS,
    )
    teachers = Role.objects.current(clock.today()).filter(school_class=student.school_class, post="class_teacher")
    for account_id in teachers.exclude(staff__account_id=None).values_list("staff__account_id", flat=True):
        with for_others():
            outbox.say(
                outbox.Channel.IN_APP,
                account_id=account_id,
                subject=_("{name}查阅了您班一名学生的资料").format(name=by.display_name),
                body=_("原因：{reason}。3 小时后自动关闭。").format(reason=because.strip()[:200]),
                url=f"/s/{by.org.slug}/students/{student.pk}/",
            )
    return student


def reveal(student: Student, *, by: Actor, what: str) -> str:
    """The clear value of one masked field; the reading is noted. Raises Forbidden, or NotFound for another field."""
    if not policies.may_read_value(by, student):
        raise Forbidden
    number = what.removeprefix("phone-")
    value = _phone(student, number) if number != what else _values(student, by).get(what)
    if value is None:
        raise NotFound
    audit.note_read(by, "student.phone" if number != what else f"student.{what}", student)
    return value or _("没有填写")


def _values(student: Student, by: Actor) -> dict[str, str]:
    found = {"id_no": student.id_no, "student_no": student.student_no}
    if policies.may_see_sealed(by, student):
        flags = Flag.objects.current(clock.today()).filter(student=student, sensitivity=SEALED)
        known = [CATEGORIES[code] for code in flags.values_list("category", flat=True) if code in CATEGORIES]
        found["sealed"] = "、".join(str(category.name) for category in known)
    return found


def _phone(student: Student, number: str) -> str | None:
    rows = Guardianship.objects.filter(student=student, ends=None).select_related("guardian")
    row = rows.filter(pk=int(number)).first() if number.isdigit() and len(number) < 19 else None
    return row.guardian.phone if row else None
