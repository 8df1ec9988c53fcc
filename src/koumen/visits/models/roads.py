"""What a school knows of its roads: whether a map service is asked, what it told, and what was really measured."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from koumen.core.wall import OrgModel
from koumen.registry.models import Place
from koumen.visits.models.plans import Plan
from koumen.visits.presets.roads import SOURCES, TROUBLES


class RoadChoice(OrgModel):
    """Whether this school lets the map service be asked; without a row it does not."""

    asks = models.BooleanField(_("使用地图服务"), default=False)
    chosen_by = models.CharField(max_length=60, blank=True)
    chosen_at = models.DateTimeField(null=True, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint(fields=["org"], name="one_road_choice")]


class RoadTimes(OrgModel):
    """What a service told at one time of the ways from one point. Never changed, so that a plan keeps its ways.

    Points are numbers of about 10 m (`koumen.planner.roads.cell`); nobody's name is here.
    """

    origin = models.BigIntegerField()
    ways = models.JSONField()  # [[to, seconds, metres], …], driving
    source = models.CharField(max_length=10)
    asked_at = models.DateTimeField()

    class Meta(OrgModel.Meta):
        abstract = False
        indexes: ClassVar = [models.Index(fields=["org", "origin"], name="road_times_from")]


class PlanRoads(OrgModel):
    """What a plan's ways were taken from, so that a move made later reckons with the same."""

    plan = models.OneToOneField(Plan, models.CASCADE, related_name="roads")
    known_at = models.DateTimeField(null=True)  # answers up to then count; None: no service was asked
    told = models.JSONField(default=dict)  # {source: number of ways}
    factors = models.JSONField(default=dict)  # {place: factor}
    trouble = models.CharField(max_length=10, blank=True)  # why the service told no more

    class Meta(OrgModel.Meta):
        abstract = False

    @property
    def sentence(self) -> str:
        """Who told how many ways; the service's first, estimates last."""
        told = [(label, self.told[name]) for name, label in SOURCES.items() if self.told.get(name)]
        parts = [gettext("%(source)s %(n)s 段") % {"source": source, "n": f"{n:,}"} for source, n in told]
        return gettext("路程：%(parts)s。") % {"parts": gettext("，").join(parts)}

    @property
    def trouble_label(self) -> str:
        return str(TROUBLES.get(self.trouble, "")) if self.trouble else ""


class MeasuredRoute(OrgModel):
    """实测路程: how long somebody really took between the school and a village, one way."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="measured")
    minutes = models.PositiveSmallIntegerField(_("单程分钟"))
    note = models.CharField(_("说明"), max_length=60, blank=True)
    entered_by = models.CharField(max_length=60)
    entered_at = models.DateTimeField(auto_now_add=True)

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["-entered_at", "-id"]
        indexes: ClassVar = [models.Index(fields=["org", "place"], name="measured_place")]
