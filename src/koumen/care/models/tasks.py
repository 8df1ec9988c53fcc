"""任务: one promise with one owner and a day. Overdue is computed, never stored."""

from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from koumen.core.actor import Actor
from koumen.core.wall import OrgManager, OrgModel, OrgQuerySet
from koumen.registry.models import Staff


class TaskQuerySet(OrgQuerySet["Task"]):
    def open(self) -> "TaskQuerySet":
        return self.filter(state=Task.State.OPEN)

    def overdue(self, on: date) -> "TaskQuerySet":
        return self.open().filter(due__lt=on)

    def visible_to(self, actor: Actor) -> "TaskQuerySet":
        """The owner, whoever gave it, and the office; titles never name a child or a reason."""
        if actor.holds("moral_office"):
            return self
        me = actor.member_id or 0
        return self.filter(models.Q(owner_id=me) | models.Q(given_by_id=me))


TaskManager = OrgManager.from_queryset(TaskQuerySet)


class Task(OrgModel):
    """One task. `about` and `about_id` say which row it came from; `once_key` keeps it from being given twice."""

    class State(models.TextChoices):
        OPEN = "open", _("待办")
        DONE = "done", _("已办，待确认")
        VERIFIED = "verified", _("已确认")
        DROPPED = "dropped", _("已取消")

    title = models.CharField(_("任务"), max_length=120)
    owner = models.ForeignKey(Staff, models.PROTECT, verbose_name=_("责任人"), related_name="tasks")
    given_by = models.ForeignKey(Staff, models.PROTECT, null=True, verbose_name=_("交办人"), related_name="+")
    due = models.DateField(_("完成日期"))
    about = models.CharField(max_length=20, blank=True)
    about_id = models.CharField(max_length=40, blank=True)
    once_key = models.CharField(max_length=80, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.OPEN)
    needs_verifying = models.BooleanField(default=False)
    sentence = models.CharField(_("怎么办的"), max_length=300, blank=True)
    done_at = models.DateTimeField(null=True)
    verified_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    verified_at = models.DateTimeField(null=True)
    given_at = models.DateTimeField()
    objects: ClassVar[Any] = TaskManager()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["due", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "once_key"], condition=~models.Q(once_key=""), name="task_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["org", "owner", "state", "due"], name="task_owner_due"),
            models.Index(fields=["org", "about", "about_id"], name="task_about"),
        ]
