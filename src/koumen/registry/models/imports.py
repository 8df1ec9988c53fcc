"""An uploaded roster file on its way in."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from koumen.core.fields import LookupField
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
        CHECKED = "checked", _("已检查，待确认")
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
    notes = models.JSONField(default=list)
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


class StudentRow(OrgModel):
    """A correct row of a student file waiting for confirmation; gone once it is applied or discarded.

    Sealed values are sealed already for the column they go to, so that applying is SQL alone. Empty text and NULL
    mean that the file does not say.
    """

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="student_rows")
    sheet = models.CharField(max_length=60)
    row = models.PositiveIntegerField()
    change = models.CharField(max_length=8, choices=ImportLine.Change.choices)
    student_id = models.BigIntegerField(null=True)
    name = models.CharField(max_length=60)
    gender = models.CharField(max_length=1)
    birth_date = models.DateField(null=True)
    ethnicity = models.CharField(max_length=2)
    id_type = models.CharField(max_length=20)
    id_no = models.BinaryField()
    id_hash = LookupField(db_index=False)
    student_no = models.BinaryField()
    student_no_hash = LookupField(db_index=False)
    class_no = models.CharField(max_length=10)
    class_id = models.BigIntegerField(null=True)
    class_label = models.CharField(max_length=30)
    boarding = models.CharField(max_length=1)
    commute = models.CharField(max_length=20)
    entered_on = models.DateField(null=True)
    is_new = models.BooleanField(null=True)
    address = models.BinaryField()
    address_hash = LookupField(db_index=False)
    place_id = models.BigIntegerField(null=True)
    lng = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    flags = models.CharField(max_length=60)  # codes stated, separated by commas
    told = models.CharField(max_length=60)  # codes the row tells of
    m1_name = models.CharField(max_length=60)
    m1_relation = models.CharField(max_length=2)
    m1_phone = models.BinaryField()
    m1_phone_hash = LookupField(db_index=False)
    m1_id_hash = LookupField(db_index=False)
    m1_guards = models.BooleanField(null=True)
    m2_name = models.CharField(max_length=60)
    m2_relation = models.CharField(max_length=2)
    m2_phone = models.BinaryField()
    m2_phone_hash = LookupField(db_index=False)
    m2_id_hash = LookupField(db_index=False)
    m2_guards = models.BooleanField(null=True)

    class Meta(OrgModel.Meta):
        abstract = False
