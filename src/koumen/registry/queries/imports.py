"""What the import pages read: uploads, and what each of their rows would do, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koumen.core.actor import Actor
from koumen.registry import policies
from koumen.registry.models import ImportBatch, ImportLine, Student
from koumen.registry.presets import codes

FIELDS: dict[str, Promise] = {
    "name": gettext_lazy("姓名"), "gender": gettext_lazy("性别"), "birth_date": gettext_lazy("出生日期"),
    "ethnicity": gettext_lazy("民族"), "id_type": gettext_lazy("身份证件类型"), "id_no": gettext_lazy("身份证件号"),
    "student_no": gettext_lazy("学籍号"), "class_no": gettext_lazy("班内学号"), "boarding": gettext_lazy("就读方式"),
    "commute": gettext_lazy("上下学交通方式"), "entered_on": gettext_lazy("入学年月"), "is_new": gettext_lazy("新生"),
    "school_class": gettext_lazy("班级"), "state": gettext_lazy("学籍状态"), "address": gettext_lazy("现住址"),
    "point": gettext_lazy("坐标"), "place": gettext_lazy("村组/社区"), "members": gettext_lazy("家庭成员"),
    "flags": gettext_lazy("重点类别"), "number": gettext_lazy("工号"), "party": gettext_lazy("党员"),
    "phone": gettext_lazy("手机"), "posts": gettext_lazy("职务"), "lng": gettext_lazy("经度"),
    "lat": gettext_lazy("纬度"), "remote": gettext_lazy("偏远"),
}  # fmt: skip
_YES_NO = {"True": gettext_lazy("是"), "False": gettext_lazy("否"), "true": gettext_lazy("是"),
           "false": gettext_lazy("否"), "None": gettext_lazy("未填")}  # fmt: skip
VALUES: dict[str, Mapping[str, Any]] = {
    "gender": codes.GENDERS, "ethnicity": codes.ETHNIC_GROUPS, "id_type": codes.ID_TYPES, "commute": codes.COMMUTES,
    "boarding": dict(Student.Boarding.choices), "state": dict(Student.State.choices), "is_new": _YES_NO,
    "party": _YES_NO, "remote": _YES_NO,
}  # fmt: skip
KINDS = ImportBatch.Kind


@dataclass(frozen=True)
class Shown:
    """One change in words; `old` and `new` are empty where the value itself is not shown."""

    label: str
    old: str
    new: str


def kinds_for(actor: Actor) -> list[tuple[str, str]]:
    """(kind, label) of the files this person may bring in."""
    return [(str(kind), str(label)) for kind, label in KINDS.choices if policies.may_upload(actor, kind)]


def batches_for(actor: Actor) -> "QuerySet[ImportBatch]":
    """The uploads this person may see, newest first."""
    kinds = [kind for kind, _label in kinds_for(actor)]
    return ImportBatch.objects.filter(kind__in=kinds).select_related("file", "job", "marked_file")


def lines(batch: ImportBatch, change: str) -> "QuerySet[ImportLine]":
    """What the rows of one sort would do, in the order of the file."""
    return ImportLine.objects.filter(batch=batch, change=change).order_by("pk")


def shown(line: ImportLine) -> list[Shown]:
    """The changes of a line in words."""
    return [
        Shown(
            str(FIELDS.get(change["field"], change["field"])),
            _value(change["field"], change.get("old")),
            _value(change["field"], change.get("new")),
        )
        for change in line.changes
    ]


def _value(field: str, value: object) -> str:
    if value in (None, ""):
        return ""
    text = str(value)
    return str(VALUES.get(field, {}).get(text, text))


def tabs(batch: ImportBatch) -> list[tuple[str, str, int]]:
    """(change, label, number) of the sorts that occur, wrong rows first."""
    labels = {
        "error": _("有误"), "new": _("新增"), "moved": _("换班"), "changed": _("变更"), "left": _("不在名单"),
    }  # fmt: skip
    return [(change, label, n) for change, label in labels.items() if (n := batch.counts.get(change, 0))]
