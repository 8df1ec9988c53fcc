"""What the planner's explanations say on pages: its own sentences are Chinese, these are in the reader's language.

Placeholders are names, times and numbers, put in by `services.why`.
"""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    # why here
    "placed": _("%(days)s %(time)s 开始，由%(people)s家访。"),
    "siblings": _("家里有 %(n)s 个孩子在校，合并成一次家访。"),
    "locked": _("时间已经定下，不再改动。"),
    "only_slot": _("家庭和老师都方便的时段只有这一个。"),
    "choice": _("家庭方便的时段有 %(n)s 个，其中排得进去的有 %(m)s 个。"),
    "together": _("和%(households)s同一次外出，顺路：只多走 %(minutes)s，单独去要 %(alone)s。"),
    "single": _("这次外出只去这一家。"),
    "key_early": _("是重点学生家庭，尽量安排得早：这是活动的第 %(week)s 周。"),
    "next_best": _("换到 %(slots)s 也可以，代价折合多 %(minutes)s路程。"),
    "same": _("换到 %(slots)s 也可以，代价差不多。"),
    "cheaper": _("换到 %(slots)s 会更省，折合少 %(minutes)s路程。"),
    "estimated": _("住址还没有坐标，路上时间是估计的。"),
    "wishes_remote": _("家庭希望用电话或视频联系，没有排入外出。"),
    # why left out
    "taken_out": _("已由老师移出计划。"),
    "taken_back": _("排程时，原来那次外出没有配到第二位老师。"),
    "no_window": _("还没有填写可以接待的时间。"),
    "no_common_time": _("一起集中家访的%(households)s没有共同方便的时间。"),
    "promised_elsewhere": _("时间已经定为 %(slots)s，别的时段不能再排。"),
    "window_short": _("%(slots)s 可以接待，但都不够一次家访需要的 %(minutes)s。"),
    "too_far": _("%(slots)s 来不及：来回要 %(minutes)s，再加家访 %(visit)s，超出了可用的时间。"),
    "no_team": _("%(slots)s 家庭方便，但班级老师都不能外出。"),
    "team_free": _("班级老师能外出的是：%(people)s %(slots)s。"),
    "team_never": _("班级老师还没有登记任何能外出的时段。"),
    "team_untrained": _("%(slots)s 只有%(people)s有空，但目前不能参加家访。"),
    "team_out": _("%(slots)s 班级老师中有空的%(people)s已在别的班外出。"),
    "nobody_second": _("%(slots)s 全校只有%(people)s一人有空，找不到第二位同行老师。"),
    "second_untrained": _("%(slots)s 能同行的只有%(people)s，但目前不能参加家访。"),
    "second_out": _("%(slots)s 能同行的%(people)s都已随别的班外出。"),
    "locked_in_way": _("%(slots)s 的外出里，%(households)s的时间已经定下，留不出空档。"),
    "full": _("%(slots)s 的外出已经排满。"),
    "rivals": _("%(slots)s 的外出要让出%(households)s中的一家，才排得下。"),
    "possible": _("%(slots)s 现在可以排进去。"),
    "unproved": _("%(slots)s 的外出几乎排满，没有找到放得下的顺序。"),
    # why a rule falls short
    "share_so_far": _("班主任%(people)s能亲自见到 %(n)s 名学生，应为 %(m)s 名，还差 %(by)s 名。"),
    "teacher_never_free": _("班主任%(people)s没有能外出的时段。"),
    "no_teacher_slot": _("有 %(n)s 名学生的家庭，在班主任%(people)s能外出的时段都不方便或太远。"),
    "led_elsewhere": _("有 %(n)s 名学生的家庭由兄弟姐妹所在的班去家访，不算在班主任名下。"),
    "share_remote": _("有 %(n)s 名学生的家庭希望电话或视频联系，或集中家访，不算入户。"),
    "share_left_out": _("有 %(n)s 名学生的家庭没有排上。"),
    "share_bound": _("班主任最多只能亲自见到 %(n)s 名学生，达不到 %(m)s 名。"),
    "share_full": _("有 %(n)s 名学生的家庭班主任也可以去，但班主任的外出里没有空档了。"),
    "share_movable": _("%(households)s可以改到班主任带队的外出。"),
    "never_free": _("%(people)s没有登记任何能外出的时段。"),
    "barred": _("%(people)s目前不能参加家访。"),
    "no_outing_then": _("%(people)s有空的 %(n)s 个时段里都没有外出。"),
    "bound": _("%(people)s有空又有外出的时段有 %(n)s 个，全都参加也只能见到 %(m)s 名学生，应为 %(asked)s 名。"),
    "could_join": _("%(people)s还可以参加 %(slots)s 的外出，见到 %(n)s 名学生。"),
    "seats_taken": _("%(people)s有空时的外出都已满员，同行的%(others)s要靠这些外出完成自己的任务。"),
    "no_visits": _("计划里没有外出。"),
    "none_free": _("%(slots)s 全校没有人有空。"),
    "alone_then": _("%(slots)s 有空的只有%(people)s。"),
    "all_out": _("%(slots)s 有空的%(people)s都已安排在别的外出。"),
    "wish_nobody": _("没有符合家庭希望的老师。"),
    "wish_busy": _("符合家庭希望的%(people)s在 %(slots)s 不能同行。"),
    "wish_free": _("%(people)s符合家庭希望，在 %(slots)s 有空，可以换去同行。"),
    # what would mend it
    "mend_place": _("现在就可以排进 %(slots)s。"),
    "mend_place_each": _("有 %(n)s 家现在就可以直接排进去，不用加时段，也不用加人。"),
    "mend_free": _("请%(people)s增加外出时段：%(slots)s。"),
    "mend_extra": _("%(slots)s 再加一位能同行的老师。"),
    "mend_train": _("请%(people)s先办好家访的手续：%(reason)s"),
    "mend_window": _("请%(households)s在 %(days)s %(time)s–%(until)s 接待。"),
    "mend_longer": _("把 %(slots)s 延长到 %(until)s 结束。"),
    "mend_unlock": _("和%(households)s商量，改一下已定的时间。"),
    "mend_in_person": _("和%(households)s商量，改为入户家访。"),
    "mend_join": _("请%(people)s参加 %(classes)s %(slots)s 的外出。"),
    "mend_move": _("把%(households)s改到 %(slots)s。"),
}

# Why somebody may not go on visits.
CLEARANCE = {
    "training": _("还没有完成家访培训。"),
    "commitment": _("还没有签家访承诺书。"),
    "other": _("目前不安排外出家访。"),
}

# How a list goes on when it is too long to name everything.
MORE = {
    "slots": _("%(names)s等 %(n)d 个时段"),
    "days": _("%(names)s等 %(n)d 天"),
    "people": _("%(names)s等 %(n)d 人"),
    "others": _("%(names)s等 %(n)d 人"),
    "households": _("%(names)s等 %(n)d 家"),
    "classes": _("%(names)s等 %(n)d 个班"),
}
# Facts that are minutes.
DURATIONS = frozenset({"minutes", "alone", "visit"})
