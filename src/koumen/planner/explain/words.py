"""What an explanation says: a stable code, the facts, and a plain Chinese sentence for each code."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from koumen.planner.parts import INELIGIBLE, Slot
from koumen.planner.problem import Problem

WEEKDAYS = "一二三四五六日"
MOST_NAMED = 4  # longer lists end in “等”, except in what is to be done
UNITS = {"slots": "个时段", "days": "天", "people": "人", "others": "人", "households": "家", "classes": "个班"}
DURATIONS = frozenset({"minutes", "alone", "visit"})

# Facts are ids of `people`, `others`, `slots`, `days`, `households`, `classes`, durations in minutes, whole
# numbers, or words.
SENTENCES: dict[str, str] = {
    # why here
    "placed": "{days} {time} 开始，由{people}家访。",
    "siblings": "家里有 {n} 个孩子在校，合并成一次家访。",
    "locked": "时间已经定下，不再改动。",
    "only_slot": "家庭和老师都方便的时段只有这一个。",
    "choice": "家庭方便的时段有 {n} 个，其中排得进去的有 {m} 个。",
    "together": "和{households}同一次外出，顺路：只多走 {minutes}，单独去要 {alone}。",
    "single": "这次外出只去这一家。",
    "key_early": "是重点学生家庭，尽量安排得早：这是活动的第 {week} 周。",
    "next_best": "换到 {slots} 也可以，代价折合多 {minutes}路程。",
    "same": "换到 {slots} 也可以，代价差不多。",
    "cheaper": "换到 {slots} 会更省，折合少 {minutes}路程。",
    "estimated": "住址还没有坐标，路上时间是估计的。",
    "wishes_remote": "家庭希望用电话或视频联系，没有排入外出。",
    # why left out
    "taken_out": "已由老师移出计划。",
    "taken_back": "排程时，原来那次外出没有配到第二位老师。",
    "no_window": "还没有填写可以接待的时间。",
    "no_common_time": "一起集中家访的{households}没有共同方便的时间。",
    "promised_elsewhere": "时间已经定为 {slots}，别的时段不能再排。",
    "window_short": "{slots} 可以接待，但都不够一次家访需要的 {minutes}。",
    "too_far": "{slots} 来不及：来回要 {minutes}，再加家访 {visit}，超出了可用的时间。",
    "no_team": "{slots} 家庭方便，但班级老师都不能外出。",
    "team_free": "班级老师能外出的是：{people} {slots}。",
    "team_never": "班级老师还没有登记任何能外出的时段。",
    "team_untrained": "{slots} 只有{people}有空，但目前不能参加家访。",
    "team_out": "{slots} 班级老师中有空的{people}已在别的班外出。",
    "nobody_second": "{slots} 全校只有{people}一人有空，找不到第二位同行老师。",
    "second_untrained": "{slots} 能同行的只有{people}，但目前不能参加家访。",
    "second_out": "{slots} 能同行的{people}都已随别的班外出。",
    "locked_in_way": "{slots} 的外出里，{households}的时间已经定下，留不出空档。",
    "full": "{slots} 的外出已经排满。",
    "rivals": "{slots} 的外出要让出{households}中的一家，才排得下。",
    "possible": "{slots} 现在可以排进去。",
    "unproved": "{slots} 的外出几乎排满，没有找到放得下的顺序。",
    # why a rule falls short
    "share_so_far": "班主任{people}能亲自见到 {n} 名学生，应为 {m} 名，还差 {by} 名。",
    "teacher_never_free": "班主任{people}没有能外出的时段。",
    "no_teacher_slot": "有 {n} 名学生的家庭，在班主任{people}能外出的时段都不方便或太远。",
    "led_elsewhere": "有 {n} 名学生的家庭由兄弟姐妹所在的班去家访，不算在班主任名下。",
    "share_remote": "有 {n} 名学生的家庭希望电话或视频联系，或集中家访，不算入户。",
    "share_left_out": "有 {n} 名学生的家庭没有排上。",
    "share_bound": "班主任最多只能亲自见到 {n} 名学生，达不到 {m} 名。",
    "share_full": "有 {n} 名学生的家庭班主任也可以去，但班主任的外出里没有空档了。",
    "share_movable": "{households}可以改到班主任带队的外出。",
    "never_free": "{people}没有登记任何能外出的时段。",
    "barred": "{people}目前不能参加家访。",
    "no_outing_then": "{people}有空的 {n} 个时段里都没有外出。",
    "bound": "{people}有空又有外出的时段有 {n} 个，全都参加也只能见到 {m} 名学生，应为 {asked} 名。",
    "could_join": "{people}还可以参加 {slots} 的外出，见到 {n} 名学生。",
    "seats_taken": "{people}有空时的外出都已满员，同行的{others}要靠这些外出完成自己的任务。",
    "no_visits": "计划里没有外出。",
    "none_free": "{slots} 全校没有人有空。",
    "alone_then": "{slots} 有空的只有{people}。",
    "all_out": "{slots} 有空的{people}都已安排在别的外出。",
    "wish_nobody": "没有符合家庭希望的老师。",
    "wish_busy": "符合家庭希望的{people}在 {slots} 不能同行。",
    "wish_free": "{people}符合家庭希望，在 {slots} 有空，可以换去同行。",
    # what would mend it
    "mend_place": "现在就可以排进 {slots}。",
    "mend_place_each": "有 {n} 家现在就可以直接排进去，不用加时段，也不用加人。",
    "mend_free": "请{people}增加外出时段：{slots}。",
    "mend_extra": "{slots} 再加一位能同行的老师。",
    "mend_train": "请{people}先办好家访的手续：{reason}",
    "mend_window": "请{households}在 {days} {time}–{until} 接待。",
    "mend_longer": "把 {slots} 延长到 {until} 结束。",
    "mend_unlock": "和{households}商量，改一下已定的时间。",
    "mend_in_person": "和{households}商量，改为入户家访。",
    "mend_join": "请{people}参加 {classes} {slots} 的外出。",
    "mend_move": "把{households}改到 {slots}。",
}

Fact = int | str | tuple[str, ...]


@dataclass(frozen=True)
class Said:
    """One statement: `code` is a key of `SENTENCES`, `facts` what its sentence names."""

    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


def said(code: str, **facts: Fact) -> Said:
    return Said(code, facts)


def sentence(problem: Problem, one: Said, name: Callable[[str], str] = str) -> str:
    """The statement in Chinese. `name` turns ids of people, families and classes into names."""

    most = len(problem.slots) if one.code.startswith("mend_") else MOST_NAMED

    def word(key: str, fact: Fact) -> str:
        if not isinstance(fact, tuple):
            return duration(int(fact)) if key in DURATIONS else INELIGIBLE.get(str(fact), str(fact))
        slots = {"slots": slot_name, "days": day_name}
        found = [slots[key](problem.slot_by_id[i]) if key in slots else name(i) for i in fact[:most]]
        return "、".join(found) + (f"等 {len(fact)} {UNITS[key]}" if len(fact) > most else "")

    return SENTENCES[one.code].format_map({key: word(key, fact) for key, fact in one.facts.items()})


def duration(minutes: int) -> str:
    """Minutes in words: 35 分钟, 2 小时 20 分钟."""
    hours, rest = divmod(minutes, 60)
    if hours < 2:
        return f"{minutes} 分钟"
    return f"{hours} 小时 {rest} 分钟" if rest else f"{hours} 小时"


def slot_name(slot: Slot) -> str:
    """A slot's day and beginning: 3月12日 周四 18:30."""
    return f"{day_name(slot)} {clock_time(slot, 0)}"


def day_name(slot: Slot) -> str:
    """A slot's day: 3月12日 周四."""
    return f"{slot.date.month}月{slot.date.day}日 周{WEEKDAYS[slot.date.weekday()]}"


def clock_time(slot: Slot, seconds: int) -> str:
    """Seconds from the slot's start as a time of day."""
    minutes = slot.start + round(seconds / 60)
    return f"{minutes // 60:02}:{minutes % 60:02}"
