"""What goes to others: a referral (转介) with exactly what was passed on, and a case that follows its child (转接).

Sender and receiver own a row each; `token` is the same in both, and nothing else joins them across the wall.
"""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from koumen.care.models.cases import Case
from koumen.core.actor import Actor
from koumen.core.fields import SealedField
from koumen.core.wall import OrgManager, OrgModel, OrgQuerySet
from koumen.registry.models import Staff, Student


class Way(models.TextChoices):
    """Whose copy it is."""

    OUT = "out", _("转出")
    IN = "in", _("转入")


class ReferralQuerySet(OrgQuerySet["Referral"]):
    def open(self) -> "ReferralQuerySet":
        return self.filter(state__in=(Referral.State.SENT, Referral.State.ACCEPTED))

    def visible_to(self, actor: Actor) -> "ReferralQuerySet":
        """What was sent, to whoever reads its case; what came, to whoever it was sent to by name or by office."""
        mine = models.Q(way=Way.IN, to_staff_id=actor.member_id or 0)
        if actor.holds("moral_office", "bureau_officer"):
            mine |= models.Q(way=Way.IN, to_staff=None)
        return self.filter(mine | models.Q(way=Way.OUT, case__in=Case.objects.visible_to(actor).values("pk")))


ReferralManager = OrgManager.from_queryset(ReferralQuerySet)


class Referral(OrgModel):
    """转介: to an office of the school, the bureau, another school or a partner outside."""

    class To(models.TextChoices):
        OFFICE = "office", _("校内部门")
        BUREAU = "bureau", _("教育局")
        SCHOOL = "school", _("其他学校")
        COMMUNITY = "community", _("社区/村委")
        CIVIL = "civil", _("民政")
        POLICE = "police", _("公安")
        YOUTH = "youth", _("关工委")
        HEALTH = "health", _("医疗机构")
        OTHER = "other", _("其他")

    class State(models.TextChoices):
        SENT = "sent", _("等对方受理")
        ACCEPTED = "accepted", _("已受理")
        RETURNED = "returned", _("已退回")
        REPORTED = "reported", _("已反馈结果")
        WITHDRAWN = "withdrawn", _("已撤回")

    token = models.UUIDField(default=uuid.uuid4, editable=False)
    way = models.CharField(max_length=3, choices=Way.choices, default=Way.OUT)
    case = models.ForeignKey(Case, models.CASCADE, null=True, related_name="referrals")  # the sender's copy alone
    to = models.CharField(_("转给"), max_length=10, choices=To.choices)
    to_name = models.CharField(_("单位"), max_length=80, blank=True)
    to_staff = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    other_org = models.ForeignKey("registry.Org", models.PROTECT, null=True, related_name="+")
    sent_from = models.CharField(_("来自"), max_length=80, blank=True)
    subject = models.CharField(_("事由"), max_length=80)
    passed_on = SealedField(_("转出的内容"))
    family_told = models.CharField(_("如何告知家长"), max_length=200, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.SENT)
    due = models.DateField(_("希望反馈日期"))
    sent_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    sent_by_name = models.CharField(max_length=60, blank=True)
    sent_at = models.DateTimeField()
    answered_by = models.CharField(max_length=60, blank=True)
    answered_at = models.DateTimeField(null=True)
    reason = models.CharField(_("退回原因"), max_length=300, blank=True)
    report = SealedField(_("反馈结果"))
    reported_at = models.DateTimeField(null=True)
    objects: ClassVar[Any] = ReferralManager()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["due", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "token", "way"], name="referral_once")]
        indexes: ClassVar = [models.Index(fields=["org", "state", "due"], name="referral_state_due")]


class TransferQuerySet(OrgQuerySet["CaseTransfer"]):
    def visible_to(self, actor: Actor) -> "TransferQuerySet":
        """What is asked of us, to the office; what we asked, to whoever reads the case, its lead, and the office.

        Once it is settled the row tells nothing of the child: how it ended may be known when the case is gone.
        """
        if actor.holds("moral_office"):
            return self
        reads = models.Q(case__in=Case.objects.visible_to(actor).values("pk"))
        return self.filter(reads | models.Q(case__lead_id=actor.member_id or 0), way=Way.OUT)


TransferManager = OrgManager.from_queryset(TransferQuerySet)


class CaseTransfer(OrgModel):
    """转接: the case goes with the child to another school, which accepts; then the old school has no access."""

    class State(models.TextChoices):
        ASKED = "asked", _("等接收学校同意")
        ACCEPTED = "accepted", _("已接收")
        REFUSED = "refused", _("未接收")
        WITHDRAWN = "withdrawn", _("已撤回")

    token = models.UUIDField(default=uuid.uuid4, editable=False)
    way = models.CharField(max_length=3, choices=Way.choices)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.ASKED)
    other_org = models.ForeignKey("registry.Org", models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.SET_NULL, null=True, related_name="transfers")
    student = models.ForeignKey(Student, models.PROTECT, null=True, related_name="+")  # the receiver's own row
    payload = SealedField()  # what is handed over, as JSON; emptied once it is settled
    asked_by = models.CharField(max_length=60)
    asked_at = models.DateTimeField()
    answered_by = models.CharField(max_length=60, blank=True)
    answered_at = models.DateTimeField(null=True)
    reason = models.CharField(_("未接收的原因"), max_length=300, blank=True)
    objects: ClassVar[Any] = TransferManager()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["-asked_at", "-id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "token", "way"], name="transfer_once")]


class HarmReportQuerySet(OrgQuerySet["HarmReport"]):
    def visible_to(self, actor: Actor) -> "HarmReportQuerySet":
        """Whoever reported reads the own report; the persons named on its case read it there."""
        return self.filter(by_id=actor.member_id or 0)


HarmReportManager = OrgManager.from_queryset(HarmReportQuerySet)


class HarmReport(OrgModel):
    """强制报告: one report of suspected harm to a child. Its case is for the persons named on it alone.

    Another report about the same child joins the case that lives. `concerns` is somebody of the school whom it is
    about: that person is never named on the case.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="harm_reports")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("报告时间"))
    token = models.UUIDField()
    concerns = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(_("情形"), max_length=20)
    what = SealedField(_("发现的情况"))
    found_at = models.DateTimeField(_("发现时间"))
    record_id = models.UUIDField(null=True)  # the visit's record it was noticed in
    objects: ClassVar[Any] = HarmReportManager()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "token"], name="harm_report_once")]


class HarmStep(OrgModel):
    """One step of the checklist, done by somebody at a time; never undone, only followed by another."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="harm_steps")
    step = models.CharField(_("步骤"), max_length=20)
    note = SealedField(_("说明"))
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["at", "id"]
