"""Orgs and accounts: the only tables that stand outside the wall, each with its reason."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from koumen.core import crypto
from koumen.core.fields import LookupField, SealedField, masked


class Org(models.Model):
    """机构: a node of the tree 市局 → 县(区)局 → 学区 → 学校 → 教学点; a tenant."""

    shared_because = "it is the wall itself"

    class Kind(models.TextChoices):
        CITY_BUREAU = "city_bureau", _("市局")
        COUNTY_BUREAU = "county_bureau", _("县(区)局")
        DISTRICT = "district", _("学区")
        SCHOOL = "school", _("学校")
        TEACHING_POINT = "teaching_point", _("教学点")

    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    kind = models.CharField(_("类型"), max_length=20, choices=Kind.choices)
    name = models.CharField(_("名称"), max_length=80)
    slug = models.SlugField(max_length=40, unique=True)
    code = models.CharField(_("学校标识码"), max_length=10, blank=True)
    area_code = models.CharField(_("行政区划代码"), max_length=6, blank=True)
    school_type = models.CharField(_("办学类型"), max_length=3, blank=True)
    town_type = models.CharField(_("城乡类型"), max_length=3, blank=True)
    lng = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name

    @property
    def is_bureau(self) -> bool:
        return self.kind in {self.Kind.CITY_BUREAU, self.Kind.COUNTY_BUREAU, self.Kind.DISTRICT}


class AccountManager(BaseUserManager["Account"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "Account":
        """Make an account; no password makes one that cannot sign in by password."""
        account = self.model(username=username, **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account

    def with_phone(self, phone: str) -> "models.QuerySet[Account]":
        """Accounts that sign in with this phone number."""
        return self.filter(phone_hash=crypto.lookup(phone))


class Account(AbstractBaseUser):
    """账号: one login of one human, in any number of orgs."""

    shared_because = "a person signs in before any org is entered, and may belong to several"

    username = models.CharField(_("账号"), max_length=60, unique=True)
    display_name = models.CharField(_("姓名"), max_length=60)
    phone = SealedField(_("手机"))
    phone_hash = LookupField()
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now)
    objects = AccountManager()

    USERNAME_FIELD = "username"

    def __str__(self) -> str:
        return self.display_name or self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.phone_hash = crypto.lookup(self.phone)
        super().save(*args, **kwargs)

    def get_full_name(self) -> str:
        return self.display_name

    @property
    def phone_masked(self) -> str:
        return masked(self.phone)


class Membership(models.Model):
    """Which orgs an account may enter, and as whom."""

    shared_because = "it is read before a scope is entered, to decide whether it may be"

    account = models.ForeignKey(Account, models.CASCADE, related_name="memberships")
    org = models.ForeignKey(Org, models.CASCADE, related_name="+")
    staff_id = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["account", "org"], name="one_membership_per_org")]
