"""意见建议: what families want changed, each with a number."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from koumen.care.models.findings import Source
from koumen.care.presets.topics import Topic
from koumen.core.actor import Actor
from koumen.core.wall import OrgManager, OrgModel, OrgQuerySet
from koumen.registry.models import Household, Staff


class OpinionQuerySet(OrgQuerySet["Opinion"]):
    def open(self) -> "OpinionQuerySet":
        return self.exclude(state__in=(Opinion.State.CLOSED,))

    def visible_to(self, actor: Actor) -> "OpinionQuerySet":
        """The office handles opinions; whoever wrote one down sees that one.

        Those that go above are for the principal and the bureau alone, and never for the person they are about.
        """
        above = models.Q(level=Opinion.Level.ABOVE)
        if actor.holds("principal", "bureau_officer"):
            return self.exclude(above & models.Q(about_id=actor.member_id or 0))
        if actor.holds("moral_office", "vice_principal"):
            return self.exclude(above)
        return self.filter(~above, taken_by_id=actor.member_id or 0)


OpinionManager = OrgManager.from_queryset(OpinionQuerySet)


class Opinion(OrgModel):
    """One opinion of one family. `source_id` is the visit's record it was written in."""

    class State(models.TextChoices):
        RECEIVED = "received", _("已收到")
        CLOSED = "closed", _("已办结")

    class Level(models.TextChoices):
        SCHOOL = "school", _("学校办理")
        ABOVE = "above", _("上一级办理")

    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    text = models.TextField(_("内容"), max_length=2000)
    topic = models.CharField(_("类别"), max_length=10, choices=Topic.choices, default=Topic.OTHER)
    source = models.CharField(_("来源"), max_length=8, choices=Source.choices)
    source_id = models.UUIDField(null=True)
    household = models.ForeignKey(Household, models.SET_NULL, null=True, blank=True, related_name="opinions")
    taken_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    level = models.CharField(_("办理层级"), max_length=6, choices=Level.choices, default=Level.SCHOOL)
    about = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")  # never its handler
    about_words = models.CharField(_("涉及"), max_length=120, blank=True)  # as the level above reads it
    received_at = models.DateTimeField()
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.RECEIVED)
    closed_at = models.DateTimeField(null=True, blank=True)
    objects: ClassVar[Any] = OpinionManager()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["-year", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "year", "number"], name="opinion_number"),
            models.UniqueConstraint(fields=["org", "source", "source_id"], name="opinion_once_per_source"),
        ]
        indexes: ClassVar = [models.Index(fields=["org", "state", "received_at"], name="opinion_state_day")]

    @property
    def code(self) -> str:
        """The number a family is told, such as 2026-0012."""
        return f"{self.year}-{self.number:04d}"


class OpinionCount(OrgModel):
    """The last number given in a year, so that numbers have no gaps and no twins."""

    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "year"], name="one_count_per_year")]
