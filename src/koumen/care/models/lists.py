"""Lists with names that leave the school: by two persons' hands."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from koumen.core.actor import Actor
from koumen.core.wall import OrgManager, OrgModel, OrgQuerySet
from koumen.registry.models import Staff


class NameListQuerySet(OrgQuerySet["NameList"]):
    def visible_to(self, actor: Actor) -> "NameListQuerySet":
        """Whoever asked, and those who may approve."""
        if actor.holds("moral_office", "principal", "vice_principal"):
            return self
        return self.filter(asked_by_id=actor.member_id or 0)


NameListManager = OrgManager.from_queryset(NameListQuerySet)


class NameList(OrgModel):
    """两人导出: a list with names, asked for by one and approved by another; each download is counted and logged.

    `wanted` are the filters it was asked with. The file is made anew at each download, with the rights of the day.
    """

    class Kind(models.TextChoices):
        DROPOUT = "dropout", _("辍学学生名册")
        LEDGER = "ledger", _("问题台账")
        TIMETABLES = "timetables", _("家访日程")

    kind = models.CharField(_("名册"), max_length=10, choices=Kind.choices)
    wanted = models.JSONField(default=dict)
    children = models.PositiveIntegerField(_("学生数"), default=0)  # when it was asked for
    because = models.CharField(_("依据和用途"), max_length=300)
    asked_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    approved_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)  # no download afterwards
    downloads = models.PositiveIntegerField(default=0)
    objects: ClassVar[Any] = NameListManager()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["-asked_at", "-id"]
