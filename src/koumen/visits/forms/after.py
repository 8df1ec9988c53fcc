"""Forms of what follows a visit."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from koumen.care.presets.measures import Kind
from koumen.visits.models import Effect, Mode
from koumen.visits.presets.feedback import Attitude, Help, Satisfied
from koumen.visits.services.feedback import Answers

YES_NO = [("yes", _("有")), ("no", _("没有"))]
WISHES = [Mode.DOOR, Mode.AT_SCHOOL, Mode.PHONE, Mode.VIDEO]


def _day() -> forms.DateInput:
    return forms.DateInput({"type": "date"}, "%Y-%m-%d")


class ShareForm(forms.Form):
    """What the child's other teachers are told."""

    kinds = forms.MultipleChoiceField(
        label=_("帮扶措施"), choices=Kind.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    advice = forms.CharField(
        label=_("给任课老师的建议"),
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("写怎么做，不写原因。例如：课上多请他回答会的题。"),
    )

    def __init__(self, *args: Any, measures: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = self.fields["kinds"]
        assert isinstance(kinds, forms.MultipleChoiceField)
        kinds.choices = [(kind.value, kind.label) for kind in Kind if kind in measures]


class MeasureForm(forms.Form):
    """A teacher's own measure."""

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    kind = forms.ChoiceField(label=_("措施"), choices=Kind.choices, widget=forms.RadioSelect, initial=Kind.STUDY)
    text = forms.CharField(label=_("怎么做"), max_length=300)
    due = forms.DateField(label=_("完成日期"), widget=_day())


class AgreementForm(forms.Form):
    """What the family will be shown."""

    items = forms.CharField(
        label=_("约定"),
        max_length=2100,
        widget=forms.Textarea({"rows": 6}),
        help_text=_("一行一条，最多十条。写做什么，不写原因。"),
    )
    follow_up_on = forms.DateField(label=_("随访日期"), required=False, widget=_day())


class SendForm(forms.Form):
    """Whether links go out by SMS as well."""

    send = forms.BooleanField(required=False)


class EffectForm(forms.Form):
    """有效果吗."""

    face = forms.TypedChoiceField(
        label=_("有效果吗"), choices=Effect.Face.choices, coerce=int, widget=forms.RadioSelect
    )
    text = forms.CharField(label=_("一句话"), max_length=200, required=False)


def _asked(label: Any, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=False, widget=forms.RadioSelect)


class FeedbackForm(forms.Form):
    """家访反馈表: eight questions; none has to be answered."""

    appointed = _asked(_("老师来之前约过时间吗？"), YES_NO)
    attitude = _asked(_("老师的态度怎么样？"), Attitude.choices)
    helpful = _asked(_("聊的内容有帮助吗？"), Help.choices)
    only_marks = _asked(_("是不是只谈成绩、只告状？"), [("yes", _("是")), ("no", _("不是"))])
    gifts = _asked(_("老师有没有收礼？"), YES_NO)
    satisfaction = _asked(_("这次家访您满意吗？"), Satisfied.choices)
    suggestion = forms.CharField(
        label=_("您的建议"), max_length=500, required=False, widget=forms.Textarea({"rows": 3})
    )
    wish = _asked(_("下次希望怎么联系？"), [(mode.value, mode.label) for mode in WISHES])

    def answers(self) -> Answers:
        """The answers, typed. Only of a valid form."""
        data = self.cleaned_data
        yes = {"yes": True, "no": False}
        flags: dict[str, Any] = {name: yes.get(data[name]) for name in ("appointed", "only_marks", "gifts")}
        marks: dict[str, Any] = {
            name: int(data[name]) if data[name] else None for name in ("attitude", "helpful", "satisfaction")
        }
        return Answers(**flags, **marks, suggestion=data["suggestion"], wish=data["wish"])


class ReportForm(forms.Form):
    """有老师收礼、推销或有偿补课."""

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    about = forms.ChoiceField(label=_("说的是哪位老师？"), required=False, widget=forms.RadioSelect)
    text = forms.CharField(label=_("是什么事？"), max_length=1000, widget=forms.Textarea({"rows": 4}))
    signed = forms.ChoiceField(
        label=_("要留名字吗？"),
        choices=[("", _("不留名")), ("yes", _("留名，方便联系我"))],
        required=False,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, team: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        about = self.fields["about"]
        assert isinstance(about, forms.ChoiceField)
        about.choices = [*team, ("", _("别的老师"))]
