"""行程报备: what the school knows of an outing under way, until everybody is back. Where people are is never read."""

from datetime import timedelta
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.fields import SealedField
from koumen.core.wall import OrgManager, OrgModel, OrgQuerySet
from koumen.core.words import listed
from koumen.registry.models import Staff
from koumen.visits.models.plans import MANAGERS, Outing
from koumen.visits.presets.trips import BUDDY_AFTER, LEADER_AFTER, Risk, Transport


class TripQuerySet(OrgQuerySet["Trip"]):
    def visible_to(self, actor: Actor) -> "TripQuerySet":
        """Who goes, the buddy, the duty leader; the managers of visits see all."""
        if actor.holds(*MANAGERS):
            return self
        me = actor.member_id or 0
        return self.filter(models.Q(team__contains=[me]) | models.Q(buddy_id=me) | models.Q(duty_leader_id=me))

    def under_way(self) -> "TripQuerySet":
        """Neither back nor called off."""
        return self.exclude(state__in=(Trip.State.RETURNED, Trip.State.CANCELLED))


TripManager = OrgManager.from_queryset(TripQuerySet)


class Trip(OrgModel):
    """行程报备 of one outing. What was filed stays as it was, should the plan change afterwards."""

    class State(models.TextChoices):
        FILED = "filed", _("已报备")
        DEPARTED = "departed", _("已出发")
        ARRIVED = "arrived", _("已到达")
        RETURNED = "returned", _("已平安返回")
        CANCELLED = "cancelled", _("已取消")

    class Level(models.IntegerChoices):
        """Who has been alarmed."""

        NOBODY = 0, _("没有")
        BUDDY = 1, _("知悉人")
        LEADER = 2, _("值班领导")

    outing = models.OneToOneField(Outing, models.SET_NULL, null=True, related_name="trip")
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.FILED)
    title = models.CharField(_("行程"), max_length=100)
    team = models.JSONField(default=list)  # ids of staff
    people = models.CharField(_("同行老师"), max_length=200)
    families = models.PositiveSmallIntegerField(_("家庭数"), default=0)
    route = models.CharField(_("路线"), max_length=500)
    transport = models.CharField(_("交通工具"), max_length=10, choices=Transport.choices, default=Transport.WALK)
    contact = SealedField(_("联系方式"))
    risks = models.JSONField(_("路上要留心的事"), default=list)  # codes of presets.trips.Risk
    risk_note = models.CharField(_("说明"), max_length=200, blank=True)
    leaves_at = models.DateTimeField(_("出发"))
    arrives_at = models.DateTimeField(_("到达"))
    back_at = models.DateTimeField(_("预计返回"))
    change_reason = models.CharField(_("改变的原因"), max_length=200, blank=True)
    buddy = models.ForeignKey(Staff, models.PROTECT, verbose_name=_("知悉人"), related_name="+")
    duty_leader = models.ForeignKey(Staff, models.PROTECT, verbose_name=_("值班领导"), related_name="+")
    filed_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    filed_at = models.DateTimeField()
    departed_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    arrivals = models.JSONField(default=dict)  # stop id: moment, where somebody pressed it
    returned_at = models.DateTimeField(null=True)
    alarmed = models.PositiveSmallIntegerField(choices=Level.choices, default=Level.NOBODY)
    alarmed_at = models.DateTimeField(null=True)
    # Up to which level somebody has said that they see to it.
    seen = models.PositiveSmallIntegerField(choices=Level.choices, default=Level.NOBODY)
    seen_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    seen_at = models.DateTimeField(null=True)
    objects: ClassVar[Any] = TripManager()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["leaves_at", "id"]
        indexes: ClassVar = [models.Index(fields=["org", "state", "back_at"], name="trip_state_back")]

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.RETURNED, self.State.CANCELLED)

    @property
    def overdue(self) -> timedelta:
        """How long after the expected return; zero before, and when it is over."""
        return timedelta(0) if self.is_over else max(clock.now() - self.back_at, timedelta(0))

    @property
    def overdue_minutes(self) -> int:
        return int(self.overdue.total_seconds() // 60)

    @property
    def level(self) -> int:
        """Who is to be alarmed now."""
        if self.overdue >= LEADER_AFTER:
            return self.Level.LEADER
        return self.Level.BUDDY if self.overdue >= BUDDY_AFTER else self.Level.NOBODY

    @property
    def is_ringing(self) -> bool:
        """Whether an alarm waits for somebody to see to it."""
        return self.level > self.seen

    @property
    def risk_words(self) -> str:
        return listed(Risk(code).label for code in self.risks if code in Risk.values)


class SafetyContact(OrgModel):
    """校方应急联系人: whom anybody on the road can call, one for a school."""

    name = models.CharField(_("姓名"), max_length=60)
    phone = SealedField(_("电话"))
    note = models.CharField(_("另外的提醒"), max_length=300, blank=True)

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint(fields=["org"], name="one_safety_contact")]
