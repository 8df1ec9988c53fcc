"""A case's way: proposed → opened → help under way → looked at → steady → closed by two persons, or taken up again.

One rule holds all along: a case that is opened or under way has an open measure with owner and day, or a recorded
decision not to act. `stand` keeps it; whoever ends a measure asks it.
"""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from koumen.care.models import Case, CaseNote, CaseReview, CaseSeat, HarmReport, Measure, Task
from koumen.care.policies.cases import is_program_in, may_work_on_case
from koumen.care.services.cases import seat
from koumen.care.services.tasks import ends, give, settle
from koumen.core import clock
from koumen.core.actor import Actor, OrgRef
from koumen.core.gate import action
from koumen.core.refusals import Conflict, Invalid
from koumen.core.words import for_others
from koumen.registry.models import Staff
from koumen.registry.presets.categories import CATEGORIES

State = Case.State
BEGUN = (State.OPEN, State.IN_PROGRESS)
LONGEST = 2000
ABOUT_TEAM = "case_team"  # tasks to renew a team


@dataclass(frozen=True)
class Particulars:
    """What is set about a case: everything of its first sheet."""

    level: int
    reasons: tuple[str, ...]
    why: str
    goals: str
    lead: Staff
    review_on: date | None


def locked(case: Case) -> Case:
    """The case as it stands, held until the action is over. Raises Conflict when it is over meanwhile."""
    row: Case = Case.objects.select_for_update(of=("self",)).select_related("lead").get(pk=case.pk)
    if not row.is_live:
        raise Conflict(_("这份一生一案已经撤档或转出，不能再改。"))
    return row


def saved(row: Case, *fields: str) -> Case:
    """Save these columns, and when."""
    row.changed_at = clock.now()
    row.save(update_fields=[*fields, "changed_at"])
    return row


def nameable(staff: Staff, row: Case) -> Staff:
    """Refuse somebody who has left, and whoever a report of suspected harm is about."""
    if not staff.is_active:
        raise Invalid(_("这位老师已不在职，请另选一位。"))
    if row.kind == Case.Kind.HARM and HarmReport.objects.filter(case=row, concerns=staff).exists():
        raise Invalid(_("这位老师不能参加这份档案，请另选一位。"))
    return staff


def not_past(day: date) -> date:
    """Refuse a day that is over."""
    if day < clock.today():
        raise Invalid(_("完成日期不能早于今天。"))
    return day


def stand(row: Case) -> None:
    """Set the state its measures call for, after one of them began or ended. Part of other actions.

    Without any left to do it is time to look at the effect; where none was ever done, it is a proposal again.
    """
    open_now = Measure.objects.open().filter(case=row).exists()
    if row.state in BEGUN and not open_now and not row.no_action:
        done = Measure.objects.filter(case=row, state=Measure.State.DONE).exists()
        row.state = State.REVIEW if done else State.PROPOSED
        saved(row, "state")


def opened(row: Case) -> None:
    """A person has said what is done: the proposal is a case. Part of other actions."""
    if row.state == State.PROPOSED:
        row.state = State.OPEN
        settle("case", row.pk, sentence=_("已建档。"))
    elif row.state in (State.REVIEW, State.STEADY) and Measure.objects.open().filter(case=row).exists():
        row.state = State.IN_PROGRESS


@action("case.confirm", may=may_work_on_case)
def confirm_case(case: Case, *, by: Actor) -> Case:
    """Open a proposal whose help is already agreed. Raises Invalid while there is neither help nor a decision."""
    row = locked(case)
    if row.state != State.PROPOSED:
        return row
    if not row.no_action and not Measure.objects.open().filter(case=row).exists():
        raise Invalid(_("建档前请至少加一项措施（写明责任人和完成日期），或写明暂不采取措施的理由。"))
    opened(row)
    return saved(row, "state")


@action("case.no_action", may=may_work_on_case)
def decide_not_to_act(case: Case, *, by: Actor, because: str) -> Case:
    """Record why nothing is done for now. Raises Invalid without a reason, Conflict while help is under way."""
    row = locked(case)
    if len(because.strip()) < 5 or len(because) > 300:
        raise Invalid(_("请写明暂不采取措施的理由（5 到 300 个字）。"))
    if Measure.objects.open().filter(case=row).exists():
        raise Conflict(_("还有正在进行的措施，请先办结或取消。"))
    row.no_action, row.no_action_at = because.strip(), clock.now()
    row.no_action_by = Staff.objects.get(pk=by.member_id or 0)
    opened(row)
    return saved(row, "no_action", "no_action_at", "no_action_by", "state")


@action("case.change", may=may_work_on_case)
def change_case(case: Case, *, by: Actor, to: Particulars) -> Case:
    """Set level, reasons, goals, lead and the day of the next review; the lead gets a task for that day.

    Raises Invalid for an empty reason, an unknown code, a lead who has left, a day that is past.
    """
    row = locked(case)
    codes = sorted(set(to.reasons))
    if not to.why.strip() or not codes or any(code not in CATEGORIES for code in codes):
        raise Invalid(_("请选建档类别，并写一下为什么建档。"))
    if to.level not in Case.Level.values or max(len(to.why), len(to.goals)) > LONGEST:
        raise Invalid
    if to.lead.pk != row.lead_id:
        _hand_lead(row, nameable(to.lead, row), by)
    row.level, row.reasons, row.why, row.goals = to.level, codes, to.why.strip(), to.goals.strip()
    _plan_review(row, to.review_on, by)
    return saved(row, "level", "reasons", "why", "goals", "lead", "review_on")


def _hand_lead(row: Case, staff: Staff, by: Actor) -> None:
    CaseSeat.objects.filter(case=row, part=CaseSeat.Part.LEAD).update(part=CaseSeat.Part.MEMBER)
    seat(row, staff, CaseSeat.Part.LEAD, by=by, on=clock.today())
    row.lead = staff
    for task in Task.objects.open().filter(about="case", about_id=str(row.pk)):
        task.owner = staff
        task.save(update_fields=["owner"])


def _plan_review(row: Case, day: date | None, by: Actor) -> None:
    """The day of the next review, as a task of the lead; another day replaces the task."""
    if day == row.review_on:
        return
    settle("case", row.pk, sentence=_("评估日期已改。"), is_done=False)
    row.review_on = not_past(day) if day else None
    if day and row.lead is not None and row.lead.is_active:
        with for_others():
            give(
                row.lead,
                by=by,
                title=_("评估一生一案 %(code)s 的效果") % {"code": row.code},
                due=day,
                about="case",
                about_id=row.pk,
                once_key=f"case-review:{row.pk}:{day}:{clock.now().timestamp():.0f}",
            )


@dataclass(frozen=True)
class Looked:
    """One look at the effect. `is_steady`: nothing more is needed for now."""

    face: int
    text: str
    family_said: str = ""
    student_said: str = ""
    next_on: date | None = None
    is_steady: bool = False


@action("case.review", may=may_work_on_case)
def review_case(case: Case, *, by: Actor, looked: Looked) -> CaseReview:
    """Write down whether it helped, as the school, the family and the child say; then on, or steady.

    The same words of the same person on the same day are the same review.
    Raises Invalid without a sentence, for a proposal, for a day that is past, and for steady while help is under way.
    """
    row = locked(case)
    if row.state == State.PROPOSED:
        raise Invalid(_("这份档案还没有建档，请先加一项措施。"))
    if looked.face not in CaseReview.Face.values or not looked.text.strip():
        raise Invalid(_("请选一个效果，并写一句看到的变化。"))
    if max(map(len, (looked.text, looked.family_said, looked.student_said))) > LONGEST:
        raise Invalid
    last = CaseReview.objects.filter(case=row, on=clock.today(), by=by.member_id or 0).first()
    if last is not None and (last.face, last.text) == (looked.face, looked.text.strip()):
        return last  # sent twice
    open_now = Measure.objects.open().filter(case=row).exists()
    if looked.is_steady and open_now:
        raise Invalid(_("还有正在进行的措施，请先办结或取消，再评为稳定。"))
    settle("case", row.pk, sentence=_("已评估。"))
    made = CaseReview.objects.create(
        case=row,
        on=clock.today(),
        face=looked.face,
        text=looked.text.strip(),
        family_said=looked.family_said.strip(),
        student_said=looked.student_said.strip(),
        next_on=not_past(looked.next_on) if looked.next_on else None,
        by=Staff.objects.get(pk=by.member_id or 0),
    )
    row.review_on = None
    _plan_review(row, looked.next_on, by)
    row.state = State.STEADY if looked.is_steady else State.IN_PROGRESS if open_now or row.no_action else State.REVIEW
    saved(row, "state", "review_on")
    return made


@action("case.note", may=may_work_on_case)
def add_note(case: Case, *, by: Actor, kind: str, text: str) -> CaseNote:
    """Write into the file; the same words again within two minutes are the same note. Raises Invalid for none."""
    words = text.strip()
    if not words or len(words) > LONGEST or kind not in CaseNote.Kind.values:
        raise Invalid(_("请写下内容，2000 字以内。"))
    row = locked(case)
    mine = CaseNote.objects.filter(case=row, by=by.member_id or 0, kind=kind).first()
    if mine is not None and mine.text == words and (clock.now() - mine.at).total_seconds() < 120:
        return mine
    return CaseNote.objects.create(
        case=row, kind=kind, text=words, by=Staff.objects.get(pk=by.member_id or 0), at=clock.now()
    )


@ends("case")
def _not_by_a_sentence(task: Task, by: Actor, sentence: str) -> None:
    """What a case asks for is done in the case, where more than a sentence is asked; the task ends with it."""
    raise Invalid(_("请打开这份一生一案去办，办好后任务会自己办结。"))


@action("case.look_due", may=is_program_in)
def look_now(school: OrgRef, *, by: Actor) -> int:
    """Cases whose day of review has come are to be looked at. Returns how many; run daily by the program itself."""
    due = Case.objects.ordinary().filter(state__in=BEGUN, review_on__lte=clock.today())
    return int(due.update(state=State.REVIEW, changed_at=clock.now()))
