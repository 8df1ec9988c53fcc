"""Forms of 强制报告."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from koumen.care.presets.harm import Situation
from koumen.care.queries.tasks import owners
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.models import SchoolClass, Student


class HarmForm(forms.Form):
    """What was noticed, about which child. Any child of the school: by class and whole name."""

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    record_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    school_class: Any = forms.ModelChoiceField(label=_("班级"), queryset=None)
    name = forms.CharField(label=_("学生姓名"), max_length=60)
    kind = forms.ChoiceField(label=_("情形"), choices=Situation.choices, widget=forms.RadioSelect)
    what = forms.CharField(
        label=_("看到或听到的"),
        max_length=2000,
        widget=forms.Textarea({"rows": 6}),
        help_text=_("原话照写，不用判断真假，不要再去问孩子。"),
    )
    found_at = forms.DateTimeField(
        label=_("发现时间"), widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M")
    )
    concerns: Any = forms.ModelChoiceField(
        label=_("涉及本校的人"), queryset=None, required=False, empty_label=_("不涉及"),
        help_text=_("选了谁，谁就看不到这份报告。"),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, child: Student | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        self.child = child
        if child is not None:  # known from the page it was pressed on
            del fields["school_class"], fields["name"]
        else:
            fields["school_class"].queryset = SchoolClass.objects.filter(is_open=True)
        fields["concerns"].queryset = owners().exclude(pk=actor.member_id or 0)
        self.initial.setdefault("found_at", clock.local(clock.now()))

    def clean(self) -> dict[str, Any]:
        """Find the child."""
        told: dict[str, Any] = super().clean() or {}
        if self.child is None and told.get("name") and told.get("school_class"):
            found = list(Student.objects.filter(school_class=told["school_class"], name=told["name"].strip())[:2])
            if len(found) == 1:
                self.child = found[0]
            elif found:
                self.add_error("name", _("班里有同名学生，请从学生页面进入报告。"))
            else:
                self.add_error("name", _("这个班没有这个姓名的学生，请核对。"))
        return told


class StepForm(forms.Form):
    """A step of the checklist."""

    step = forms.CharField(widget=forms.HiddenInput, max_length=20)
    note = forms.CharField(label=_("找了谁、几点、怎么答复"), max_length=1000)


class PersonForm(forms.Form):
    """One more person who must know."""

    staff: Any = forms.ModelChoiceField(label=_("知情人"), queryset=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["staff"].queryset = owners()
