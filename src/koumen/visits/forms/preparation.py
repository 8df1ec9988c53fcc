"""备课: chips and short lines, nothing asked for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from koumen.care.presets.measures import Kind
from koumen.visits.models import Preparation
from koumen.visits.models.preparation import LONGEST
from koumen.visits.presets.topics import Purpose
from koumen.visits.services.preparation import FIELDS


def _chips(label: Any, choices: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple)


def _line(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(label=label, max_length=LONGEST, required=False, help_text=help_text)


class PreparationForm(forms.Form):
    """What is meant to be done on a visit."""

    theme = forms.CharField(label=_("主题"), max_length=100, required=False)
    purposes = _chips(_("家访目的"), Purpose.choices)
    kinds = _chips(_("帮扶方向"), Kind.choices)
    own_words = _line(_("我想说的话"), _("如：先表扬上周帮同学搬书。"))
    goal = _line(_("目标"), _("这次希望和家长说定的一件事。"))
    bring = _line(_("带什么去"))
    involve = _line(_("请谁一起"), _("如心理老师、村干部；先征得家长同意。"))

    def __init__(self, *args: Any, known: Preparation | None, **kwargs: Any) -> None:
        initial = {name: getattr(known, name) for name in FIELDS} if known else {}
        super().__init__(*args, **({"initial": initial} | kwargs))


class AnswerForm(forms.Form):
    """One line about a child."""

    text = forms.CharField(label=_("一句话"), max_length=LONGEST, error_messages={"required": _("请写一句看到的事。")})
