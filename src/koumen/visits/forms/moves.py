"""Choosing another outing for a visit."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from koumen.visits.queries.moves import OUT

Groups = list[tuple[str, list[tuple[str, str]]]]


__all__ = ["OUT", "MoveForm"]


class MoveForm(forms.Form):
    """`groups` are the choices under their headings; the values are names of outings, `class@slot`, or OUT."""

    to = forms.ChoiceField(
        label=gettext_lazy("移到哪次外出"),
        error_messages={
            "invalid_choice": gettext_lazy("没有这次外出，请重新选择。"),
            "required": gettext_lazy("请选择一次外出。"),
        },
    )

    def __init__(self, *args: Any, groups: Groups, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["to"]
        field.choices = [("", "---------"), *groups]
