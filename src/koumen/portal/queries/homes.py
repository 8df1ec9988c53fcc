"""What each role's home shows. A page stays within twelve statements, its shell included."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import OuterRef, QuerySet
from django.utils.translation import gettext as _

from koumen.care.queries.dropout import ASKED_FOR, classes_to_check
from koumen.care.queries.tasks import first_of
from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.portal.queries.doors import url_of
from koumen.registry.models import ImportBatch, SchoolClass
from koumen.registry.sign_in import NEEDS_SECOND_FACTOR
from koumen.reporting.models import SchoolFigures
from koumen.reporting.presets.columns import Column
from koumen.reporting.queries.schools import schools
from koumen.visits.models import Campaign, Visit, VisitStudent
from koumen.visits.queries import coverage, rules
from koumen.visits.queries import visits as visit_queries

SHOWN = 8
# Columns of the monthly table on a bureau's home: on roll, visited this month, rates of the year, satisfaction.
SHOWN_OF_SCHOOLS = ("enrolled", "visited", "year_rate", "year_door_rate", "content_rate")


@dataclass(frozen=True)
class ClassProgress:
    """One class's task numbers, met or not."""

    pk: int
    name: str
    found: coverage.Coverage
    checks: list[rules.Check]


@dataclass(frozen=True)
class Step:
    """One entry of a new school's checklist."""

    label: str
    url: str
    done: bool


def _season() -> tuple[Campaign | None, dict[str, coverage.Window], list[rules.Rule]]:
    """The open campaign, the stretches of its task numbers, and the numbers."""
    today = clock.today()
    campaign = coverage.campaign_now(today)
    return campaign, coverage.windows(campaign, today), rules.rules_of(campaign)


def _own_visits(actor: Actor) -> dict[str, Any]:
    """One's own visits from today to Sunday, and those gone by that wait for a record."""
    today, now = clock.today(), clock.now()
    sunday = today + timedelta(days=6 - today.weekday())
    last = visit_queries.midnight(sunday + timedelta(days=1))
    open_ones = visit_queries.of_staff(actor.member_id).filter(starts_at__lt=last).exclude(
        state__in=[Visit.State.CANCELLED, Visit.State.POSTPONED, Visit.State.DECLINED]
    )  # fmt: skip
    children = VisitStudent.objects.filter(visit=OuterRef("pk")).order_by("pk").values("student__name")
    rows: QuerySet[Visit] = open_ones.select_related("household__place").annotate(child_names=ArraySubquery(children))
    since = visit_queries.midnight(today)
    found = [v for v in rows.exclude(state=Visit.State.RECORDED, starts_at__lt=since).order_by("starts_at", "id")[:100]]
    days = [(v, clock.local(v.starts_at).date()) for v in found if v.starts_at]
    return {
        "today": [v for v, day in days if day == today],
        "week": [v for v, day in days if day > today],
        "due": [v for v, day in days if v.state == Visit.State.PLANNED and v.starts_at and v.starts_at < now],
        "day": today,
        "tasks": first_of(actor, today),
    }


def _own_number(actor: Actor, asked: list[rules.Rule], windows: dict[str, coverage.Window]) -> rules.Check | None:
    """What one owes oneself, and what is done."""
    if actor.member_id is None:
        return None
    me = actor.member_id
    found = coverage.by_staff(windows, staff_ids=[me])
    return rules.staff_check(asked, {p.code for p in actor.posts}, {period: found[period][me] for period in windows})


def _progress(
    names: dict[int, str], asked: list[rules.Rule], found: dict[str, dict[int, coverage.Coverage]]
) -> list[ClassProgress]:
    nothing = coverage.Coverage()
    progress = []
    for pk, name in names.items():
        by_period = {period: classes.get(pk, nothing) for period, classes in found.items()}
        progress.append(ClassProgress(pk, name, by_period["campaign"], rules.class_checks(asked, by_period)))
    return progress


def class_teacher(actor: Actor) -> dict[str, Any]:
    """Today, this week, own classes against the task numbers, whom nobody visited yet."""
    campaign, windows, asked = _season()
    names = {p.unit_id: p.label for p in actor.posts if p.code == "class_teacher" and p.unit_id}
    found = coverage.by_class(windows, campaign=campaign, class_ids=list(names))
    waiting = list(visit_queries.not_yet_visited(actor, windows["year"].first)[: SHOWN + 1])
    return _own_visits(actor) | {
        "campaign": campaign,
        "classes": _progress(names, asked, found),
        "own": _own_number(actor, asked, windows),
        "to_check": classes_to_check(actor) if clock.today() < windows["term"].first + ASKED_FOR else [],
        "waiting": waiting[:SHOWN],
        "more_waiting": len(waiting) > SHOWN,
    }


def teacher(actor: Actor) -> dict[str, Any]:
    """Today, this week, one's own number."""
    campaign, windows, asked = _season()
    return _own_visits(actor) | {"campaign": campaign, "own": _own_number(actor, asked, windows)}


def leader(actor: Actor) -> dict[str, Any]:
    """The school's (or the grade's) numbers, and one's own visits against the quota."""
    campaign, windows, asked = _season()
    heads = actor.units("grade", "grade_head")
    whole = actor.holds("principal", "vice_principal", "middle_leader")
    ids = None if whole else list(SchoolClass.objects.filter(grade_id__in=heads).values_list("pk", flat=True))
    found = coverage.by_class(windows, campaign=campaign, class_ids=ids)
    sums = {period: coverage.total(classes) for period, classes in found.items()}
    return _own_visits(actor) | {
        "campaign": campaign,
        "whole": whole,
        "found": sums["campaign"],
        "checks": _school_checks(asked, sums),
        "own": _own_number(actor, asked, windows),
    }


def _school_checks(asked: list[rules.Rule], sums: dict[str, coverage.Coverage]) -> list[rules.Check]:
    """Rules about children hold for the sum; the class teacher's own share is a matter of each class."""
    return [c for c in rules.class_checks(asked, sums) if c.indicator != "own_door_rate"]


COUNTS = """
SELECT (SELECT count(*) FROM registry_staff WHERE is_active),
       (SELECT count(*) FROM registry_schoolclass WHERE is_open),
       (SELECT count(*) FROM registry_student WHERE state = 'enrolled'),
       (SELECT count(DISTINCT s.household_id) FROM registry_student s JOIN registry_household h ON h.id = s.household_id
        WHERE s.state = 'enrolled' AND (h.lng IS NULL OR h.lat IS NULL)),
       (SELECT count(*) FROM registry_siblingoffer WHERE state = 'open'),
       (SELECT count(*) FROM registry_schoolclass c WHERE c.is_open AND NOT EXISTS (
          SELECT 1 FROM registry_role r WHERE r.school_class_id = c.id AND r.post = 'class_teacher'
          AND r.starts <= %(today)s AND (r.ends IS NULL OR r.ends >= %(today)s))),
       (SELECT count(*) FROM visits_campaign),
       (SELECT count(*) FROM visits_plan WHERE state = 'adopted'),
       (SELECT count(*) FROM visits_visit WHERE state = 'recorded'),
       (SELECT count(*) FROM visits_visit WHERE state = 'planned' AND starts_at < %(now)s)
"""
COUNTED = (
    "staff", "classes", "students", "pointless", "offers", "headless", "campaigns", "plans", "recorded", "due",
)  # fmt: skip


def counts() -> dict[str, int]:
    """How far the school is: one statement."""
    scope.org_id()
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, {"today": clock.today(), "now": clock.now()})
        return dict(zip(COUNTED, cursor.fetchone(), strict=True))


def _steps(actor: Actor, found: dict[str, int]) -> list[Step]:
    imports, campaigns = url_of(actor, "registry:imports"), url_of(actor, "visits:campaigns")
    mine, monthly = url_of(actor, "visits:mine"), url_of(actor, "reporting:month")
    return [
        Step(_("导入教职工和班级"), imports, found["staff"] > 1 and found["classes"] > 0),
        Step(_("导入学生"), imports, found["students"] > 0),
        Step(_("建家访活动"), campaigns, found["campaigns"] > 0),
        Step(_("排程并采用"), campaigns, found["plans"] > 0),
        Step(_("记录家访"), mine, found["recorded"] > 0),
        Step(_("生成月报"), monthly, found["recorded"] > 0),
    ]


def office(actor: Actor) -> dict[str, Any]:
    """The campaign's progress, what waits for the office, and a new school's next step."""
    campaign, windows, asked = _season()
    found = coverage.by_class(windows, campaign=campaign)
    sums = {period: coverage.total(classes) for period, classes in found.items()}
    by_class = _progress({pk: "" for pk in found["campaign"]}, asked, found)
    unmet = [c for c in by_class if any(not check.is_met for check in c.checks)]
    school = counts()
    steps = _steps(actor, school)
    current = next((i for i, step in enumerate(steps) if not step.done), len(steps))
    return {
        "campaign": campaign,
        "found": sums["campaign"],
        "checks": _school_checks(asked, sums),
        "classes": len(by_class),
        "unmet": len(unmet),
        "counts": school,
        "steps": steps,
        "current": current + 1,
        "step": steps[current] if current < len(steps) else None,
        "tasks": first_of(actor, clock.today()),
        "batches": list(ImportBatch.objects.filter(state=ImportBatch.State.CHECKED)[:5]),
        "day": clock.today(),
    }


PEOPLE = """
SELECT count(*), count(*) FILTER (WHERE s.account_id IS NULL),
       count(*) FILTER (WHERE a.must_change_password),
       count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM registry_role r WHERE r.staff_id = s.id
         AND r.starts <= %(today)s AND (r.ends IS NULL OR r.ends >= %(today)s))),
       count(*) FILTER (WHERE s.account_id IS NOT NULL AND EXISTS (SELECT 1 FROM registry_role r
         WHERE r.staff_id = s.id AND r.post = ANY(%(posts)s) AND r.starts <= %(today)s
         AND (r.ends IS NULL OR r.ends >= %(today)s)) AND NOT EXISTS (SELECT 1 FROM mfa_authenticator m
         WHERE m.user_id = s.account_id AND m.type <> 'recovery_codes'))
FROM registry_staff s LEFT JOIN registry_account a ON a.id = s.account_id WHERE s.is_active
"""


def bureau(actor: Actor) -> dict[str, Any]:
    """Schools with numbers only, as they were handed in; the whole table is one page further."""
    newest = SchoolFigures.objects.order_by("-month").values_list("month", flat=True).first()
    month = newest or clock.today().replace(day=1)
    table = schools(month)
    shown = [i for i, column in enumerate(table.columns) if column.key in SHOWN_OF_SCHOOLS]
    return {
        "month": month,
        "headers": [_("学校"), _("报送"), *(f">{_full_name(table.columns[i])}" for i in shown)],
        "lines": [(line, [line.cells[i] for i in shown]) for line in table.lines],
        "table": table,
        "day": clock.today(),
    }


def _full_name(column: Column) -> str:
    return str(column.label) if column.key == "enrolled" else f"{column.group} {column.label}".strip()


def system_admin(actor: Actor) -> dict[str, Any]:
    """Accounts and posts; no children."""
    scope.org_id()
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, {"today": clock.today(), "posts": list(NEEDS_SECOND_FACTOR)})
        names = ("staff", "no_account", "waiting", "no_post", "no_factor")
        return {"counts": dict(zip(names, cursor.fetchone(), strict=True)), "day": clock.today()}
