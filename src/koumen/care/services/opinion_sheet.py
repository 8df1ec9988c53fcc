"""Sheet 4 of the monthly table: opinions by topic, without names."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby

from django.utils.translation import gettext as _

from koumen.care.models import Opinion
from koumen.care.policies.opinions import may_lead_school
from koumen.care.presets.topics import Topic
from koumen.core import clock
from koumen.core.actor import Actor, OrgRef
from koumen.core.excel import Column, Listing, workbook
from koumen.core.gate import action
from koumen.core.words import listed
from koumen.registry.models import PostCode, Role
from koumen.registry.models.people import OFFICE

State = Opinion.State
MOST = 5_000


@action("opinion.export", may=may_lead_school)
def sheet(school: OrgRef, /, *, by: Actor, first: date, last: date) -> bytes:
    """The bytes of the Excel file: opinions received between two days, as far as this person sees them."""
    rows = Opinion.objects.counted_by(by).filter(received_at__date__range=(first, last))
    found = list(rows.select_related("handler").order_by("topic", "gist", "number")[:MOST])
    lines = [line for _key, same in groupby(found, key=lambda o: (o.topic, o.gist)) for line in [_line(list(same))]]
    order = {str(topic.label): i for i, topic in enumerate(Topic)}
    lines.sort(key=lambda line: order[str(line[0])])
    numbered = [(i, *line) for i, line in enumerate(lines, 1)]
    stamp = _("导出：%(who)s %(at)s") % {"who": by.display_name, "at": f"{clock.local(clock.now()):%Y-%m-%d %H:%M}"}
    return workbook(
        Listing(
            name=_("表四 意见建议"),
            title=_("家长意见建议办理情况统计表"),
            columns=[
                Column(_("序号"), 5),
                Column(_("类别"), 10),
                Column(_("主要内容"), 40, left=True),
                Column(_("条数"), 6),
                Column(_("责任部门"), 14),
                Column(_("处理情况"), 34, left=True),
                Column(_("办结时间"), 12),
            ],
            rows=numbered,
            total=("", _("合计"), "", len(found), "", "", ""),
            above=[
                _("填报单位(盖章)：%(name)s") % {"name": school.name},
                _("统计期间：%(first)s 至 %(last)s") % {"first": first, "last": last},
            ],
            below=[
                _("填表说明：主要内容由经办人概括，不写姓名；还没有概括的只计条数。"),
                _("评价不满意、已提交上一级或办结未满意的，不算满意。"),
                stamp,
            ],
        )
    )


Line = tuple[str, str, int, str, str, date | str]


def _line(same: list[Opinion]) -> Line:
    """Opinions of one topic and one gist."""
    one = same[0]
    closed = [clock.local(o.closed_at or o.answered_at).date() for o in same if o.closed_at or o.answered_at]  # type: ignore[arg-type]
    done = len(closed) == len(same)
    return (
        str(one.get_topic_display()),
        one.gist or _("（尚未概括）"),
        len(same),
        listed(sorted(_departments(same))),
        _how(same),
        max(closed) if done else "",
    )


def _departments(same: Iterable[Opinion]) -> set[str]:
    """The posts of those who handle them, not their names."""
    people = {o.answered_by_id or o.handler_id for o in same} - {None}
    roles = Role.objects.current(clock.today()).filter(staff__in=people).order_by("pk")
    posts: dict[int, str] = {}
    for role in roles:
        if role.staff_id not in posts or role.post in OFFICE:
            posts[role.staff_id] = str(PostCode(role.post).label)
    return set(posts.values())


def _how(same: list[Opinion]) -> str:
    """How many stand where, in words."""
    counted: dict[str, int] = {}
    for one in same:
        word = str(one.get_state_display())
        if one.state == State.SETTLED and one.face == Opinion.Face.PARTLY:
            word = str(Opinion.Face.PARTLY.label)
        counted[word] = counted.get(word, 0) + 1
    return listed(f"{word} {n}" for word, n in counted.items())
