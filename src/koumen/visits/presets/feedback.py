"""家访反馈表: the answers to the eight questions a family is asked."""

from dataclasses import dataclass

from django.db.models import IntegerChoices
from django.utils.translation import gettext_lazy as _


class Attitude(IntegerChoices):
    """教师态度."""

    WARM = 3, _("亲切")
    FAIR = 2, _("一般")
    COLD = 1, _("不太好")


class Help(IntegerChoices):
    """内容有无帮助."""

    MUCH = 3, _("有帮助")
    SOME = 2, _("有一点")
    NONE = 1, _("没有")


class Satisfied(IntegerChoices):
    """满意度."""

    VERY = 5, _("很满意")
    CONTENT = 4, _("满意")
    BASICALLY = 3, _("基本满意")
    LITTLE = 2, _("不太满意")
    NOT = 1, _("不满意")


@dataclass(frozen=True)
class Question:
    """A screen of the form: the answer's name, and a picture for each choice."""

    name: str
    icons: tuple[str, ...] = ()


YES_NO = ("check", "close")
QUESTIONS = (
    Question("appointed", YES_NO),
    Question("attitude", ("smile", "neutral", "sad")),
    Question("helpful", ("smile", "neutral", "sad")),
    Question("only_marks", YES_NO),
    Question("gifts", YES_NO),
    Question("satisfaction", ("heart", "smile", "smile", "neutral", "sad")),
    Question("wish", ("home", "building", "phone", "video")),
    Question("suggestion"),
)
LEAST = 5  # fewer answers than this are not shown
