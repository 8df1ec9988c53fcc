"""意见建议: what families want changed, each with a number."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from koumen.care.models.findings import Source
from koumen.care.presets.steps import STEPS
from koumen.care.presets.topics import Topic
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.fields import SealedField
from koumen.core.models import StoredFile
from koumen.core.wall import OrgManager, OrgModel, OrgQuerySet
from koumen.registry.models import Guardian, Household, Staff

LONGEST = 2000
OFFICE = ("moral_office", "vice_principal")  # who receives opinions at the school
WORKING = ("received", "accepted", "forwarded", "reopened")
OVER = ("settled", "unsettled", "merged", "not_ours", "withdrawn")


class OpinionQuerySet(OrgQuerySet["Opinion"]):
    def open(self) -> "OpinionQuerySet":
        return self.exclude(state__in=OVER)

    def visible_to(self, actor: Actor) -> "OpinionQuerySet":
        """The office handles opinions; a handler has those handed to them; whoever wrote one down sees that one.

        Those that go above are for the principal and the bureau, and whom they hand them to. Nobody sees one that is
        about them, unless they wrote it down themselves.
        """
        me = actor.member_id or 0
        above = models.Q(level=Opinion.Level.ABOVE)
        about_me = models.Q(about_id=me) | models.Q(concerns__contains=[me])
        handed, taken = models.Q(handler_id=me), models.Q(taken_by_id=me)
        if actor.holds("principal", "bureau_officer"):
            return self.exclude(about_me)
        if actor.holds(*OFFICE):
            return self.exclude(about_me).exclude(above & ~handed)
        return self.filter((handed & ~about_me) | (taken & ~above))

    def counted_by(self, actor: Actor) -> "OpinionQuerySet":
        """What stands in the numbers this actor may see: also those that left the office because a family was not
        content, so that nothing is counted better than it was.
        """
        if not actor.holds(*OFFICE) or actor.holds("principal"):
            return self.visible_to(actor)
        me = actor.member_id or 0
        left = models.Exists(OpinionStep.objects.filter(opinion=models.OuterRef("pk"), kind="reopened"))
        known = self.visible_to(actor).order_by().values("pk")
        return self.filter(
            models.Q(pk__in=known) | (left & ~models.Q(about_id=me) & ~models.Q(concerns__contains=[me]))
        )


OpinionManager = OrgManager.from_queryset(OpinionQuerySet)


class Opinion(OrgModel):
    """One opinion. `source_id` is the visit's record it was written in, or the form's token that keeps it single.

    An anonymous one has neither household nor guardian: its sender holds a code whose keyed hash is `code_hash`.
    """

    class Channel(models.TextChoices):
        BOX = "box", _("意见箱")
        VISIT = "visit", _("家访")
        MEETING = "meeting", _("会议")
        HEARING = "hearing", _("听证")
        PHONE = "phone", _("电话")
        PAPER = "paper", _("纸质")
        FEEDBACK = "feedback", _("家访反馈")

    class Identity(models.TextChoices):
        NAMED = "named", _("实名")
        HIDDEN = "hidden", _("对当事人保密")
        ANONYMOUS = "anonymous", _("匿名")

    class State(models.TextChoices):
        RECEIVED = "received", _("已收到")
        ACCEPTED = "accepted", _("办理中")
        FORWARDED = "forwarded", _("已转办")
        MERGED = "merged", _("已合并办理")
        NOT_OURS = "not_ours", _("不属本校办理")
        ANSWERED = "answered", _("已答复，待评价")
        REOPENED = "reopened", _("已提交上一级")
        SETTLED = "settled", _("已满意")
        UNSETTLED = "unsettled", _("办结未满意")
        WITHDRAWN = "withdrawn", _("家长已撤回")

    class Level(models.TextChoices):
        SCHOOL = "school", _("学校办理")
        ABOVE = "above", _("上一级办理")

    class Face(models.IntegerChoices):
        GOOD = 3, _("满意")
        PARTLY = 2, _("基本满意")
        BAD = 1, _("不满意")

    class Publishing(models.TextChoices):
        NO = "no", _("不公开")
        ASKED = "asked", _("已征求同意")
        AGREED = "agreed", _("同意公开")
        REFUSED = "refused", _("不同意公开")
        PUBLISHED = "published", _("已公开")

    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    text = models.TextField(_("内容"), max_length=LONGEST)
    topic = models.CharField(_("类别"), max_length=10, choices=Topic.choices, default=Topic.OTHER)
    channel = models.CharField(_("渠道"), max_length=10, choices=Channel.choices, default=Channel.VISIT)
    identity = models.CharField(_("署名"), max_length=10, choices=Identity.choices, default=Identity.NAMED)
    source = models.CharField(_("来源"), max_length=8, choices=Source.choices)
    source_id = models.UUIDField(null=True)
    household = models.ForeignKey(Household, models.SET_NULL, null=True, blank=True, related_name="opinions")
    guardian = models.ForeignKey(Guardian, models.SET_NULL, null=True, blank=True, related_name="+")
    sender_name = SealedField(_("称呼"))  # as told by somebody who is not found among the guardians
    sender_phone = SealedField(_("联系电话"))
    code_hash = models.BinaryField(max_length=32, null=True)
    taken_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    level = models.CharField(_("办理层级"), max_length=6, choices=Level.choices, default=Level.SCHOOL)
    about = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")  # never its handler
    concerns = models.JSONField(default=list)  # ids of everybody on the staff it is about
    about_words = models.CharField(_("涉及"), max_length=120, blank=True)  # as the level above reads it
    origin_org = models.BigIntegerField(null=True)  # in a bureau's copy: the school it came from
    handler = models.ForeignKey(Staff, models.PROTECT, null=True, verbose_name=_("经办人"), related_name="opinions")
    received_at = models.DateTimeField()
    due_on = models.DateField(_("答复期限"), null=True)
    extended_because = models.CharField(_("延期原因"), max_length=200, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.RECEIVED)
    refused_because = models.CharField(_("不予受理的原因"), max_length=300, blank=True)
    gist = models.CharField(_("主要内容"), max_length=100, blank=True)  # without names, for tables that go out
    answer = models.TextField(_("答复"), max_length=LONGEST, blank=True)
    answered_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    face = models.PositiveSmallIntegerField(_("评价"), choices=Face.choices, null=True)
    judged_at = models.DateTimeField(null=True)
    times_reopened = models.PositiveSmallIntegerField(default=0)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged")
    voice = models.ForeignKey(StoredFile, models.SET_NULL, null=True, related_name="+")
    publishing = models.CharField(max_length=10, choices=Publishing.choices, default=Publishing.NO)
    public_text = models.CharField(_("您说"), max_length=300, blank=True)
    public_answer = models.CharField(_("我们做"), max_length=300, blank=True)
    published_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    objects: ClassVar[Any] = OpinionManager()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["-year", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "year", "number"], name="opinion_number"),
            models.UniqueConstraint(fields=["org", "source", "source_id"], name="opinion_once_per_source"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["org", "state", "received_at"], name="opinion_state_day"),
            models.Index(fields=["org", "handler", "state"], name="opinion_handler"),
            models.Index(fields=["org", "code_hash"], name="opinion_code"),
        ]

    @property
    def code(self) -> str:
        """The number a family is told, such as 2026-0012."""
        return f"{self.year}-{self.number:04d}"

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def is_working(self) -> bool:
        """Whether an answer is owed."""
        return self.state in WORKING

    @property
    def is_late(self) -> bool:
        """Whether the answer is owed since yesterday or longer."""
        return self.is_working and self.due_on is not None and self.due_on < clock.today()

    @property
    def family_steps(self) -> "list[OpinionStep]":
        """What the family reads of what happened."""
        return sorted((step for step in self.steps.all() if step.for_family), key=lambda step: step.pk)

    @property
    def answered_in_time(self) -> bool:
        """Whether the answer came on its last day or before."""
        return bool(self.answered_at and self.due_on and clock.local(self.answered_at).date() <= self.due_on)


class OpinionStep(OrgModel):
    """What happened to an opinion, in order. `for_family` steps are what the family reads; nothing is deleted."""

    opinion = models.ForeignKey(Opinion, models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=12)
    text = models.CharField(max_length=LONGEST, blank=True)
    by = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()
    for_family = models.BooleanField(default=False)

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["at", "id"]
        indexes: ClassVar = [models.Index(fields=["org", "opinion", "at"], name="step_opinion")]

    @property
    def words(self) -> str:
        """What happened, as people read it."""
        return str(STEPS.get(self.kind, self.kind))


class OpinionLimit(OrgModel):
    """A school's own limit for a topic, in school days; without one the preset holds."""

    topic = models.CharField(_("类别"), max_length=10, choices=Topic.choices)
    days = models.PositiveSmallIntegerField(_("答复期限(上学日)"))
    extra_days = models.PositiveSmallIntegerField(_("延期一次(上学日)"))

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "topic"], name="one_limit_per_topic")]


class NumberCount(OrgModel):
    """The last number given in a series and a year, so that numbers have no gaps and no twins."""

    class Series(models.TextChoices):
        OPINION = "opinion", _("意见建议")
        CASE = "case", _("一生一案")

    series = models.CharField(max_length=10, choices=Series.choices, default=Series.OPINION)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "series", "year"], name="one_count_per_year")]
