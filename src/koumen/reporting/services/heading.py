"""What stands around a sheet on paper: title, who fills it in, and how it is counted."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.reporting.presets.columns import notes
from koumen.visits.services.papers import watermark

BLANK = "\u3000" * 7  # room for a pen


@dataclass(frozen=True)
class Heading:
    """The lines around a sheet."""

    title: str
    blanks: tuple[str, ...]
    notes: tuple[str, ...]
    watermark: str


def heading(month: date, sheet: int, *, by: Actor) -> Heading:
    """The lines around sheet 1 or 2 of a school's month. What only a human can write is left blank."""
    span = _("%(year)d年%(month)d月") % {"year": month.year, "month": month.month}
    name = _("家访工作月统计表(表一 按班级)") if sheet == 1 else _("家访工作月统计表(表二 按重点类别)")
    today = clock.today()
    return Heading(
        title=name,
        blanks=(
            _("填报单位(盖章):%(org)s") % {"org": by.org.name},
            _("统计期间：%(span)s") % {"span": span},
            _("单位负责人：") + BLANK,
            _("填表人：%(name)s") % {"name": by.display_name},
            _("联系电话：") + BLANK,
            _("填报日期：%(y)d年%(m)d月%(d)d日") % {"y": today.year, "m": today.month, "d": today.day},
        ),
        notes=notes(),
        watermark=watermark(by),
    )
