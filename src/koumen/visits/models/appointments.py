"""Appointments with families."""

from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from koumen.core.actor import Actor
from koumen.core.wall import OrgManager, OrgModel, OrgQuerySet
from koumen.registry.models import Guardian
from koumen.visits.models.campaigns import Mode
from koumen.visits.models.visits import Visit


class AppointmentQuerySet(OrgQuerySet["Appointment"]):
    def live(self) -> "AppointmentQuerySet":
        return self.filter(closed_at=None)

    def agreed(self) -> "AppointmentQuerySet":
        """The family has said yes to a time, or to being called."""
        return self.live().filter(state__in=Appointment.SETTLED)

    def visible_to(self, actor: Actor) -> "AppointmentQuerySet":
        """Whoever sees the visit."""
        return self.filter(visit__in=Visit.objects.visible_to(actor))


AppointmentManager = OrgManager.from_queryset(AppointmentQuerySet)


class Appointment(OrgModel):
    """预约: one question to a family when and how its visit suits, and what it answered.

    `offers` are the times shown to it, the planned one first: {"slot", "starts", "ends", "mode"}; `mode`, `starts_at`
    and `ends_at` are what was agreed. A declined one stays open until the family was offered another form once.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("已邀请，等回复")
        AGREED = "agreed", _("已约定")
        OTHER_TIME = "other_time", _("想换个时间")
        OTHER_MODE = "other_mode", _("换方式，时间由老师联系")
        DECLINED = "declined", _("这次不方便")
        WITHDRAWN = "withdrawn", _("已收回")

    SETTLED = (State.AGREED, State.OTHER_MODE)

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="appointments")
    state = models.CharField(_("回复"), max_length=10, choices=State.choices, default=State.ASKED)
    offers = models.JSONField(default=list)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=60)
    family_asked_sooner = models.BooleanField(default=False)  # less than a day ahead at the family's own wish
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(Guardian, models.SET_NULL, null=True, blank=True, related_name="+")
    proxy_relation = models.CharField(max_length=2, blank=True)  # GB/T 4761: who answered in the adult's stead
    noted_by = models.CharField(max_length=60, blank=True)  # the teacher who noted what was said on the phone
    mode = models.CharField(_("家访方式"), max_length=2, choices=Mode.choices, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(auto_now=True)
    objects: ClassVar[Any] = AppointmentManager()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["-asked_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["org", "visit"], condition=models.Q(closed_at=None), name="one_live_appointment"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["org", "state", "starts_at"], name="appointment_day")]

    @property
    def is_settled(self) -> bool:
        return self.state in self.SETTLED

    @property
    def needs_teacher(self) -> bool:
        """Something is left for the teacher to do."""
        return self.closed_at is None and self.state in (self.State.OTHER_TIME, self.State.OTHER_MODE)

    def offered(self) -> list[tuple[datetime, datetime, int | None]]:
        """The offered times: from, to, slot."""
        return [
            (datetime.fromisoformat(one["starts"]), datetime.fromisoformat(one["ends"]), one["slot"])
            for one in self.offers
        ]
