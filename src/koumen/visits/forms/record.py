"""The record's form: three answers are asked, everything else is optional."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koumen.care.presets.measures import FOUR
from koumen.core import clock
from koumen.registry.models import Guardianship, Staff, Student
from koumen.registry.presets.categories import CATEGORIES, SEALED
from koumen.registry.presets.codes import RELATIONS
from koumen.visits.forms.questions import AskedForm, named
from koumen.visits.models import Mode, Visit
from koumen.visits.presets.record import Fallback, Material, Satisfaction
from koumen.visits.presets.topics import Purpose, Topic
from koumen.visits.services.entries import PLAIN, Entry

Choice = tuple[str, "str | Promise"]
# offered below the child's own guardians; the rest of GB/T 4761 appears when it is on file
USUAL_RELATIONS = ("51", "52", "61", "62", "63", "64", "97", "99")
USUAL_MINUTES = 30
EARLIEST_YEAR = 2000


@dataclass(frozen=True)
class Around:
    """The people a record's form offers."""

    children: list[Student]
    guardians: list[Guardianship]
    staff: list[Staff] = field(default_factory=list)

    def relations(self) -> list[Choice]:
        """The child's guardians by name first, then the usual relations."""
        known: list[Choice] = [
            (g.relation, f"{RELATIONS.get(g.relation, g.relation)} · {g.guardian.name}") for g in self.guardians
        ]
        taken = {code for code, _label in known}
        return known + [(code, word) for code, word in known_relations() if code not in taken]


def known_relations() -> list[Choice]:
    """The relations offered to everybody, below the child's own guardians."""
    return [(code, RELATIONS[code]) for code in USUAL_RELATIONS]


def problem_choices() -> list[Choice]:
    """Categories a visitor may tick; sealed ones are never written into a record."""
    return [(c.code, c.name) for c in CATEGORIES.values() if c.sensitivity < SEALED and not c.code.startswith("F")]


def _chips(label: Any, choices: Any, **options: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple, **options
    )


def _text(label: Any, longest: int, help_text: Any = "", rows: int = 2) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=longest, required=False, widget=area, help_text=help_text)


class RecordForm(AskedForm):
    """家访记录. `around` is who can be chosen; `entry()` gives the typed answers."""

    # A hidden text box, not a hidden input: the page's draft keeps it with the words it names.
    record_id = forms.UUIDField(widget=forms.TextInput(attrs={"hidden": True, "autocomplete": "off"}))
    version = forms.IntegerField(required=False, min_value=1, max_value=32_000, widget=forms.HiddenInput)
    met_relation = forms.MultipleChoiceField(
        label=gettext_lazy("见到了谁"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("请点一下见到了谁。")},
    )
    mode = forms.ChoiceField(label=gettext_lazy("家访方式"), choices=Mode.choices, widget=forms.RadioSelect)
    topics = forms.MultipleChoiceField(
        label=gettext_lazy("交流内容"),
        choices=Topic.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("请至少点一项交流内容。")},
    )
    content = _text(gettext_lazy("交流情况"), 2000, gettext_lazy("一句话就够，也可以不写。"))
    visit_date = forms.DateField(label=gettext_lazy("日期"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    starts = forms.TimeField(label=gettext_lazy("开始"), widget=forms.TimeInput({"type": "time"}, "%H:%M"))
    ends = forms.TimeField(label=gettext_lazy("结束"), widget=forms.TimeInput({"type": "time"}, "%H:%M"))
    students = forms.MultipleChoiceField(
        label=gettext_lazy("孩子"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("同一家的孩子一次家访都算。"),
        error_messages={"required": gettext_lazy("请至少勾选一个孩子。")},
    )
    companions = _chips(gettext_lazy("同行老师"), [])
    fallback_reason = forms.ChoiceField(
        label=gettext_lazy("未入户原因"),
        choices=[("", gettext_lazy("不填")), *Fallback.choices],
        required=False,
    )
    family_words = _text(gettext_lazy("家长的话"), 2000)
    opinion = _text(gettext_lazy("意见建议"), 2000, gettext_lazy("家长对学校、教学、食堂等的意见，会计入本月统计。"))
    problem_categories = _chips(gettext_lazy("发现的困难"), problem_choices)
    problem = _text(gettext_lazy("困难说明"), 1000)
    measures = _chips(gettext_lazy("商定的帮扶"), [(one.value, one.label) for one in FOUR])
    next_step = forms.CharField(label=gettext_lazy("下一步"), max_length=300, required=False)
    follow_up_on = forms.DateField(
        label=gettext_lazy("随访日期"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    satisfaction = forms.TypedChoiceField(
        label=gettext_lazy("家长满意度"),
        choices=[*Satisfaction.choices],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    purposes = _chips(gettext_lazy("家访目的"), Purpose.choices)
    materials = _chips(gettext_lazy("发放材料"), Material.choices)
    reflection = _text(gettext_lazy("访后分析"), 2000)

    def __init__(self, *args: Any, around: Around, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.around = around
        self.choose("met_relation", around.relations())
        self.choose("students", [(str(s.pk), f"{s.name}({s.school_class})") for s in around.children])
        self.choose("companions", [(str(s.pk), s.name) for s in around.staff])

    def choose(self, name: str, choices: list[Any]) -> None:
        """Offer these choices for one question."""
        asked = self.fields[name]
        assert isinstance(asked, forms.ChoiceField)
        asked.choices = choices

    @property
    def when(self) -> str:
        """The prefilled (or typed) time on one line."""
        day, start, end = (self[name].value() for name in ("visit_date", "starts", "ends"))
        shown = formats.date_format(day, _("n月j日")) if isinstance(day, date) else day or ""
        return f"{shown} {_clock(start)}–{_clock(end)}"

    @property
    def mode_word(self) -> str:
        """The prefilled (or chosen) mode in words."""
        return str(dict(Mode.choices).get(self["mode"].value(), ""))

    def clean(self) -> dict[str, Any]:
        """Times that cannot be are named at the time."""
        data = super().clean() or {}
        start, end = self._moments(data)
        if data.get("visit_date") and data["visit_date"].year < EARLIEST_YEAR:
            self.add_error("visit_date", _("这个日期太早了，请核对年份。"))
        if start and end and end <= start:
            self.add_error("ends", _("结束时间要晚于开始时间，请改一下。"))
        if start and start > clock.now():
            self.add_error("visit_date", _("这个时间还没有到，请在家访之后再记录。"))
        if start and start < clock.now() - timedelta(days=400):
            self.add_error("visit_date", _("这个日期太早了，请核对年份。"))
        if data.get("follow_up_on") and start and data["follow_up_on"] < clock.local(start).date():
            self.add_error("follow_up_on", _("随访日期要在家访之后。"))
        self.review_answers(data.get("visit_date") or clock.today())
        return data

    def _moments(self, data: dict[str, Any]) -> tuple[datetime | None, datetime | None]:
        day, start, end = data.get("visit_date"), data.get("starts"), data.get("ends")
        if not (day and start and end) or day.year < EARLIEST_YEAR:
            return None, None
        return datetime.combine(day, start, clock.ZONE), datetime.combine(day, end, clock.ZONE)

    def entry(self) -> Entry:
        """The answers, typed. Only of a valid form."""
        data = self.cleaned_data
        start, end = self._moments(data)
        assert start is not None
        assert end is not None
        first, *others = sorted(set(data["met_relation"]))
        data = data | {"met_relation": first, "also_met": others}
        said: dict[str, Any] = {n: tuple(v) if isinstance(v := data[n], list) else v for n in PLAIN}
        return Entry(
            mode=data["mode"],
            starts_at=start,
            ends_at=end,
            students=tuple(s for s in self.around.children if str(s.pk) in data["students"]),
            companions=tuple(s for s in self.around.staff if str(s.pk) in data["companions"]),
            question_form=self.asks if self.answers else None,
            answers=self.answers,
            **said,
        )


def _clock(value: Any) -> str:
    return f"{value:%H:%M}" if isinstance(value, time) else str(value or "")


def fresh(visit: Visit | None, children: list[Student], mode: str = "") -> dict[str, Any]:
    """What the form says before anybody types: the plan's mode and time, else now; an id made for this page."""
    now = clock.local(clock.now())
    begun = clock.local(visit.starts_at) if visit and visit.starts_at and visit.starts_at <= now else None
    planned = visit is not None and begun is not None and visit.ends_at is not None
    end = clock.local(visit.ends_at) if planned and visit and visit.ends_at else now
    start = begun or _earlier(now)
    return {
        "record_id": str(uuid4()),
        "mode": mode or (visit.mode if visit else Mode.DOOR),
        "visit_date": start.date(),
        "starts": start.time(),
        "ends": end.time() if end.date() == start.date() and end > start else _later(start).time(),
        "students": [str(s.pk) for s in children],
        "companions": [str(c.staff_id) for c in visit.companions.all()] if visit else [],
    }


def _earlier(moment: datetime) -> datetime:
    """Half an hour ago, but not yesterday."""
    return max(moment - timedelta(minutes=USUAL_MINUTES), moment.replace(hour=0, minute=0))


def _later(moment: datetime) -> datetime:
    return min(moment + timedelta(minutes=USUAL_MINUTES), moment.replace(hour=23, minute=59))


def filled(entry: Entry) -> dict[str, Any]:
    """The form's answers for an entry written before."""
    start, end = clock.local(entry.starts_at), clock.local(entry.ends_at)
    said = {name: list(v) if isinstance(v := getattr(entry, name), tuple) else v for name in PLAIN}
    return said | {
        "met_relation": list(entry.met),
        "mode": entry.mode,
        "visit_date": start.date(),
        "starts": start.time(),
        "ends": end.time(),
        "students": [str(s.pk) for s in entry.students],
        "companions": [str(s.pk) for s in entry.companions],
        **named(entry.answers),
    }


class NotVisitedForm(forms.Form):
    """未访原因."""

    reason = forms.ChoiceField(
        label=gettext_lazy("未访原因"), choices=Visit.NotVisited.choices, widget=forms.RadioSelect
    )
    because = forms.CharField(label=gettext_lazy("说明"), max_length=200, required=False)
