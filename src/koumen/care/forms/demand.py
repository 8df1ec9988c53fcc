"""教学点恢复需求, as it is asked on a phone."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from koumen.care.forms.dropout import DrawnField
from koumen.care.services.demand import MOST_CHILDREN, Answer

LEVELS = [
    ("1", _("一年级")), ("2", _("二年级")), ("3", _("三年级")), ("4", _("四年级")), ("5", _("五年级")),
    ("6", _("六年级")), ("7", _("七年级")), ("8", _("八年级")), ("9", _("九年级")),
]  # fmt: skip


class DemandForm(forms.Form):
    """One family's answer, signed."""

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    place_name = forms.CharField(label=_("村组/社区"), max_length=60, widget=forms.TextInput({"list": "places"}))
    wanted = forms.ChoiceField(
        label=_("希望恢复村里的教学点吗？"), choices=[("yes", _("希望")), ("no", _("不需要"))], widget=forms.RadioSelect
    )
    children = forms.IntegerField(
        label=_("家里要上学的孩子（人）"), min_value=1, max_value=MOST_CHILDREN, initial=1,
        widget=forms.NumberInput({"inputmode": "numeric"}),
    )  # fmt: skip
    grades = forms.MultipleChoiceField(
        label=_("孩子要读的年级"), choices=LEVELS, required=False, widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(label=_("理由"), max_length=300, required=False, widget=forms.Textarea({"rows": 2}))
    signed_by = forms.CharField(label=_("签名人（家长）"), max_length=60)
    signature = DrawnField(label=_("家长签名"), error_messages={"required": _("请家长用手指在框里签名。")})

    def answer(self) -> Answer:
        """What was said, typed. Only of a valid form."""
        data: dict[str, Any] = self.cleaned_data
        return Answer(
            token=data["token"],
            place_name=data["place_name"],
            signed_by=data["signed_by"],
            wanted=data["wanted"] == "yes",
            children=data["children"],
            grades=tuple(int(level) for level in data["grades"]),
            reason=data["reason"],
            signature=data["signature"],
        )
