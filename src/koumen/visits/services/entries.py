"""What somebody wrote about a visit, as one value: compared, hashed, kept."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from typing import Any

from django.utils.translation import gettext as _

from koumen.core import clock
from koumen.core.expressions import Value
from koumen.core.refusals import Invalid
from koumen.registry.models import Staff, Student
from koumen.visits.models import QuestionForm, VisitRecord, VisitStaff, VisitStudent

LONGEST_HOURS = 8
# attributes of an entry that stand in the record under the same name
PLAIN = (
    "met_relation", "also_met", "topics", "purposes", "content", "family_words", "opinion", "problem_categories",
    "problem", "measures", "materials", "next_step", "follow_up_on", "reflection", "fallback_reason", "satisfaction",
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """The answers of a record's form. Only the first six are asked of everybody."""

    met_relation: str
    mode: str
    topics: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    students: tuple[Student, ...]
    companions: tuple[Staff, ...] = ()
    also_met: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    content: str = ""
    family_words: str = ""
    opinion: str = ""
    problem_categories: tuple[str, ...] = ()
    problem: str = ""
    measures: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    next_step: str = ""
    follow_up_on: date | None = None
    reflection: str = ""
    fallback_reason: str = ""
    satisfaction: int | None = None
    question_form: QuestionForm | None = None  # the campaign's own questions, as this version asks them
    answers: Mapping[str, Value] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The same value whatever the order of taps: lists are sorted, moments are in UTC.

        Who was met is one code, or a list when they were several: a record of one person reads as it always did.
        So does one without answers to a campaign's questions.
        """
        unsaid = {"also_met"} | (set() if self.answers else {"question_form", "answers"})
        said = {f.name: _plain(getattr(self, f.name)) for f in fields(self) if f.name not in unsaid}
        return said | ({"met_relation": sorted(self.met)} if self.also_met else {})

    @property
    def met(self) -> tuple[str, ...]:
        """The relations of everybody who was met."""
        return (self.met_relation, *self.also_met)

    def digest(self) -> str:
        """SHA-256 of the content: equal for equal content, whoever sends it."""
        text = json.dumps(self.as_json(), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def check(self) -> None:
        """Raises Invalid for times that cannot be, and for a visit about nobody."""
        if self.ends_at <= self.starts_at:
            raise Invalid(_("结束时间要晚于开始时间，请改一下。"))
        if (self.ends_at - self.starts_at).total_seconds() > LONGEST_HOURS * 3600:
            raise Invalid(_("一次家访不超过 8 小时，请核对开始和结束时间。"))
        if self.starts_at > clock.now():
            raise Invalid(_("开始时间还没有到，请在家访之后再记录。"))
        if not self.students:
            raise Invalid(_("请至少勾选一个孩子。"))


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return sorted(v.pk if isinstance(v, Student | Staff) else v for v in value)
    if isinstance(value, QuestionForm):
        return value.pk
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="minutes")
    return value.isoformat() if isinstance(value, date) else value


def from_json(kept: dict[str, Any], known: QuestionForm | None = None) -> Entry:
    """A kept version, read back; without its people, who are kept as numbers only. `known` is asked for no more."""
    first, *others = met if isinstance(met := kept["met_relation"], list) else [met]
    plain: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in kept.items()}
    moments = {k: datetime.fromisoformat(kept[k]) for k in ("starts_at", "ends_at")}
    day = date.fromisoformat(kept["follow_up_on"]) if kept.get("follow_up_on") else None
    people: dict[str, Any] = {"students": (), "companions": ()}
    met_them: dict[str, Any] = {"met_relation": first, "also_met": tuple(others)}
    asked = kept.get("question_form")
    form = known if known and known.pk == asked else QuestionForm.objects.filter(pk=asked).first() if asked else None
    return Entry(**(plain | people | moments | met_them | {"follow_up_on": day, "question_form": form}))


def entry_of(record: VisitRecord) -> Entry:
    """What a record says now."""
    visit = record.visit
    return _entry(record, visit.students.select_related("student"), visit.companions.select_related("staff"))


def entry_at_hand(record: VisitRecord) -> Entry:
    """The same, asking nothing: for many records, whose visits were read with `students__student` and
    `companions__staff`.
    """
    return _entry(record, record.visit.students.all(), record.visit.companions.all())


def _entry(record: VisitRecord, students: Iterable[VisitStudent], companions: Iterable[VisitStaff]) -> Entry:
    visit = record.visit
    assert visit.starts_at is not None
    assert visit.ends_at is not None
    said = {name: getattr(record, name) for name in PLAIN}
    lists = {name: tuple(value) for name, value in said.items() if isinstance(value, list)}
    return Entry(
        mode=visit.mode,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        students=tuple(row.student for row in students),
        companions=tuple(row.staff for row in companions),
        question_form=record.question_form if record.answers else None,
        answers=record.answers,
        **(said | lists),
    )
