"""Forms of tasks."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from koumen.care.queries.tasks import owners
from koumen.care.services.tasks import LONGEST_SENTENCE
from koumen.registry.models import Staff


class SentenceForm(forms.Form):
    """A sentence: how it was done, what is missing, why it is dropped. `needed` says so when it is not there."""

    sentence = forms.CharField(label=_("一句话"), max_length=LONGEST_SENTENCE, required=False)

    def __init__(self, *args: Any, needed: Any = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sentence"].required = bool(needed)
        self.fields["sentence"].error_messages["required"] = needed


class TaskForm(forms.Form):
    """A task given by hand."""

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    title = forms.CharField(
        label=_("要做什么"), max_length=120, help_text=_("列表和提醒里会显示，请不写学生姓名和原因。")
    )
    owner = forms.ModelChoiceField(label=_("责任人"), queryset=Staff.objects.none(), empty_label=_("请选择"))
    due = forms.DateField(label=_("完成日期"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    needs_verifying = forms.BooleanField(label=_("办完后由我确认"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.queryset = owners()
