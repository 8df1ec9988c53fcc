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
