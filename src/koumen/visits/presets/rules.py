"""What the planner's shortfalls are called on pages: a sentence, and whether the number missing is of students."""

from django.utils.translation import gettext_lazy as _

RULES = {
    "two_staff": (_("这次外出找不到两位老师同行，已撤下"), False),
    "class_teacher_share": (_("班主任亲自入户的学生数没有达到比例"), True),
    "teacher_quota": (_("家访学生数没有达到任务数"), True),
    "principal_quota": (_("校级领导家访学生数没有达到任务数"), True),
    "middle_quota": (_("中层干部家访学生数没有达到任务数"), True),
    "key_in_person": (_("重点学生家庭没有排上入户家访"), False),
    "locked": (_("已通知家庭的家访没能保留"), False),
}
