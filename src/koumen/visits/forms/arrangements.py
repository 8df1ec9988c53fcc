"""What is noted before a campaign is planned: families' times, clearance, group visits, pairs."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koumen.core.words import listed
from koumen.registry.models import Household, Place, SchoolClass
from koumen.visits.models import Clearance, Slot
from koumen.visits.services.clearances import LONGEST_LIST
from koumen.visits.services.together import Meeting

COMMAS = re.compile(r"[,，、;；\s]+")


def _date() -> forms.DateInput:
    return forms.DateInput({"type": "date"}, "%Y-%m-%d")


class FamilyForm(forms.Form):
    """When a family can receive, and whom it would like on the team."""

    HABIT, TIMES = "habit", "times"

    by = forms.ChoiceField(
        label=gettext_lazy("方便的时间"),
        choices=[(HABIT, gettext_lazy("按平时的习惯")), (TIMES, gettext_lazy("家长已告知，勾选时段"))],
        widget=forms.RadioSelect,
    )
    slots = forms.MultipleChoiceField(
        label=gettext_lazy("可以接待的时段"), widget=forms.CheckboxSelectMultiple, required=False
    )
    gender = forms.ChoiceField(
        label=gettext_lazy("希望同行老师的性别"),
        choices=[("", gettext_lazy("都可以")), *Household.AskedGender.choices],
        required=False,
    )
    language = forms.CharField(
        label=gettext_lazy("希望同行老师会说"),
        max_length=20,
        required=False,
        help_text=gettext_lazy("例如：苗语、壮语。没有就不填。"),
    )

    def __init__(self, *args: Any, slots: Iterable[Slot], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = {str(slot.pk): slot for slot in slots}
        field: Any = self.fields["slots"]
        field.choices = [(pk, slot.label) for pk, slot in self.rows.items()]

    def chosen(self) -> list[Slot] | None:
        """The slots ticked; None for the usual habit."""
        if self.cleaned_data["by"] == self.HABIT:
            return None
        return [self.rows[pk] for pk in self.cleaned_data["slots"]]


class AskForm(forms.Form):
    """What everybody who goes out must have."""

    training = forms.BooleanField(label=gettext_lazy("外出家访须完成家访培训"), required=False)
    commitment = forms.BooleanField(label=gettext_lazy("外出家访须签家访承诺书"), required=False)


class StaffForm(forms.Form):
    """What one member of staff has, speaks, and is freed from."""

    training = forms.BooleanField(label=gettext_lazy("已完成家访培训"), required=False)
    training_until = forms.DateField(label=gettext_lazy("培训有效期至"), widget=_date(), required=False)
    commitment = forms.BooleanField(label=gettext_lazy("已签家访承诺书"), required=False)
    commitment_until = forms.DateField(label=gettext_lazy("承诺有效期至"), widget=_date(), required=False)
    languages = forms.CharField(
        label=gettext_lazy("普通话以外会说的语言"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("用逗号隔开，例如：苗语，壮语。"),
    )
    exempt = forms.CharField(
        label=gettext_lazy("免去任务数的原因"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("例如：产假、病假。不填就按任务数要求。"),
    )

    def clean_languages(self) -> list[str]:
        """The languages, one by one."""
        found = [one for one in COMMAS.split(self.cleaned_data["languages"]) if one]
        if len(found) > LONGEST_LIST:
            raise forms.ValidationError(_("会说的语言最多填五种。"))
        return found

    @staticmethod
    def initial_of(languages: Iterable[str], held: dict[str, Clearance], reason: str) -> dict[str, object]:
        values: dict[str, object] = {"languages": "，".join(languages), "exempt": reason}
        for kind, row in held.items():
            values |= {kind: True, f"{kind}_until": row.valid_until}
        return values


class WhereForm(forms.Form):
    """Which place a group visit is for; its families are offered next."""

    place = forms.ModelChoiceField(Place.objects.none(), label=gettext_lazy("村组/社区"), empty_label=None)

    def __init__(self, *args: Any, places: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["place"]
        field.queryset = places


class GroupForm(forms.Form):
    """One group visit at a place that is already chosen."""

    name = forms.CharField(
        label=gettext_lazy("集中点"), max_length=60, help_text=gettext_lazy("例如：柳树村村委会、党群服务中心。")
    )
    school_class = forms.ChoiceField(label=gettext_lazy("负责班级"))
    minutes = forms.IntegerField(label=gettext_lazy("时长(分钟)"), min_value=15, max_value=180)
    slot = forms.ChoiceField(
        label=gettext_lazy("时段"),
        required=False,
        help_text=gettext_lazy("选了时段，就按这个时段通知家长；不选就由排程找几家都方便的时间。"),
    )
    homes = forms.MultipleChoiceField(label=gettext_lazy("参加的家庭"), widget=forms.CheckboxSelectMultiple)

    def __init__(
        self,
        *args: Any,
        homes: Iterable[Household],
        classes: Iterable[SchoolClass],
        slots: Iterable[Slot],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.home_rows = {str(row.pk): row for row in homes}
        self.class_rows = {str(row.pk): row for row in classes}
        self.slot_rows = {str(row.pk): row for row in slots}
        for name, choices in (
            ("homes", [(pk, _children(row)) for pk, row in self.home_rows.items()]),
            ("school_class", [(pk, row.name) for pk, row in self.class_rows.items()]),
            ("slot", [("", _("由排程决定")), *((pk, row.label) for pk, row in self.slot_rows.items())]),
        ):
            field: Any = self.fields[name]
            field.choices = choices

    def meeting(self, place: Place) -> Meeting:
        """The typed values."""
        data = self.cleaned_data
        return Meeting(
            data["name"].strip(),
            place,
            self.class_rows[data["school_class"]],
            data["minutes"],
            self.slot_rows.get(data["slot"]),
            [self.home_rows[pk] for pk in data["homes"]],
        )


def _children(row: Household) -> str:
    names = [f"{child.name}({child.school_class.name})" for child in row.students.all() if child.school_class]
    return listed(names)


class PairsForm(forms.Form):
    """Pairs of classes, ticked, and one more by hand."""

    pairs = forms.MultipleChoiceField(
        label=gettext_lazy("结对班级"), widget=forms.CheckboxSelectMultiple, required=False
    )
    first = forms.ChoiceField(label=gettext_lazy("另外结对"), required=False)
    second = forms.ChoiceField(label=gettext_lazy("和"), required=False)

    def __init__(
        self,
        *args: Any,
        offered: Iterable[tuple[int, int]],
        classes: Iterable[SchoolClass],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.rows = {str(row.pk): row for row in classes}
        pairs: Any = self.fields["pairs"]
        pairs.choices = [
            (f"{a}-{b}", _("%(a)s 和 %(b)s") % {"a": self.rows[str(a)].name, "b": self.rows[str(b)].name})
            for a, b in offered
        ]
        for name in ("first", "second"):
            field: Any = self.fields[name]
            field.choices = [("", "—"), *((pk, row.name) for pk, row in self.rows.items())]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("first")) != bool(data.get("second")) or (
            data.get("first") and data["first"] == data["second"]
        ):
            self.add_error("second", _("请选两个不同的班级。"))
        return data

    def chosen(self) -> list[tuple[SchoolClass, SchoolClass]]:
        """The pairs, the smaller key first."""
        data = self.cleaned_data
        keys = [tuple(pair.split("-")) for pair in data["pairs"]]
        if data["first"]:
            keys.append((data["first"], data["second"]))
        ordered = (sorted(pair, key=int) for pair in keys)
        return [(self.rows[a], self.rows[b]) for a, b in ordered]
