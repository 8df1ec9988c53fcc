"""Forms of cases: what is typed becomes values; the services decide."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from koumen.care.models import Case, CaseNote, CaseReview, CaseSeat
from koumen.care.presets.measures import Kind
from koumen.care.services.casework import LONGEST, Looked, Particulars
from koumen.care.services.teams import JOINING
from koumen.registry.models import Staff
from koumen.registry.presets import categories


def _day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label, required=required, help_text=help_text, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )


def _words(label: Any, *, most: int = LONGEST, rows: int = 3, required: bool = True, help_text: Any = "") -> Any:
    return forms.CharField(
        label=label, max_length=most, required=required, help_text=help_text, widget=forms.Textarea({"rows": rows})
    )


def _somebody(label: Any, help_text: Any = "") -> Any:
    return forms.ModelChoiceField(Staff.objects.none(), label=label, help_text=help_text, empty_label=_("请选择"))


class _WithStaff(forms.Form):
    """A form that names a colleague; `staff` are those who may be named."""

    def __init__(self, *args: Any, staff: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("owner", "lead", "staff"):
            asked = self.fields.get(name)
            if isinstance(asked, forms.ModelChoiceField):
                asked.queryset = staff


class CaseForm(forms.Form):
    """建档: why, and how pressing it is."""

    why = _words(_("为什么建档"), help_text=_("写看到的事实，不评价。只有团队能看到。"))
    level = forms.TypedChoiceField(
        label=_("级别"), choices=Case.Level.choices, coerce=int, widget=forms.RadioSelect, initial=Case.Level.ORDINARY
    )
    reasons: Any = forms.MultipleChoiceField(
        label=_("建档类别"), choices=categories.choices, widget=forms.CheckboxSelectMultiple
    )


class ParticularsForm(CaseForm, _WithStaff):
    """The first sheet of a case. `kept`: reasons that stay, but are not shown to whoever fills it in."""

    goals = _words(_("目标"), required=False, help_text=_("希望这学期有什么变化，一行一条。"))
    lead = _somebody(_("负责人"))
    review_on = _day(_("评估日期"), required=False, help_text=_("到这一天，负责人会收到评估任务。"))
    field_order = ("goals", "lead", "review_on", "level", "why", "reasons")

    def __init__(self, *args: Any, kept: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept = kept
        if kept:
            reasons: Any = self.fields["reasons"]
            reasons.choices = [(code, name) for code, name in categories.choices() if code not in kept]
            reasons.required = False

    def particulars(self) -> Particulars:
        """What was typed, typed. Only of a valid form."""
        said = self.cleaned_data
        reasons = (*said["reasons"], *self.kept)
        return Particulars(said["level"], reasons, said["why"], said["goals"], said["lead"], said["review_on"])


class MeasureForm(_WithStaff):
    """One measure, with its owner and its day."""

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    kind = forms.ChoiceField(label=_("措施"), choices=Kind.choices, widget=forms.RadioSelect)
    text = _words(_("怎么做"), most=300, rows=2, help_text=_("写做什么，不写原因：任课老师能看到措施。"))
    owner = _somebody(_("责任人"), _("他会收到一项任务。"))
    due = _day(_("完成日期"))


class HandOverForm(_WithStaff):
    """Who carries a measure on, until when."""

    owner = _somebody(_("责任人"))
    due = _day(_("完成日期"))


class SeatForm(_WithStaff):
    """Who joins the team, as what."""

    staff = _somebody(_("老师"))
    part = forms.ChoiceField(
        label=_("分工"),
        choices=[(part.value, part.label) for part in CaseSeat.Part if part in JOINING],
        widget=forms.RadioSelect,
        initial=CaseSeat.Part.MEMBER,
    )


class NoteForm(forms.Form):
    """A note, and who may read it."""

    kind = forms.ChoiceField(
        label=_("谁能看"), choices=CaseNote.Kind.choices, widget=forms.RadioSelect, initial=CaseNote.Kind.TEAM
    )
    text = _words(_("内容"), rows=4)


class ReviewForm(forms.Form):
    """效果评估: what the school, the family and the child say."""

    face = forms.TypedChoiceField(
        label=_("有效果吗"), choices=CaseReview.Face.choices, coerce=int, widget=forms.RadioSelect
    )
    text = _words(_("看到的变化"))
    family_said = _words(_("家长怎么说"), rows=2, required=False)
    student_said = _words(_("学生怎么说"), rows=2, required=False)
    next_on = _day(_("下次评估"), required=False)
    is_steady = forms.BooleanField(label=_("已经稳定，暂时不需要新的措施"), required=False)

    def looked(self) -> Looked:
        """What was typed, typed. Only of a valid form."""
        return Looked(**self.cleaned_data)


class LineForm(forms.Form):
    """One line: what was done, or what came of it."""

    text = _words(_("一句话"), most=300, rows=2)

    def __init__(self, *args: Any, label: Any = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if label:
            self.fields["text"].label = label


class BecauseForm(forms.Form):
    """A stated reason."""

    because = _words(_("理由"), most=300)

    def __init__(self, *args: Any, label: Any = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if label:
            self.fields["because"].label = label


class AgreementForm(forms.Form):
    """What the family will be shown."""

    items = _words(_("约定"), most=2100, rows=6, help_text=_("一行一条，最多十条。写做什么，不写原因。"))


class CaseFilterForm(forms.Form):
    """Which cases are listed."""

    state = forms.ChoiceField(
        label=_("状态"),
        required=False,
        choices=[
            ("", _("进行中")),
            ("proposed", _("待建档")),
            ("review", _("该评估")),
            ("closing", _("等撤档确认")),
            ("closed", _("已撤档")),
        ],
    )
    school_class: Any = forms.ModelChoiceField(None, label=_("班级"), required=False, empty_label=_("全部"))

    def __init__(self, *args: Any, classes: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked: Any = self.fields["school_class"]
        asked.queryset = classes
