"""A plan while it is computed: what it is computed from, and what has been drawn so far."""

from typing import Any, ClassVar

from django.db import models

from koumen.core.wall import OrgManager, OrgModel, OrgQuerySet
from koumen.registry.models import SchoolClass
from koumen.visits.models.plans import Plan


class PlanTask(OrgModel):
    """What a plan is computed from: the same for every worker, whatever changes meanwhile. Gone with the plan made."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="tasks")
    problem = models.TextField()  # JSON of `koumen.planner`
    left_out = models.JSONField(default=list)
    patterns = models.JSONField(default=dict)

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "plan"], name="one_task_of_a_plan")]


class PlanPartQuerySet(OrgQuerySet["PlanPart"]):
    def drawn(self) -> "PlanPartQuerySet":
        return self.exclude(routes="")


PlanPartManager = OrgManager.from_queryset(PlanPartQuerySet)


class PlanPart(OrgModel):
    """One class of a plan under way. `routes` is empty until one worker has drawn it."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="parts")
    school_class = models.ForeignKey(SchoolClass, models.CASCADE, related_name="+")
    routes = models.TextField(blank=True)  # JSON of `koumen.planner`
    cost = models.PositiveBigIntegerField(default=0)
    greedy = models.PositiveBigIntegerField(default=0)
    bound = models.PositiveBigIntegerField(default=0)
    objects: ClassVar[Any] = PlanPartManager()

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "plan", "school_class"], name="a_class_is_drawn_once")
        ]
