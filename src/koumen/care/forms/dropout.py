"""What is typed about a child that may be leaving school."""

from base64 import b64decode
from binascii import Error
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from koumen.care.models import DropoutEntry, ReturnAttempt, ReturnCheckChild
from koumen.care.presets.dropout import Outcome, Reason, Sign, Verified, Way
from koumen.care.services.dropout import Attempt, Found
from koumen.care.services.returns import Away
from koumen.core import clock
from koumen.core.words import for_others, listed

LARGEST_DRAWING = 400_000  # characters of a signature as the page sends it
DRAWN = "data:image/png;base64,"


def _day() -> forms.DateInput:
    return forms.DateInput({"type": "date"}, "%Y-%m-%d")


class DrawnField(forms.CharField):
    """A signature drawn on the page: the bytes of a PNG, b"" when nothing was drawn."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LARGEST_DRAWING, widget=forms.HiddenInput, **kwargs)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        if not text or len(text) > LARGEST_DRAWING:
            return text and text[: LARGEST_DRAWING + 1]
        try:
            return b64decode(text.removeprefix(DRAWN), validate=True)
        except (Error, ValueError) as error:
            raise ValidationError(gettext("没有收到签名，请重新签一次。")) from error


class FindForm(forms.Form):
    """Part of a child's name."""

    q = forms.CharField(label=_("姓名"), max_length=60, required=False)


class NamesForm(forms.Form):
    """Why a list with names is asked for."""

    because = forms.CharField(
        label=_("依据和用途"), max_length=300, min_length=5, widget=forms.Textarea({"rows": 3}),
        help_text=_("例如：依《义务教育法》第十三条，报县教育局核查"),
    )  # fmt: skip


class FoundForm(forms.Form):
    """疑似辍学摸底: what is seen, what the family says, and its signature."""

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    signs = forms.MultipleChoiceField(
        label=_("看到的情况"), choices=Sign.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    last_seen_on = forms.DateField(label=_("最后到校"), required=False, widget=_day())
    reason = forms.ChoiceField(label=_("主要原因"), choices=Reason.choices, initial=Reason.UNKNOWN)
    words = forms.CharField(
        label=_("家长和孩子怎么说"), max_length=500, required=False, widget=forms.Textarea({"rows": 3})
    )
    taken = forms.CharField(label=_("已采取措施"), max_length=300, required=False, widget=forms.Textarea({"rows": 2}))
    signed_by = forms.CharField(label=_("签名人（家长）"), max_length=60, required=False)
    signature = DrawnField(label=_("家长签名"), required=False)

    def found(self) -> Found:
        """What was typed, typed. Only of a valid form."""
        data = self.cleaned_data
        with for_others():
            signs = listed(Sign(code).label for code in data["signs"])
        words = "。".join(part for part in (signs, data["words"].strip()) if part)
        return Found(
            words=words,
            reason=data["reason"],
            last_seen_on=data["last_seen_on"],
            taken=data["taken"],
            signed_by=data["signed_by"],
            signature=data["signature"] or b"",
        )


class DescribeForm(forms.Form):
    """基本情况 of an entry, corrected."""

    reason = forms.ChoiceField(label=_("辍学原因"), choices=Reason.choices)
    words = forms.CharField(label=_("原因说明"), max_length=1000, widget=forms.Textarea({"rows": 4}))
    last_seen_on = forms.DateField(label=_("最后到校"), required=False, widget=_day())
    taken = forms.CharField(label=_("已采取措施"), max_length=500, required=False, widget=forms.Textarea({"rows": 3}))

    def __init__(self, *args: Any, entry: DropoutEntry, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "reason": entry.reason,
            "words": entry.reason_words,
            "last_seen_on": entry.last_seen_on,
            "taken": entry.taken,
        }
        super().__init__(*args, **kwargs)

    def found(self) -> Found:
        """What was typed, typed. Only of a valid form."""
        return Found(**{name: self.cleaned_data[name] for name in ("words", "reason", "last_seen_on", "taken")})


class AttemptForm(forms.Form):
    """劝返记录."""

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    at = forms.DateTimeField(label=_("时间"), widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M"))
    mode = forms.ChoiceField(label=_("方式"), choices=Way.choices, initial=Way.DOOR, widget=forms.RadioSelect)
    people = forms.CharField(label=_("人员"), max_length=120, help_text=_("谁去的，例如：班主任、村干部"))
    result = forms.ChoiceField(label=_("结果"), choices=ReturnAttempt.Result.choices, widget=forms.RadioSelect)
    text = forms.CharField(label=_("经过"), max_length=1000, required=False, widget=forms.Textarea({"rows": 4}))

    def __init__(self, *args: Any, me: str = "", **kwargs: Any) -> None:
        now = clock.local(clock.now()).replace(tzinfo=None, second=0, microsecond=0)
        kwargs["initial"] = {"at": now, "people": me}
        super().__init__(*args, **kwargs)

    def done(self) -> Attempt:
        """What was typed, typed. Only of a valid form."""
        names = ("token", "at", "mode", "people", "result", "text")
        return Attempt(**{name: self.cleaned_data[name] for name in names})


class VerifyForm(forms.Form):
    """核实."""

    outcome = forms.ChoiceField(label=_("核实结果"), choices=Outcome.choices, widget=forms.RadioSelect)
    how = forms.ChoiceField(label=_("核实方式"), choices=Verified.choices, widget=forms.RadioSelect)
    on = forms.DateField(label=_("核实日期"), widget=_day())

    def __init__(self, *args: Any, entry: DropoutEntry, **kwargs: Any) -> None:
        kwargs["initial"] = {"on": clock.today()}
        super().__init__(*args, **kwargs)
        outcome = self.fields["outcome"]
        assert isinstance(outcome, forms.ChoiceField)
        state = DropoutEntry.State
        fits = {
            state.SUSPECTED: (Outcome.CLEARED, Outcome.DROPPED),
            state.DROPPED: (Outcome.CLEARED, Outcome.DROPPED),
            state.PERSUADING: (Outcome.CLEARED,),
            state.RETURNED: (Outcome.RETURNED, Outcome.DROPPED),
            state.CLEARED: (Outcome.CLEARED, Outcome.DROPPED),
        }[state(entry.state)]
        outcome.choices = [(one.value, one.label) for one in fits]


class AwayForm(forms.Form):
    """One child of the return check: empty when it is here."""

    state = forms.ChoiceField(
        choices=[("", _("已到校")), *ReturnCheckChild.State.choices], required=False, widget=forms.Select
    )
    note = forms.CharField(max_length=200, required=False)

    def away(self) -> Away | None:
        """None for a child that is here. Only of a valid form."""
        state = self.cleaned_data["state"]
        return Away(state, self.cleaned_data["note"]) if state else None
