"""Forms of flags."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from koumen.registry.models import Flag, Staff
from koumen.registry.presets import categories


class FlagForm(forms.Form):
    """A category, where it is known from, and on what grounds."""

    category = forms.ChoiceField(label=_("类别"))
    source = forms.ChoiceField(
        label=_("怎么知道的"),
        choices=[c for c in Flag.Source.choices if c[0] != Flag.Source.IMPORT],
        widget=forms.RadioSelect,
        initial=Flag.Source.TEACHER,
    )
    because = forms.CharField(
        label=_("依据"), max_length=200, help_text=_("例如：家访了解到、家长提供了证明。用中性的话。")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["category"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [("", _("请选择")), *categories.choices()]


class WhyForm(forms.Form):
    """A word on why."""

    because = forms.CharField(label=_("说明"), max_length=200, required=False)


class FlagReaderForm(forms.Form):
    """Who may read a child's sealed categories, and why."""

    staff = forms.ModelChoiceField(label=_("知情人"), queryset=Staff.objects.none(), empty_label=_("请选择"))
    because = forms.CharField(label=_("为什么需要知道"), max_length=200)

    def __init__(self, *args: Any, colleagues: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff = self.fields["staff"]
        assert isinstance(staff, forms.ModelChoiceField)
        staff.queryset = colleagues
