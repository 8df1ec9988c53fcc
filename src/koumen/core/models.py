"""Tables of the kernel: the log, personal links, outbox, inbox, jobs, files."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from koumen.core.fields import SealedField
from koumen.core.wall import OrgManager, OrgModel, OrgQuerySet


class AuditEntry(OrgModel):
    """One line of the log. Partitioned by month, append-only, chained by a trigger (see migration 0001)."""

    append_only = True
    WRITE, READ = "write", "read"

    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=60)
    kind = models.CharField(max_length=5)
    verb = models.CharField(max_length=60)
    target = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    changes = models.JSONField(default=dict)
    chain = models.SmallIntegerField(null=True)
    seq = models.BigIntegerField(null=True)
    hash = models.BinaryField(null=True)

    class Meta(OrgModel.Meta):
        abstract = False
        managed = False
        db_table = "core_auditentry"


class PersonalLink(models.Model):
    """A secret that lets one person do one thing without an account."""

    shared_because = "it is looked up by the hash of its secret before any scope is known; it names nobody"

    org = models.ForeignKey("registry.Org", models.CASCADE, related_name="+")
    secret_hash = models.BinaryField(max_length=32, unique=True)
    purpose = models.CharField(max_length=40)
    person_id = models.BigIntegerField(null=True)
    object_id = models.CharField(max_length=40)
    expires_at = models.DateTimeField()
    device_hash = models.BinaryField(max_length=32, default=b"")
    ended_at = models.DateTimeField(null=True)
    proven_at = models.DateTimeField(null=True)  # the second fact was told
    wrong_facts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["org", "purpose", "object_id"], name="link_object"),
            models.Index(fields=["org", "person_id"], name="link_person"),
        ]


class Tally(models.Model):
    """How often something was tried from outside in a stretch of time (see `core.throttle`)."""

    shared_because = "it counts tries before any scope is known; its keys are keyed hashes that name nobody"

    key = models.BinaryField(max_length=32, unique=True)
    since = models.DateTimeField()
    times = models.PositiveIntegerField()


class OutboxMessage(OrgModel):
    """Something to be said to one person over one channel, at an allowed hour, once."""

    class Channel(models.TextChoices):
        IN_APP = "in_app", _("站内")
        EMAIL = "email", _("邮件")
        SMS = "sms", _("短信")

    class State(models.TextChoices):
        WAITING = "waiting", _("待发送")
        SENT = "sent", _("已发送")
        FAILED = "failed", _("未送达")

    channel = models.CharField(max_length=10, choices=Channel.choices)
    account_id = models.BigIntegerField(null=True)
    address = SealedField()
    subject = models.CharField(max_length=200)
    body = models.TextField(max_length=4000)
    url = models.CharField(max_length=300, blank=True)
    once_key = models.CharField(max_length=120, blank=True)
    not_before = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["org", "channel", "once_key"], condition=~models.Q(once_key=""), name="said_once"
            )
        ]


class InboxQuerySet(OrgQuerySet["InboxNote"]):
    def unread_by(self, account_id: int | None) -> "InboxQuerySet":
        return self.filter(account_id=account_id or 0, read_at=None)


InboxManager = OrgManager.from_queryset(InboxQuerySet)


class InboxNote(OrgModel):
    """What the in-app channel delivered."""

    account_id = models.BigIntegerField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    url = models.CharField(max_length=300, blank=True)
    read_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    objects: ClassVar[Any] = InboxManager()

    class Meta(OrgModel.Meta):
        abstract = False
        indexes: ClassVar = [models.Index(fields=["org", "account_id", "read_at"], name="inbox_unread")]


class Job(OrgModel):
    """Work done in the background, as a page shows it. The engine's own row is Procrastinate's."""

    class State(models.TextChoices):
        WAITING = "waiting", _("排队中")
        RUNNING = "running", _("进行中")
        DONE = "done", _("已完成")
        FAILED = "failed", _("没有完成")
        CANCELLED = "cancelled", _("已取消")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task = models.CharField(max_length=80)
    title = models.CharField(max_length=120)
    args = models.JSONField(default=dict)
    started_by_id = models.BigIntegerField(null=True)
    started_by = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    text = models.CharField(max_length=300, blank=True)
    result = models.JSONField(default=dict)
    url = models.CharField(max_length=300, blank=True)
    cancel_asked = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(OrgModel.Meta):
        abstract = False
        indexes: ClassVar = [models.Index(fields=["org", "-created_at"], name="job_recent")]

    @property
    def is_over(self) -> bool:
        return self.state in {self.State.DONE, self.State.FAILED, self.State.CANCELLED}

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done // self.total) if self.total else 0


class StoredFile(OrgModel):
    """A file kept for an org. Its name on disk is ours; the name people see is a label, never a path."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=40)
    label = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    owner_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)

    class Meta(OrgModel.Meta):
        abstract = False

    @property
    def path(self) -> str:
        """Where it lies below MEDIA_ROOT."""
        return f"{self.org_id}/{self.purpose}/{self.id}"
