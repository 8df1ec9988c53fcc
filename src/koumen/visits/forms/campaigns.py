"""The pages on which a campaign is set up, one form a step."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koumen.registry.models import SchoolClass
from koumen.registry.presets import categories
from koumen.visits.models import Campaign, Mode, Slot
from koumen.visits.presets.quotas import RULES
from koumen.visits.services.campaigns import Times


def _date() -> forms.DateInput:
    return forms.DateInput({"type": "date"}, "%Y-%m-%d")


def _time(label: Any) -> forms.TimeField:
    return forms.TimeField(label=label, widget=forms.TimeInput({"type": "time"}, "%H:%M"))


def _minutes(label: Any, most: int, least: int = 0, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, max_value=most, help_text=help_text)


class AboutForm(forms.Form):
    """What it is called and when it is."""

    name = forms.CharField(label=gettext_lazy("活动名称"), max_length=80)
    theme = forms.CharField(
        label=gettext_lazy("主题"), max_length=200, required=False, widget=forms.Textarea({"rows": 2})
    )
    starts = forms.DateField(label=gettext_lazy("开始"), widget=_date())
    ends = forms.DateField(label=gettext_lazy("结束"), widget=_date())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("starts") and cleaned.get("ends") and cleaned["ends"] < cleaned["starts"]:
            self.add_error("ends", _("结束日期不能早于开始日期。"))
        return cleaned


class ScopeForm(forms.Form):
    """Who takes part, in which modes, and whom the campaign must reach."""

    classes = forms.MultipleChoiceField(
        label=gettext_lazy("参加的班级"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("请至少选择一个班级。")},
    )
    modes = forms.MultipleChoiceField(
        label=gettext_lazy("可用的家访方式"),
        choices=Mode.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("请至少选择一种家访方式。")},
    )
    must_visit = forms.MultipleChoiceField(
        label=gettext_lazy("必访类别"),
        choices=categories.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy("这些学生优先安排。名单和表格里只显示“重点”，不显示类别。"),
    )
    door_only = forms.MultipleChoiceField(
        label=gettext_lazy("必须入户的类别"),
        choices=categories.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, classes: Iterable[SchoolClass], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = {str(one.pk): one for one in classes}
        by_grade: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for pk, one in self.rows.items():
            by_grade[one.grade.name].append((pk, one.name))
        field: Any = self.fields["classes"]
        field.choices = [(pk, name) for group in by_grade.values() for pk, name in group]

    def chosen(self) -> list[SchoolClass]:
        """The classes ticked, as rows."""
        return [self.rows[pk] for pk in self.cleaned_data["classes"]]

    def with_set(self, code: str) -> dict[str, list[str]]:
        """What was typed, with the categories of a customary set ticked."""
        data: Any = self.data
        typed = {name: data.getlist(name) for name in self.fields}
        found = categories.SETS.get(code)
        if found is not None:
            name = "door_only" if found.door_only else "must_visit"
            typed[name] = list(found.categories)
        return typed


class TasksForm(forms.Form):
    """The task numbers, one field each; zero asks nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, rule in enumerate(RULES.values()):
            most = 100 if rule.unit == "%" else 999
            self.fields[f"rule_{number}"] = forms.IntegerField(
                label=f"{rule.label} ({rule.unit})", min_value=0, max_value=most
            )

    def thresholds(self) -> dict[tuple[str, str], Decimal]:
        """The numbers by (scope, indicator)."""
        return {key: Decimal(self.cleaned_data[f"rule_{number}"]) for number, key in enumerate(RULES)}

    @staticmethod
    def initial_of(numbers: dict[tuple[str, str], Decimal]) -> dict[str, int]:
        """Field values from numbers; a rule the campaign does not know asks nothing."""
        return {f"rule_{number}": int(numbers.get(key, 0)) for number, key in enumerate(RULES)}


class TimesForm(forms.Form):
    """When teams go out, how long they stay, how often people go by default."""

    minutes = _minutes(gettext_lazy("每户时长(分钟)"), 180, 5)
    sibling_minutes = _minutes(gettext_lazy("多一个孩子加时(分钟)"), 60)
    way_minutes = _minutes(
        gettext_lazy("路上预留(分钟)"), 120, 0, gettext_lazy("最早可提前多少分钟出发，最晚可推后多少分钟返回。")
    )
    uses_evenings = forms.BooleanField(label=gettext_lazy("安排平日晚上"), required=False)
    evening_starts = _time(gettext_lazy("晚上从"))
    evening_ends = _time(gettext_lazy("晚上到"))
    weekend = forms.ChoiceField(label=gettext_lazy("周末"), choices=Campaign.Weekend.choices, widget=forms.RadioSelect)
    morning_starts = _time(gettext_lazy("上午从"))
    morning_ends = _time(gettext_lazy("上午到"))
    afternoon_starts = _time(gettext_lazy("下午从"))
    afternoon_ends = _time(gettext_lazy("下午到"))
    evenings_per_week = _minutes(gettext_lazy("班主任每周晚上次数"), 7)
    others_evenings_per_week = _minutes(gettext_lazy("其他老师每周晚上次数"), 7)
    weekend_days_per_week = _minutes(gettext_lazy("每人每周周末天数"), 2)

    def times(self) -> Times:
        """The typed values."""
        return Times(**self.cleaned_data)

    @classmethod
    def initial_of(cls, campaign: Campaign) -> dict[str, object]:
        return {name: getattr(campaign, name) for name in cls.base_fields}


class SlotsForm(forms.Form):
    """Some of a campaign's slots, ticked. Weeks are groups of choices."""

    slots = forms.MultipleChoiceField(label=gettext_lazy("时段"), widget=forms.CheckboxSelectMultiple, required=False)

    def __init__(self, *args: Any, slots: Iterable[Slot], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = {str(slot.pk): slot for slot in slots}
        field: Any = self.fields["slots"]
        field.choices = [(pk, slot.label) for pk, slot in self.rows.items()]

    def chosen(self) -> list[Slot]:
        """The slots ticked, as rows."""
        return [self.rows[pk] for pk in self.cleaned_data["slots"]]
