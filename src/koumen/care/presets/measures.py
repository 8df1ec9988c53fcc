"""Kinds of help: the four of the monthly table (columns 33–36), bringing a child back to school, and others."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    """帮扶措施."""

    HARDSHIP = "hardship", _("困难帮扶")
    STUDY = "study", _("学业提升")
    PARENTING = "parenting", _("家庭教育指导")
    COUNSEL = "counsel", _("心理辅导")
    RETURN = "return", _("劝返复学")
    OTHER = "other", _("其他")


FOUR = (Kind.HARDSHIP, Kind.STUDY, Kind.PARENTING, Kind.COUNSEL)

# What is agreed, in the words a family reads: what the school does, and nothing about why.
PLAIN_WORDS = {
    Kind.HARDSHIP: _("老师帮您问清能申请的资助，教您怎么申请。"),
    Kind.STUDY: _("老师给孩子多一些学习上的帮助。"),
    Kind.PARENTING: _("老师和您一起商量在家陪孩子的办法。"),
    Kind.COUNSEL: _("学校的心理老师会陪孩子聊一聊。"),
    Kind.RETURN: _("老师陪孩子回到学校上课。"),
    Kind.OTHER: _("老师会按商量好的去做。"),
}
