"""What tasks are about: the word for it, and the page that shows the row. A new kind is a line here."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class TaskKind(NamedTuple):
    """The word shown beside a task; `page` takes the row's id as `pk` where the task has one; "" for no page."""

    label: Promise
    page: str = ""


OTHER = TaskKind(_("其他"))
KINDS: dict[str, TaskKind] = {
    "case": TaskKind(_("一生一案"), "care:case"),
    "case_team": TaskKind(_("团队续期"), "care:case"),
    "measure": TaskKind(_("帮扶措施"), "care:measure"),
    "finding": TaskKind(_("台账问题"), "care:finding"),
    "referral": TaskKind(_("转介"), "care:referral"),
    "harm": TaskKind(_("限时事项"), "care:harm"),  # the office sees what is late: not even the word
    "opinion": TaskKind(_("意见建议"), "care:opinion"),
    "dropout": TaskKind(_("控辍保学"), "care:dropout"),
    "extract": TaskKind(_("个案集"), "care:extract"),
    "flags": TaskKind(_("标记续期"), "registry:flags"),
    "visit": TaskKind(_("家访"), "visits:visit"),
    "effect": TaskKind(_("效果评估"), "visits:effect"),
}


def kind_of(about: str) -> TaskKind:
    """The kind of a row's name; 其他 for one that has no line."""
    return KINDS.get(about, OTHER)
