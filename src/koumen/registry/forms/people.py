"""Forms about people: posts, accounts, a file opened for a reason."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from koumen.core import clock
from koumen.core.actor import OrgRef
from koumen.registry.models import Grade, Org, PostCode, SchoolClass
from koumen.registry.presets.subjects import BY_STAGE
from koumen.registry.services.people import OF_A_BUREAU, WITH_CHILDREN


class AppointForm(forms.Form):
    """A post, the unit it is held in, and the day it begins."""

    post = forms.ChoiceField(label=_("职务"))
    school_class = forms.ModelChoiceField(
        label=_("班级"), queryset=SchoolClass.objects.none(), required=False, help_text=_("班主任、科任要选")
    )
    grade = forms.ModelChoiceField(
        label=_("年级"), queryset=Grade.objects.none(), required=False, help_text=_("年级组长要选")
    )
    subject = forms.CharField(
        label=_("学科"), max_length=20, required=False, widget=forms.TextInput(attrs={"list": "subjects"})
    )
    starts = forms.DateField(label=_("开始"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, org: OrgRef, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"starts": clock.today().isoformat()})
        super().__init__(*args, **kwargs)
        in_school = org.kind in {Org.Kind.SCHOOL, Org.Kind.TEACHING_POINT}
        foreign = set(OF_A_BUREAU) if in_school else WITH_CHILDREN
        posts = [(code, label) for code, label in PostCode.choices if code not in foreign]
        choice = self.fields["post"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [("", _("请选择")), *posts]
        self._units("school_class", SchoolClass.objects.open().select_related("grade"), wanted=in_school)
        self._units("grade", Grade.objects.all(), wanted=in_school)
        if not in_school:
            del self.fields["subject"]

    def _units(self, name: str, rows: Any, *, wanted: bool) -> None:
        choice = self.fields[name]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = rows
        choice.empty_label = "—"
        if not wanted:
            del self.fields[name]

    @property
    def subjects(self) -> list[str]:
        """Words offered for the subject; others may be typed."""
        return list(dict.fromkeys(subject for of_stage in BY_STAGE.values() for subject in of_stage))


class AccountForm(forms.Form):
    """The name somebody signs in with."""

    username = forms.RegexField(
        r"^[A-Za-z0-9._@+-]{3,60}$",
        label=_("账号"),
        max_length=60,
        help_text=_("字母、数字和 . _ - 组成，3–60 个字符。也可以用手机号登录。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"invalid": _("账号只能用字母、数字和 . _ - @ +,3–60 个字符。")},
    )


class ReasonForm(forms.Form):
    """Why something out of the ordinary is done; it stands in the log."""

    because = forms.CharField(
        label=_("原因"), min_length=5, max_length=200, widget=forms.Textarea(attrs={"rows": 2, "maxlength": 200})
    )


class SearchForm(forms.Form):
    """A name."""

    q = forms.CharField(
        label=_("姓名"), max_length=30, required=False, widget=forms.SearchInput(attrs={"placeholder": _("按姓名查找")})
    )


class StaffSearchForm(SearchForm):
    """A name or number, a post, whether an account is missing."""

    post = forms.ChoiceField(label=_("职务"), required=False, choices=[("", _("全部职务")), *PostCode.choices])
    no_account = forms.BooleanField(label=_("还没有账号"), required=False)


class RightsForm(forms.Form):
    """What an adult may do for a child."""

    sees_data = forms.BooleanField(label=_("可看孩子资料"), required=False)
    gets_notices = forms.BooleanField(label=_("接收通知"), required=False)
    may_sign = forms.BooleanField(label=_("可签字"), required=False)


class EndForm(forms.Form):
    """Why an adult is no longer a child's, if it is to be written down."""

    because = forms.CharField(label=_("原因(可不填)"), max_length=200, required=False)
