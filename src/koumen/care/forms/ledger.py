"""Forms of the ledger and of lists with names."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from koumen.care.queries import ledger as queries
from koumen.care.queries.tasks import owners
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.models import SchoolClass
from koumen.registry.presets.categories import CATEGORIES

STATES = [("open", _("未办结")), ("closed", _("已办结")), ("all", _("全部"))]


def _classes(actor: Actor) -> Any:
    rows = SchoolClass.objects.visible_to(actor).select_related("grade")
    if actor.holds("moral_office"):
        return rows
    return rows.filter(pk__in=actor.units("class", "class_teacher"))


class LedgerFilters(forms.Form):
    """What of the ledger is shown; a wrong value is no filter."""

    state = forms.ChoiceField(label=_("状态"), choices=STATES, required=False)
    grade = forms.TypedChoiceField(label=_("年级"), required=False, coerce=int, empty_value=None)
    school_class = forms.TypedChoiceField(label=_("班级"), required=False, coerce=int, empty_value=None)
    category = forms.ChoiceField(label=_("类别"), required=False)
    owner: Any = forms.ModelChoiceField(label=_("责任人"), queryset=None, required=False, empty_label=_("全部"))
    overdue = forms.BooleanField(label=_("只看逾期"), required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        classes = list(_classes(actor))
        owner: Any = self.fields["owner"]
        owner.queryset = queries.owners(actor)
        shown = [(c.code, c.name) for c in CATEGORIES.values() if c.code not in queries.SEALED_CODES]
        self._offer("category", _("全部类别"), shown)
        self._offer("school_class", _("全部班级"), [(c.pk, c.name) for c in classes])
        self._offer("grade", _("全部年级"), list({c.grade_id: c.grade.name for c in classes}.items()))

    def _offer(self, name: str, everything: Any, choices: list[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", everything), *choices]

    def filters(self) -> queries.Filters:
        """The filters that make sense."""
        self.is_valid()
        told = self.cleaned_data
        owner = told.get("owner")
        return queries.Filters(
            state=told.get("state") or "open",
            grade=told.get("grade"),
            school_class=told.get("school_class"),
            category=told.get("category") or "",
            owner=owner.pk if owner else None,
            overdue=bool(told.get("overdue")),
        )


class ReasonForm(forms.Form):
    """For what a list with names is taken along."""

    because = forms.CharField(
        label=_("依据和用途"), max_length=300, min_length=5, help_text=_("例如：开德育例会用，会后删除。")
    )


class ResultForm(forms.Form):
    """How a problem was dealt with, or why it is taken up again."""

    result = forms.CharField(label=_("办结情况"), max_length=500, widget=forms.Textarea({"rows": 3}))


class HandForm(forms.Form):
    """Who sees to a problem, until when."""

    owner: Any = forms.ModelChoiceField(label=_("责任人"), queryset=None)
    due = forms.DateField(label=_("办结期限"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["owner"]
        owner.queryset = owners()

    def clean_due(self) -> Any:
        """Not a day that is past."""
        due = self.cleaned_data["due"]
        if due < clock.today():
            raise forms.ValidationError(_("办结期限不能早于今天。"))
        return due
