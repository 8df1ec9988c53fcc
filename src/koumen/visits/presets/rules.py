"""What the planner's codes are called on pages: its own sentences are Chinese, these are in the reader's language."""

from django.utils.translation import gettext_lazy as _

# A shortfall: a sentence, and whether the number missing is of students.
RULES = {
    "two_staff": (_("这次外出找不到两位老师同行，已撤下"), False),
    "class_teacher_share": (_("班主任亲自入户的学生数没有达到比例"), True),
    "teacher_quota": (_("家访学生数没有达到任务数"), True),
    "principal_quota": (_("校级领导家访学生数没有达到任务数"), True),
    "middle_quota": (_("中层干部家访学生数没有达到任务数"), True),
    "companion": (_("家庭希望的同行老师(性别或语言)没有安排上"), False),
    "key_in_person": (_("重点学生家庭没有排上入户家访"), False),
    "locked": (_("已通知家庭的家访没能保留"), False),
}

# Why a family or a child was left out.
REASONS = {
    "no_household": _("还没有登记家庭住址和监护人。"),
    "no_teacher": _("孩子所在班级还没有班主任。"),
    "no_window": _("这个家庭还没有填写可以接待的时间。"),
    "no_common_slot": _("家庭方便的时段里，班级老师都不能外出。"),
    "too_far": _("在家庭方便的时间内，路程加家访的时间超过了时段长度。"),
    "no_room": _("老师能外出的时段已经排满，没有排上。"),
    "no_companion": _("家庭方便的时段里，找不到第二位同行老师。"),
    "no_common_time": _("集中家访的几个家庭没有共同方便的时间。"),
    "taken_out": _("已由老师移出计划，等待重新安排。"),
}
# "no_window" of a family whose habit is known.
OTHER_HABIT = _("这个家庭方便的时间是“%(habit)s”，活动里没有这样的时段。")

# Why a visit may not be moved there.
BROKEN = {
    "unknown": _("计划里有不认识的编号。"),
    "twice": _("同一个家庭被安排了不止一次。"),
    "lost": _("这个家庭既没有安排，也没有列为未安排。"),
    "mode": _("这个家庭选择了其他方式，不应安排入户。"),
    "class": _("这个家庭没有孩子在该班，不应由该班家访。"),
    "window": _("家访时间不在家庭方便的时间内。"),
    "locked": _("已通知家庭的时间被改动了。"),
    "service": _("家访时长不够。"),
    "travel": _("两站之间的时间不够路上用，或路程与实际不符。"),
    "slot_end": _("外出超出了时段的起止时间。"),
    "empty": _("外出里没有家庭。"),
    "gathering": _("集中家访的家庭没有在同一时间、同一地点一起见面。"),
    "pair": _("两个班没有结对，或结对外出时缺了一位班主任。"),
    "two_staff": _("外出不足两位老师。"),
    "two_places": _("同一时段有老师被安排在两处。"),
    "not_free": _("有老师在这个时段不能外出。"),
    "not_eligible": _("有老师还没有取得外出家访的资格。"),
    "lead": _("班主任有空却没有带队，或带队的不是本班老师。"),
    "same_slot": _("同一个班在同一时段有两次外出。"),
    "unreported": _("没有达到的要求没有如实列出。"),
    "figures": _("计划的合计数与明细不符。"),
}

# Why nothing can be planned at all; other faults of the data are the administrator's, with the planner's detail.
UNPLANNABLE = {
    "unknown": _("这份计划里没有这个家庭或这次外出，请刷新页面再试。"),
    "no_slots": _("没有可以安排家访的时段。"),
    "overlap": _("有两个时段的时间重叠，请检查活动的时间设置。"),
    "class": _("有班级还没有班主任，请先登记任课信息。"),
    "service": _("每户时长必须大于零，请检查活动的时间设置。"),
    "quotas": _("任务数不能为负，班主任亲自入户的比例应在 0 到 100 之间。"),
    "too_large": _("活动的任务数或每户时长太大，请检查活动的设置。"),
    "locked_clash": _("有两户已通知的家访时间冲突，请先和其中一家改约。"),
    "locked_twice": _("有两户已通知的家访在同一时段，由同一位老师带队两个班，请先和其中一家改约。"),
    "drawn": _("排程期间数据有变化，请重新排程。"),
}
UNFIT = _("排程的数据有问题，请联系管理员：%(detail)s")
