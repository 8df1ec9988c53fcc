"""Forms of referrals."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from koumen.care.models import Referral
from koumen.care.queries.referrals import schools_near
from koumen.care.queries.tasks import owners
from koumen.care.services.referrals import Matter
from koumen.core import clock
from koumen.core.actor import Actor


class ReferralForm(forms.Form):
    """To whom, and exactly what is passed on."""

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    to = forms.ChoiceField(label=_("转给"), choices=Referral.To.choices, widget=forms.RadioSelect)
    to_staff: Any = forms.ModelChoiceField(label=_("校内由谁受理"), queryset=None, required=False)
    other_org: Any = forms.ModelChoiceField(label=_("哪所学校"), queryset=None, required=False)
    to_name = forms.CharField(
        label=_("校外单位名称"), max_length=80, required=False, help_text=_("社区、民政、公安、关工委、医院等。")
    )
    subject = forms.CharField(
        label=_("事由"), max_length=80, help_text=_("会出现在列表和提醒里，请不写学生姓名和原因。例如：请上门走访。")
    )
    words = forms.CharField(
        label=_("要转出的内容"),
        max_length=2000,
        widget=forms.Textarea({"rows": 6}),
        help_text=_("只写对方办这件事要知道的。档案里的记录不会自动带出。"),
    )
    has_name = forms.BooleanField(label=_("写上学生姓名和班级"), required=False, initial=True)
    has_contact = forms.BooleanField(label=_("写上家长姓名和电话"), required=False)
    family_told = forms.CharField(
        label=_("怎么告知家长的"),
        max_length=200,
        help_text=_("例如：10 月 8 日电话告知妈妈，同意。依法不告知的写明原因。"),
    )
    due = forms.DateField(label=_("希望反馈日期"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["to_staff"].queryset = owners().exclude(pk=actor.member_id or 0)
        fields["other_org"].queryset = schools_near(actor.org.id)
        self.initial.setdefault("due", clock.today() + timedelta(days=14))

    def matter(self) -> Matter:
        """What was typed. Only of a valid form."""
        return Matter(**self.cleaned_data)


class AnswerForm(forms.Form):
    """What the receiver says; `who` for a partner whose answer is written down."""

    who = forms.CharField(label=_("对方谁回复的"), max_length=60, required=False)
    words = forms.CharField(label=_("说明"), max_length=2000, required=False, widget=forms.Textarea({"rows": 3}))
