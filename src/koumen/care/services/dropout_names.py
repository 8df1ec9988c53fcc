"""辍学学生名册, the list with names the law demands: made by two persons' hands alone. It tells no reason."""

from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from koumen.care.models import DropoutEntry, NameList, ReturnAttempt
from koumen.care.policies.dropout import may_export_names
from koumen.care.presets.dropout import Verified
from koumen.care.queries.dropout import entries
from koumen.care.services.name_lists import KINDS, Asked, ListKind, Wanted, ask_for_names
from koumen.core.actor import Actor
from koumen.core.excel import Column, Listing, workbook
from koumen.core.words import for_others

LONGEST = 2_000  # children on one list


def ask_for_dropouts(*, by: Actor, because: str) -> NameList:
    """Ask for it; see `ask_for_names` for what it raises."""
    return ask_for_names(NameList.Kind.DROPOUT, by=by, wanted={}, because=because)


def children(by: Actor, wanted: Wanted) -> int:
    """How many stand on it."""
    return int(_rows(by).count())


def _rows(by: Actor) -> Any:
    last = ReturnAttempt.objects.filter(entry=OuterRef("pk")).order_by("-number").values("result")[:1]
    return entries(by).live().annotate(last=Subquery(last)).order_by("state", "found_on", "id")


def book(asked: Asked) -> bytes:
    """The Excel file, in the site's own language."""
    with for_others():
        found = list(_rows(asked.by)[:LONGEST])
        sheet = Listing(
            name=_("名册"),
            title=_("辍学和疑似辍学学生名册"),
            columns=_columns(),
            rows=[_line(i, row) for i, row in enumerate(found, 1)],
            above=[
                _("填报单位（盖章）：%(org)s") % {"org": asked.by.org.name},
                _("人数：%(n)d") % {"n": len(found)},
                _("单位负责人："), _("填表人："), _("填报日期："),
            ],
            below=[asked.watermark],
        )  # fmt: skip
        return workbook(sheet)


def _columns() -> list[Column]:
    return [
        Column(_("序号"), 5), Column(_("姓名"), 10), Column(_("性别"), 6), Column(_("年级班级"), 14),
        Column(_("学籍号"), 16), Column(_("发现日期"), 11), Column(_("最后到校"), 11), Column(_("状态"), 10),
        Column(_("劝返次数"), 8), Column(_("最近结果"), 12), Column(_("核实方式"), 18), Column(_("核实日期"), 11),
    ]  # fmt: skip


def _line(number: int, row: Any) -> list[Any]:
    entry: DropoutEntry = row
    child = entry.student
    return [
        number, child.name, child.get_gender_display(), child.school_class.name if child.school_class else "",
        child.student_no_masked, entry.found_on, entry.last_seen_on, entry.get_state_display(), row.tries,
        str(ReturnAttempt.Result(row.last).label) if row.last else "",
        str(Verified(entry.verified_how).label) if entry.verified_how else "", entry.verified_on,
    ]  # fmt: skip


KINDS[NameList.Kind.DROPOUT] = ListKind(may_export_names, children, book, lambda: _("辍学学生名册"))
