"""个案摘编: written from a case, checked, read by a second person, agreed to by the family; withdrawn at once."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from koumen.care.models import Case, Extract
from koumen.care.policies.extracts import (
    CONSENT,
    may_consent,
    may_extract,
    may_second_read,
    may_take_back,
    may_write,
    tie_of,
)
from koumen.care.presets.extracts import LEAST_ALIKE, LONGEST_TEXT
from koumen.care.queries import extracts as queries
from koumen.care.queries.identifiers import Found, identifiers
from koumen.care.services.tasks import give, settle
from koumen.core import clock, links
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.refusals import Conflict, Invalid
from koumen.core.words import for_others, listed
from koumen.registry.models import Guardianship, Staff
from koumen.registry.presets import categories
from koumen.registry.presets.categories import SEALED

LASTS = timedelta(days=365)  # a consent can be taken back for as long
READING = timedelta(days=7)
AROUND = 8  # signs shown on either side of what was found
State = Extract.State


@dataclass(frozen=True)
class Draft:
    """What is written: `nicknames` are blocked like names; `width` says among which children."""

    title: str
    text: str
    categories: list[str]
    width: str = Extract.Width.STAGE
    nicknames: str = ""


@action("extract.begin", may=may_extract)
def begin(case: Case, *, by: Actor) -> Extract:
    """A first text made of the case's facts, without a name, to be written on."""
    unit = case.student.school_class
    with for_others():
        text, stage = proposal(case), str(unit.grade.get_stage_display()) if unit else ""
    now = clock.now()
    return Extract.objects.create(
        case=case,
        title=_("未命名"),
        text=text,
        categories=[c for c in case.reasons if categories.sensitivity(c) < SEALED],
        stage=stage,
        made_by=Staff.objects.get(pk=by.member_id or 0),
        made_at=now,
        changed_at=now,
    )


def proposal(case: Case) -> str:
    """The bones of an extract: who (in general), what was seen, what was done, what came of it."""
    names = [categories.name(c) for c in case.reasons if categories.sensitivity(c) < SEALED]
    kinds = list(dict.fromkeys(str(m.get_kind_display()) for m in case.measures.all()))
    reviews = list(case.reviews.order_by("on", "pk"))
    unit = case.student.school_class
    parts = [
        _("一、基本情况\n该生是一名{stage}学生（{names}）。【写写孩子和家庭的情况，不写姓名、地名和日期】").format(
            stage=unit.grade.get_stage_display() if unit else "", names=listed(names) or _("需要关爱")
        ),
        _("二、我们看到的\n【写写家访中了解到的事】"),
        _("三、我们做的\n学校采取的措施：{kinds}。【写写怎么做的】").format(kinds=listed(kinds) or _("暂无")),
        _("四、效果\n{faces}。【写写变化】").format(
            faces=listed(str(r.get_face_display()) for r in reviews) or _("还没有评估")
        ),
        _("五、体会\n【写写可以让同事借鉴的】"),
    ]
    return "\n\n".join(parts)


@action("extract.write", may=may_write)
def write(extract: Extract, *, by: Actor, draft: Draft) -> Extract:
    """Keep the text and check it. A changed text loses its reading and its consent; links to the old one end.

    It comes to 待第二人审读 when nothing gives anybody away and enough children could be meant, else it stays a draft
    and the report says why. Raises Invalid for a text that is empty or too long.
    """
    _require_fit(draft)
    row = (
        Extract.objects.select_for_update(of=("self",))
        .select_related("case__student__school_class__grade")
        .get(pk=extract.pk)
    )
    told = sorted({c for c in draft.categories if c in categories.CATEGORIES})
    same = (row.title, row.text, row.categories, row.width, row.nicknames) == (
        draft.title.strip(), draft.text.strip(), told, draft.width, draft.nicknames.strip(),
    )  # fmt: skip
    if same and row.state in (State.READ, State.READY):
        return row
    row.title, row.text, row.categories = draft.title.strip(), draft.text.strip(), told
    row.width, row.nicknames, row.changed_at = draft.width, draft.nicknames.strip(), clock.now()
    row.report = check(row, by).kept()
    row.state = State.CHECKED if row.report["is_clean"] else State.DRAFT
    row.reader, row.read_at, row.consent_by, row.consent_at = None, None, None, None
    row.save()
    links.end(CONSENT, object_id=row.pk)
    settle("extract", row.pk, sentence=_("正文改过了"), is_done=False)
    return row


def _require_fit(draft: Draft) -> None:
    if not draft.title.strip() or not draft.text.strip():
        raise Invalid(_("请写上题目和正文。"))
    if len(draft.text) > LONGEST_TEXT:
        raise Invalid(_("正文最多 8000 字，请精简一些。"))
    if draft.width not in Extract.Width.values:
        raise Invalid(_("请选一下说到多细。"))


@dataclass(frozen=True)
class Report:
    """What the workbench shows. What was found is shown and never stored: it holds the very names."""

    found: list[tuple[str, Found, str]]  # the signs before, what was found, the signs after
    alike: int
    sealed: list[str]
    is_unwritten: bool  # places to fill in are left
    wider: queries.Wider | None

    @property
    def is_clean(self) -> bool:
        return not (self.found or self.sealed or self.is_unwritten) and self.alike >= LEAST_ALIKE

    def kept(self) -> dict[str, Any]:
        """What of it is stored: numbers."""
        kinds = Counter(str(f.kind) for _before, f, _after in self.found)
        return {"kinds": dict(kinds), "alike": self.alike, "is_clean": self.is_clean}


def check(extract: Extract, by: Actor) -> Report:
    """Everything that gives somebody away, and the number of children it could be about."""
    nicknames = tuple(line.strip() for line in extract.nicknames.splitlines() if line.strip())
    known = queries.known_of(extract.case, by.org, nicknames)
    whole = f"{extract.title}\n{extract.text}"
    found = [
        (whole[max(0, f.start - AROUND) : f.start], f, whole[f.end : f.end + AROUND]) for f in identifiers(whole, known)
    ]
    count = queries.alike(extract.case, extract.width, extract.categories)
    enough = count >= LEAST_ALIKE
    return Report(
        found=found,
        alike=count,
        sealed=[c for c in extract.categories if categories.sensitivity(c) >= SEALED],
        is_unwritten="【" in whole,
        wider=None if enough else queries.wider(extract.case, extract.width, extract.categories),
    )


@action("extract.ask_reader", may=may_write)
def ask_reader(extract: Extract, *, by: Actor, reader: Staff) -> Extract:
    """Ask a colleague to read it. Raises Conflict unless it is checked, Invalid when it is the writer."""
    row = _locked(extract, State.CHECKED)
    if reader.pk == row.made_by_id or not queries.readers(row).filter(pk=reader.pk).exists():
        raise Invalid(_("请选另一位在职的同事。"))
    row.reader = reader
    row.save(update_fields=["reader"])
    due = clock.today() + READING
    with for_others():
        give(reader, by=by, title=_("审读一篇个案摘编"), due=due, about="extract", about_id=row.pk)
    return row


@action("extract.read", may=may_second_read)
def second_read(extract: Extract, *, by: Actor, is_fine: bool, because: str = "") -> Extract:
    """The second reader finds nothing that gives anybody away, or says what does. Checked once more on the way.

    Raises Invalid when it is given back without a word, Conflict when the text is not the one checked any more.
    """
    row = _locked(extract, State.CHECKED)
    if not is_fine and not because.strip():
        raise Invalid(_("请写一句哪里看得出是谁。"))
    row.report = check(row, by).kept() | {"reader_said": because.strip()[:300]}
    fine = is_fine and row.report["is_clean"]
    row.state = State.READ if fine else State.DRAFT
    row.read_at = clock.now() if fine else None
    row.save()
    settle("extract", row.pk, sentence=because.strip() or _("审读过了"))
    return row


@action("extract.ask_consent", may=may_write)
def ask_consent(extract: Extract, *, by: Actor, address: Callable[[str], str]) -> list[tuple[Guardianship, str]]:
    """A fresh link for every adult who may sign for the child; earlier ones end. Raises Conflict before it is read."""
    row = _locked(extract, State.READ)
    links.end(CONSENT, object_id=row.pk)
    ties = Guardianship.objects.filter(student=row.case.student_id, ends=None, is_guardian=True, may_sign=True)
    return [
        (tie, address(links.issue(CONSENT, person_id=tie.guardian_id, object_id=row.pk, lasts=LASTS)))
        for tie in ties.select_related("guardian").order_by("order", "pk")
    ]


@action("extract.consent", may=may_consent)
def consent(extract: Extract, *, by: Actor, shown: str) -> Extract:
    """The family agrees to the words it was shown. Raises Conflict when they changed meanwhile."""
    row = Extract.objects.select_for_update().get(pk=extract.pk)
    if row.state == State.READY:
        return row
    if row.state != State.READ or row.changed_at.isoformat() != shown:
        raise Conflict(_("这篇文字刚改过，改好后老师会再请您看。"))
    tie = tie_of(row, by.visitor.person_id if by.visitor else None)
    row.state, row.consent_at = State.READY, clock.now()
    row.consent_by = tie.guardian if tie else None
    row.save(update_fields=["state", "consent_at", "consent_by"])
    return row


@action("extract.withdraw", may=may_take_back)
def withdraw(extract: Extract, *, by: Actor, because: str = "") -> Extract:
    """Out of every list at once; the family needs no reason. Safe to repeat."""
    row = Extract.objects.select_for_update().get(pk=extract.pk)
    if row.state == State.WITHDRAWN:
        return row
    row.state, row.withdrawn_at = State.WITHDRAWN, clock.now()
    row.withdrawn_because = because.strip()[:200] or (_("家长不同意公开") if by.visitor else "")
    row.save(update_fields=["state", "withdrawn_at", "withdrawn_because"])
    settle("extract", row.pk, sentence=_("已撤回"), is_done=False)
    return row


def _locked(extract: Extract, state: str) -> Extract:
    row = Extract.objects.select_for_update(of=("self",)).get(pk=extract.pk)
    if row.state != state:
        raise Conflict(_("这篇摘编现在是“{state}”，这一步做不了。").format(state=row.get_state_display()))
    return row
