"""What surrounds a record: what is not saved yet, earlier and competing versions, and the months handed in."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from koumen.core.fields import SealedField
from koumen.core.wall import OrgModel
from koumen.registry.models import Staff
from koumen.visits.models.visits import VisitRecord


class RecordVersion(OrgModel):
    """What a record said before it was revised, or what somebody else wrote about the same visit: nothing is lost."""

    class Why(models.TextChoices):
        REVISED = "revised", _("修改前")
        CONFLICT = "conflict", _("另一份")

    record = models.ForeignKey(VisitRecord, models.CASCADE, related_name="versions")
    why = models.CharField(max_length=8, choices=Why.choices)
    number = models.PositiveSmallIntegerField()
    entry = models.JSONField(default=dict)
    content_hash = models.CharField(max_length=64)
    kept_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    kept_at = models.DateTimeField()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["-kept_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "record", "why", "number", "content_hash"], name="version_kept_once")
        ]


class RecordDraft(OrgModel):
    """What somebody typed on a page about a visit and has not saved, for its author alone; gone once it is saved."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)  # the page it was typed on
    words = SealedField()  # the form's fields, as JSON
    changed_at = models.DateTimeField(auto_now=True)

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "staff", "name"], name="one_draft_per_page")]


class ClosedMonth(OrgModel):
    """A month whose figures were handed in after it ended: its records are no longer changed."""

    month = models.DateField(_("月份"))  # first day
    closed_by = models.CharField(_("报送人"), max_length=60)
    closed_at = models.DateTimeField()

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "month"], name="month_closed_once")]
