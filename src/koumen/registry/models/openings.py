"""Breaking the glass: a leader opens one child's file, says why, and it closes by itself."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from koumen.core.actor import Actor
from koumen.core.wall import OrgManager, OrgModel, OrgQuerySet
from koumen.registry.models.people import Student

LASTS = timedelta(hours=3)


class OpeningQuerySet(OrgQuerySet["FileOpening"]):
    def open_for(self, actor: Actor, student: Student, at: datetime) -> "OpeningQuerySet":
        return self.filter(account_id=actor.account_id or 0, student=student, ends_at__gt=at)


OpeningManager = OrgManager.from_queryset(OpeningQuerySet)


class FileOpening(OrgModel):
    """因故查阅: who opened whose file, with what reason, until when. Shown to the class teacher."""

    student = models.ForeignKey(Student, models.CASCADE, related_name="openings")
    account_id = models.BigIntegerField()
    opened_by = models.CharField(max_length=60)
    reason = models.CharField(_("查阅原因"), max_length=200)
    opened_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    objects: ClassVar[Any] = OpeningManager()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["-opened_at"]
        indexes: ClassVar = [models.Index(fields=["org", "student", "-opened_at"], name="opening_of_student")]
