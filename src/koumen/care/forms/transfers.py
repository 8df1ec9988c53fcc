"""Forms of 转接."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from koumen.care.queries.referrals import schools_near
from koumen.core.actor import Actor
from koumen.registry.models import Student


class AskForm(forms.Form):
    """To which school, and how the family was told."""

    school: Any = forms.ModelChoiceField(label=_("转到哪所学校"), queryset=None)
    family_told = forms.CharField(label=_("怎么告知家长的"), max_length=200, help_text=_("例如：当面告知妈妈，同意。"))

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["school"].queryset = schools_near(actor.org.id)


class TakeForm(forms.Form):
    """Which child of our own roll it is."""

    student: Any = forms.ModelChoiceField(label=_("是本校哪位学生"), queryset=None, widget=forms.RadioSelect)

    def __init__(self, *args: Any, found: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["student"].queryset = found
        fields["student"].empty_label = None
        fields["student"].label_from_instance = _in_words


def _in_words(child: Student) -> str:
    return f"{child.name}（{child.school_class.name if child.school_class else ''}）{child.student_no_masked}"


class RefuseForm(forms.Form):
    """Why it is not taken in."""

    reason = forms.CharField(label=_("不接收的原因"), max_length=300)
