"""A campaign's own questions on a page: below a record's form, and alone as a preview."""

from collections.abc import Mapping
from datetime import date
from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from koumen.core import clock
from koumen.core.expressions import Value
from koumen.visits.models import QuestionForm
from koumen.visits.models.questions import shown
from koumen.visits.services.answers import LONGEST_TEXT, review, strangers

PREFIX = "q_"  # the names of our fields on the page: apart from the record's own


class Asked(forms.Field):
    """One question. What may be answered is decided by `services.answers`, the same way as on phones."""

    def __init__(self, question: Mapping[str, Any]) -> None:
        self.question = question
        super().__init__(
            label=shown(dict(question)),
            help_text=shown(dict(question), "hint"),
            required=question["required"],
            widget=_widget(question),
        )

    def clean(self, value: Any) -> Value:
        """As it was sent, bounded: a text, or a list of the names of choices."""
        if isinstance(value, list):
            return [str(one)[:40] for one in value[:200]]
        return str(value or "")[: LONGEST_TEXT + 1]


def _widget(question: Mapping[str, Any]) -> forms.Widget:
    choices = [(name, shown({"label": label, "label_en": other})) for name, label, other in question["choices"]]
    match question["type"]:
        case "select_one":
            return forms.RadioSelect(choices=choices)
        case "select_multiple":
            return forms.CheckboxSelectMultiple(choices=choices)
        case "date":
            return forms.DateInput({"type": "date"}, "%Y-%m-%d")
        case "integer" | "decimal":
            mode = "numeric" if question["type"] == "integer" else "decimal"
            return forms.TextInput({"inputmode": mode, "maxlength": 20, "autocomplete": "off"})
    return forms.Textarea({"rows": 2, "maxlength": LONGEST_TEXT})


class AskedForm(forms.Form):
    """A form with a campaign's own questions, where there are any.

    `questions` is the version asked. `given`, from a phone, replaces what the page's fields hold, and is taken
    strictly: an answer to no question, or to one that is not asked after the others, is a fault. A page drops it.
    """

    asked_by = forms.IntegerField(required=False, widget=forms.HiddenInput, label=gettext_lazy("专项问题"))

    def __init__(
        self, *args: Any, questions: QuestionForm | None = None, given: Mapping[str, Value] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.asks, self.given = questions, given
        self.answers: dict[str, Value] = {}
        self.answer_faults: dict[str, str] = {}
        for question in questions.questions if questions else []:
            if question["type"] != "note":
                self.fields[PREFIX + question["name"]] = Asked(question)
        if questions is not None:
            self.initial["asked_by"] = questions.pk

    def review_answers(self, day: date) -> None:
        """Which answers count, and what is wrong with them. `day` is the day of the visit."""
        if self.asks is None and not self.given:
            return
        asked = self.asks.questions if self.asks else []
        typed = {one["name"]: self.cleaned_data.get(PREFIX + one["name"], "") for one in asked}
        found = review(asked, typed if self.given is None else self.given, day)
        self.answers, self.answer_faults = found.answers, found.faults
        if self.given is not None:
            self.answer_faults = found.faults | strangers(asked, self.given, found.shown)
        for name, sentence in self.answer_faults.items():
            self.add_error(PREFIX + name if PREFIX + name in self.fields else None, sentence)

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """The questions by heading, in their order; a note has no field."""
        if self.asks is None:
            return []
        found = []
        for number, some in groupby(self.asks.questions, lambda one: one["group"]):
            head = shown(self.asks.groups[number - 1]) if number else ""
            rows = [
                {"name": q["name"], "note": shown(q) if q["type"] == "note" else "", "hint": shown(q, "hint")}
                | ({} if q["type"] == "note" else {"field": self[PREFIX + q["name"]]})
                | {"kind": "buttons" if q["choices"] else ""}
                for q in some
            ]
            found.append({"head": head, "rows": rows})
        return found

    @property
    def told(self) -> dict[str, Any]:
        """What the page's script needs to know."""
        return {"questions": self.asks.questions if self.asks else [], "today": clock.today().isoformat()}


class UploadQuestionsForm(forms.Form):
    """A workbook of questions."""

    file = forms.FileField(
        label=gettext_lazy("题目表格"),
        max_length=200,
        help_text=gettext_lazy("XLSForm 格式的 Excel(.xlsx)，不超过 1 MB。请从模板开始写。"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        error_messages={
            "required": gettext_lazy("请选择要上传的文件。"),
            "empty": gettext_lazy("文件是空的，请重新选择。"),
        },
    )


def named(answers: Mapping[str, Value]) -> dict[str, Value]:
    """Answers by the names of a page's fields."""
    return {PREFIX + name: value for name, value in answers.items()}
