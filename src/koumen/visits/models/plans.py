"""Plans: outings with their teams and ordered stops."""

from datetime import timedelta
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from koumen.core.actor import Actor
from koumen.core.models import Job
from koumen.core.wall import OrgManager, OrgModel, OrgQuerySet
from koumen.core.words import listed
from koumen.registry.models import Household, SchoolClass, Staff
from koumen.visits.models.arrangements import GroupVisit
from koumen.visits.models.campaigns import TEACHING, Campaign, Slot

MANAGERS = ("moral_office", "principal", "vice_principal", "middle_leader")


class PlanQuerySet(OrgQuerySet["Plan"]):
    def visible_to(self, actor: Actor) -> "PlanQuerySet":
        """Those who manage visits see every plan, the other teachers only that an adopted one exists."""
        if actor.holds(*MANAGERS):
            return self
        return self.filter(state=Plan.State.ADOPTED) if actor.holds(*TEACHING) else self.none()

    def adopted(self) -> "PlanQuerySet":
        return self.filter(state=Plan.State.ADOPTED)


PlanManager = OrgManager.from_queryset(PlanQuerySet)


class Plan(OrgModel):
    """One computed plan of a campaign. At most one plan of a campaign is adopted."""

    class State(models.TextChoices):
        COMPUTING = "computing", _("正在排程")
        DRAFT = "draft", _("草案")
        ADOPTED = "adopted", _("已采用")
        REPLACED = "replaced", _("已被替换")
        FAILED = "failed", _("没有排成")

    class Effort(models.TextChoices):
        FIRST = "first", _("快速")
        DEEP = "deep", _("精细")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="plans")
    effort = models.CharField(max_length=10, choices=Effort.choices, default=Effort.FIRST)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.COMPUTING)
    seed = models.PositiveIntegerField()
    figures = models.JSONField(default=dict)  # {"plan": totals, "greedy": totals, "bound": cost, 0 when not proved}
    unplanned = models.JSONField(default=list)  # [{household | student, classes, code, sentence, pattern?}]
    shortfalls = models.JSONField(default=list)  # [{rule, subject, by}]
    remote = models.JSONField(default=list)  # households met without an outing
    estimated = models.JSONField(default=list)  # households without a point
    digest = models.CharField(max_length=64, blank=True)
    adopted_by = models.CharField(max_length=60, blank=True)
    adopted_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    objects: ClassVar[Any] = PlanManager()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["org", "campaign"], condition=models.Q(state="adopted"), name="one_adopted_plan"
            )
        ]

    @property
    def standing(self) -> str:
        """The state as it is true now: a plan still computing whose job is over was not made."""
        if self.state == self.State.COMPUTING and (self.job is None or self.job.is_over):
            return self.State.FAILED
        return self.state

    @property
    def standing_label(self) -> str:
        return str(self.State(self.standing).label)

    @property
    def is_live(self) -> bool:
        return self.state == self.State.ADOPTED


class OutingQuerySet(OrgQuerySet["Outing"]):
    def visible_to(self, actor: Actor) -> "OutingQuerySet":
        """Managers: all. A class teacher: own class's and own; others: own. Drafts are the managers' alone."""
        if actor.holds(*MANAGERS):
            return self
        mine = models.Exists(OutingStaff.objects.filter(outing=models.OuterRef("pk"), staff_id=actor.member_id or 0))
        classes = actor.units("class", "class_teacher")
        own_class = models.Q(school_class_id__in=classes) | models.Q(second_class_id__in=classes)
        return self.filter(own_class | models.Q(mine), plan__state=Plan.State.ADOPTED)

    def joined_by(self, staff_id: int | None) -> "OutingQuerySet":
        return self.filter(
            models.Exists(OutingStaff.objects.filter(outing=models.OuterRef("pk"), staff_id=staff_id or 0))
        )

    def live(self) -> "OutingQuerySet":
        """Outings of adopted plans."""
        return self.filter(plan__state=Plan.State.ADOPTED)


OutingManager = OrgManager.from_queryset(OutingQuerySet)


class Outing(OrgModel):
    """外出: one team on one slot. `travel_*` are the whole way, `back_*` the part of it after the last stop."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="outings")
    slot = models.ForeignKey(Slot, models.RESTRICT, related_name="outings")
    school_class = models.ForeignKey(SchoolClass, models.CASCADE, related_name="outings")
    # The other class of a pair that goes together.
    second_class = models.ForeignKey(SchoolClass, models.SET_NULL, null=True, related_name="+")
    leaves_at = models.DateTimeField(_("出发"))
    back_at = models.DateTimeField(_("返回"))
    travel_seconds = models.PositiveIntegerField(default=0)
    travel_metres = models.PositiveIntegerField(default=0)
    back_seconds = models.PositiveIntegerField(default=0)
    back_metres = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(auto_now=True)  # calendars ask which of two versions is the newer
    objects: ClassVar[Any] = OutingManager()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["leaves_at", "id"]
        indexes: ClassVar = [models.Index(fields=["org", "plan", "leaves_at"], name="outing_by_day")]

    @property
    def way(self) -> timedelta:
        """Time on the road."""
        return timedelta(seconds=self.travel_seconds)

    @property
    def minutes(self) -> int:
        """On the road, in whole minutes."""
        return round(self.travel_seconds / 60)

    @property
    def class_names(self) -> str:
        """The class, or both classes of a pair. Select `school_class` and `second_class` in lists."""
        return listed(one.name for one in (self.school_class, self.second_class) if one is not None)

    @property
    def kilometres(self) -> float:
        return round(self.travel_metres / 1000, 1)

    @property
    def names(self) -> str:
        """Who goes. Prefetch `team__staff` in lists."""
        return listed(member.staff.name for member in self.team.all())

    @property
    def names_and_lead(self) -> str:
        """Who goes, and who of them leads. Prefetch `team__staff` in lists."""
        lead = gettext("(带队)")
        return listed(f"{member.staff.name}{lead if member.leads else ''}" for member in self.team.all())

    @property
    def places(self) -> str:
        """Where it goes: villages and quarters. Prefetch `stops__household__place` in lists."""
        return listed(dict.fromkeys(str(stop.household.place) for stop in self.stops.all() if stop.household.place))

    @property
    def class_numbers(self) -> str:
        """The children it is about, as numbers of their classes. Prefetch `stops__household__students` in lists."""
        children = (child for stop in self.stops.all() for child in stop.household.students.all())
        here = self.school_class_id
        own: list[str] = [one.class_no for one in children if one.class_no and one.school_class_id == here]
        own.sort(key=lambda number: (len(number), number))
        return listed(own)


class OutingStaff(OrgModel):
    """Somebody on an outing. While `is_live`, the database lets nobody be in two places at once."""

    outing = models.ForeignKey(Outing, models.CASCADE, related_name="team")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="outings")
    leads = models.BooleanField(default=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_live = models.BooleanField(default=False)

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["-leads", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "outing", "staff"], name="once_in_a_team")]


class Stop(OrgModel):
    """站点: one household on an outing."""

    outing = models.ForeignKey(Outing, models.CASCADE, related_name="stops")
    household = models.ForeignKey(Household, models.PROTECT, related_name="stops")
    group_visit = models.ForeignKey(GroupVisit, models.SET_NULL, null=True, related_name="stops")
    order = models.PositiveSmallIntegerField()
    arrives_at = models.DateTimeField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    travel_seconds = models.PositiveIntegerField(default=0)
    travel_metres = models.PositiveIntegerField(default=0)

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["outing_id", "order"]
        indexes: ClassVar = [models.Index(fields=["org", "household"], name="stop_household")]

    @property
    def names(self) -> str:
        """The children who live there. Prefetch `household__students` in lists, with those at the school only."""
        return listed(child.name for child in self.household.students.all())

    @property
    def spot(self) -> tuple[float, float] | None:
        """Latitude and longitude of where the family is met: its home, or the place of the group visit."""
        where = self.group_visit.place if self.group_visit else self.household
        return None if where.lat is None or where.lng is None else (where.lat, where.lng)

    @property
    def classes(self) -> str:
        """The ids of the children's classes, as the board reads them. Prefetch as for `names`."""
        return " ".join(sorted({str(child.school_class_id) for child in self.household.students.all()}))
