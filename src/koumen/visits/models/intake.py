"""What comes from a phone with a record: from which device, and its files, piece by piece."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from koumen.core.models import StoredFile
from koumen.core.wall import OrgModel
from koumen.visits.models.visits import VisitRecord


class RecordOrigin(OrgModel):
    """What a phone said when it sent a record; `sent` are the hashes of every form it sent it in."""

    record = models.OneToOneField(VisitRecord, models.CASCADE, related_name="origin")
    device = models.CharField(max_length=40)
    skew_seconds = models.IntegerField(default=0)  # the phone's clock minus ours
    sent = models.JSONField(default=list)

    class Meta(OrgModel.Meta):
        abstract = False


class RecordFile(OrgModel):
    """A photo, signature or voice note of a record, named by the hash of the bytes the phone holds.

    `have` bytes have arrived. Kept: `stored` is what became of them (a photo is drawn anew, without metadata).
    `refused` says why they cannot be kept; then the phone need not send them again.
    """

    class Kind(models.TextChoices):
        PHOTO = "photo", _("照片")
        SIGNATURE = "signature", _("签名")
        VOICE = "voice", _("语音")

    record = models.ForeignKey(VisitRecord, models.CASCADE, related_name="files")
    hash = models.CharField(max_length=64)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    size = models.PositiveIntegerField()
    have = models.PositiveIntegerField(default=0)
    stored = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    refused = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "record", "hash"], name="file_once_per_record")]
