"""Forms of extracts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from koumen.care.models import Extract
from koumen.care.presets.extracts import LONGEST_TEXT
from koumen.registry.models import Staff
from koumen.registry.presets import categories
from koumen.registry.presets.categories import SEALED


class ExtractForm(forms.Form):
    """The text, and how closely the child is described."""

    title = forms.CharField(label=_("题目"), max_length=80)
    text = forms.CharField(label=_("正文"), max_length=LONGEST_TEXT, widget=forms.Textarea({"rows": 18}))
    categories = forms.MultipleChoiceField(
        label=_("写明的类别"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("受限类别不能写进摘编。"),
    )
    width = forms.ChoiceField(
        label=_("说到多细"),
        choices=Extract.Width.choices,
        widget=forms.RadioSelect,
        help_text=_("读者知道孩子在哪个范围里。"),
    )
    nicknames = forms.CharField(
        label=_("小名和绰号"),
        max_length=300,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("一行一个，检查时和姓名一样拦下。不会给别人看。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = self.fields["categories"]
        assert isinstance(choices, forms.MultipleChoiceField)
        choices.choices = [(code, name) for code, name in categories.choices() if categories.sensitivity(code) < SEALED]


class ReaderForm(forms.Form):
    """Who reads it second."""

    reader = forms.ModelChoiceField(label=_("请谁审读"), queryset=Staff.objects.none(), empty_label=_("请选择"))

    def __init__(self, *args: Any, readers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reader = self.fields["reader"]
        assert isinstance(reader, forms.ModelChoiceField)
        reader.queryset = readers


class WordForm(forms.Form):
    """What the second reader says, or why it is withdrawn."""

    because = forms.CharField(label=_("一句话"), max_length=300, required=False)
