"""One page, several records: what they have in common is written once, each one's own answers in its part."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from koumen.registry.models import Student
from koumen.visits.forms.questions import PREFIX
from koumen.visits.forms.record import Around, RecordForm, fresh
from koumen.visits.models import Mode, QuestionForm
from koumen.visits.queries.gatherings import Family

# What families at one place, or the children of one home, have in common.
TOGETHER = ("visit_date", "starts", "ends", "companions", "topics", "purposes", "content", "materials")
AT_HOME = (
    "visit_date", "starts", "ends", "companions", "mode", "fallback_reason", "met_relation", "topics", "purposes",
    "family_words", "opinion", "satisfaction", "materials",
)  # fmt: skip
# What the family said is counted once, whatever the number of its children.
ONCE = ("opinion", "satisfaction")


class CommonForm(RecordForm):
    """The answers that all parts share."""

    shared: Collection[str] = AT_HOME

    def __init__(self, *args: Any, around: Around, **kwargs: Any) -> None:
        super().__init__(*args, around=around, **kwargs)
        for name in [name for name in RecordForm.base_fields if name not in (*self.shared, "asked_by")]:
            del self.fields[name]


class GatheringForm(CommonForm):
    """A group visit: when, where, what about, and which families came."""

    shared = TOGETHER
    met_at = forms.CharField(label=gettext_lazy("地点"), max_length=60)
    came = forms.MultipleChoiceField(
        label=gettext_lazy("来了的家庭"),
        error_messages={"required": gettext_lazy("请至少勾选一家。")},
    )

    def __init__(self, *args: Any, families: Sequence[Family], around: Around, **kwargs: Any) -> None:
        super().__init__(*args, around=around, **kwargs)
        self.choose("came", [(str(one.household.pk), "、".join(one.names)) for one in families])


class PartForm(RecordForm):
    """One record of several. A part that is not `counted` keeps what was typed and is asked for nothing."""

    def __init__(self, *args: Any, around: Around, counted: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, around=around, **kwargs)
        self.counted = counted

    def full_clean(self) -> None:
        """Errors only where they matter."""
        super().full_clean()
        if not self.counted:
            self.errors.clear()


@dataclass(frozen=True)
class Part:
    """A part of the page: the family or child it is about, and its answers."""

    key: str
    form: PartForm
    children: list[Student]
    family: Family | None = None
    shown: UUID | None = None  # the planned visit that the page showed when it was opened

    @property
    def counted(self) -> bool:
        return self.form.counted


def spread(data: QueryDict, keys: Sequence[str], shared: Collection[str], fixed: dict[str, str]) -> QueryDict:
    """The page's answers as each part's own: the common ones go to all, what is counted once to the first."""
    whole = data.copy()
    for at, key in enumerate(keys):
        for name in shared:
            whole.setlist(f"{key}-{name}", data.getlist(name) if at == 0 or name not in ONCE else [])
        for name, value in fixed.items():
            whole[f"{key}-{name}"] = value
    return whole


def family_parts(
    families: Sequence[Family], data: QueryDict | None, staff: list[Any], asks: QuestionForm | None
) -> list[Part]:
    """A part for each family that may be written down here; those who came are asked for answers.

    `asks` is what the campaign asks of every family.
    """
    came = set(data.getlist("came")) if data is not None else set()
    keys = {one.household.pk: f"h{one.household.pk}" for one in families}
    whole = spread(data, list(keys.values()), TOGETHER, {"mode": Mode.GROUP}) if data is not None else None
    made = []
    for one in families:
        key, around = keys[one.household.pk], Around(one.children, one.guardians, staff)
        first = fresh(one.visit, one.children)
        counted = str(one.household.pk) in came
        form = PartForm(whole, prefix=key, initial=first, around=around, counted=counted, questions=asks)
        known = one.visit.pk if one.visit is not None else None
        made.append(Part(key, form, one.children, one, known if data is None else _uuid(data.get(f"{key}-visit"))))
    return made


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def child_parts(
    children: list[Student], data: QueryDict | None, around: Around, before: dict[str, Any] | None = None
) -> list[Part]:
    """A part for each child. `before` is what was typed on the one form for all: the first child's part goes on."""
    keys = [f"s{child.pk}" for child in children]
    whole = spread(data, keys, AT_HOME, {}) if data is not None else None
    made = []
    for at, (key, child) in enumerate(zip(keys, children, strict=True)):
        first = fresh(None, [child]) | (before or {} if at == 0 else {})
        if whole is not None:
            whole.setlist(f"{key}-students", [str(child.pk)])
        made.append(Part(key, PartForm(whole, prefix=key, initial=first, around=around), [child]))
    return made


def typed_before(data: QueryDict) -> dict[str, Any]:
    """What was typed on the one form for all, as the beginning of these."""
    found: dict[str, Any] = {}
    for name, asked in RecordForm.base_fields.items():
        if name in data and name not in ("students", "record_id", "version"):
            many = isinstance(asked, forms.MultipleChoiceField)
            found[name] = data.getlist(name) if many else data.get(name)
    for name in data:
        if name.startswith(PREFIX):
            found[name] = said if len(said := data.getlist(name)) > 1 else data.get(name)
    return found
