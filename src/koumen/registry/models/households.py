"""Households and where they live."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from koumen.core import crypto
from koumen.core.fields import LookupField, SealedField
from koumen.core.wall import OrgModel


class Place(OrgModel):
    """村组/社区 with a point (WGS-84)."""

    name = models.CharField(_("村组/社区"), max_length=60)
    lng = models.FloatField(_("经度"))
    lat = models.FloatField(_("纬度"))
    is_remote = models.BooleanField(_("偏远"), default=False)

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "name"], name="one_place_per_name")]

    def __str__(self) -> str:
        return self.name


class Household(OrgModel):
    """家庭(户): guardians and children living together; siblings of any class are one household."""

    class PointSource(models.TextChoices):
        FILE = "file", _("名单中的坐标")
        PLACE = "place", _("村组/社区坐标")
        MAP = "map", _("地图上点选")
        NONE = "none", _("暂无坐标")

    class Pattern(models.TextChoices):
        """When somebody is at home, until the family says so itself."""

        ANY = "any", _("都可以")
        EVENINGS = "evenings", _("平日晚上")
        WEEKENDS = "weekends", _("周末")
        LATE = "late", _("较晚的晚上")

    class AskedGender(models.TextChoices):
        """Whom a family would like on the team."""

        FEMALE = "female", _("女老师")
        MALE = "male", _("男老师")

    address = SealedField(_("现住址"))
    address_hash = LookupField()
    place = models.ForeignKey(Place, models.SET_NULL, null=True, blank=True, related_name="households")
    lng = models.FloatField(_("经度"), null=True, blank=True)
    lat = models.FloatField(_("纬度"), null=True, blank=True)
    point_source = models.CharField(max_length=6, choices=PointSource.choices, default=PointSource.NONE)
    is_remote = models.BooleanField(_("偏远"), default=False)
    is_risky = models.BooleanField(_("路途需注意"), default=False)
    pattern = models.CharField(_("方便的时间"), max_length=10, choices=Pattern.choices, default=Pattern.ANY)
    asks_gender = models.CharField(_("希望同行老师的性别"), max_length=6, choices=AskedGender.choices, blank=True)
    asks_language = models.CharField(_("希望同行老师会说"), max_length=20, blank=True)
    prefers_remote = models.BooleanField(_("希望电话或视频"), default=False)

    class Meta(OrgModel.Meta):
        abstract = False

    def claim(self) -> None:
        self.address_hash = crypto.lookup(self.address)
        super().claim()


class SiblingOffer(OrgModel):
    """Households that look like one; a person confirms or splits. `other` is merged into `household`."""

    class State(models.TextChoices):
        OPEN = "open", _("待确认")
        CONFIRMED = "confirmed", _("是一家")
        SPLIT = "split", _("不是一家")

    household = models.ForeignKey(Household, models.CASCADE, related_name="offers")
    other = models.ForeignKey(Household, models.CASCADE, related_name="offers_as_other")
    reason = models.CharField(_("依据"), max_length=20)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    decided_by = models.CharField(max_length=60, blank=True)
    moved = models.JSONField(default=list)  # students that a confirmation brought over, so that it can be taken back

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "household", "other"], name="one_offer_per_pair")
        ]
