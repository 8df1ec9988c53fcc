"""An uploaded roster file on its way in."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from koumen.core.models import Job, StoredFile
from koumen.core.wall import OrgModel


class ImportBatch(OrgModel):
    """One upload: read → checked → (confirmed) applied. Nothing of it is in the registry before it is applied."""

    class Kind(models.TextChoices):
        STUDENTS = "students", _("学生名单")
        STAFF = "staff", _("教职工名单")
        CLASSES = "classes", _("班级名单")
        PLACES = "places", _("村组/社区坐标")

    class State(models.TextChoices):
        READING = "reading", _("正在检查")
        REFUSED = "refused", _("无法读取")
        CHECKED = "checked", _("已检查,待确认")
        APPLYING = "applying", _("正在导入")
        APPLIED = "applied", _("已导入")
        CANCELLED = "cancelled", _("已取消")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    marked_file = models.ForeignKey(StoredFile, models.SET_NULL, null=True, related_name="+")
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.READING)
    uploaded_by = models.CharField(max_length=60)
    message = models.CharField(max_length=500, blank=True)
    counts = models.JSONField(default=dict)
    dropped_columns = models.JSONField(default=list)
    unknown_columns = models.JSONField(default=list)
    options = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True)

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["-created_at"]


class ImportLine(OrgModel):
    """What one row of the file would do."""

    class Change(models.TextChoices):
        NEW = "new", _("新增")
        CHANGED = "changed", _("变更")
        MOVED = "moved", _("换班")
        LEFT = "left", _("不在名单")
        SAME = "same", _("不变")
        ERROR = "error", _("有误")

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="lines")
    sheet = models.CharField(max_length=60, blank=True)
    row = models.PositiveIntegerField(null=True)
    change = models.CharField(max_length=8, choices=Change.choices)
    label = models.CharField(max_length=80, blank=True)
    problems = models.JSONField(default=list)  # [{column, value, allowed}]
    changes = models.JSONField(default=list)  # [{field, old, new}], masked where sensitive

    class Meta(OrgModel.Meta):
        abstract = False
        indexes: ClassVar = [models.Index(fields=["org", "batch", "change"], name="import_line_change")]
