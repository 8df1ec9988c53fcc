"""Cases of suspected harm: for the persons named on them, and each reporter's own reports."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min, QuerySet

from koumen.care.models import Case, HarmReport, HarmStep
from koumen.care.presets.harm import CHECKLIST, Step
from koumen.core.actor import Actor


@dataclass(frozen=True)
class Line:
    """One step of the checklist: what was done for it, until when it is due, whether that is past."""

    step: Step
    done: list[HarmStep]
    until: datetime | None
    is_late: bool


def named_on(actor: Actor) -> "QuerySet[Case]":
    """The cases this person is named on, those that live first."""
    rows: QuerySet[Case] = Case.objects.visible_to(actor).filter(kind=Case.Kind.HARM)
    return rows.select_related("student__school_class").annotate(first=Min("harm_reports__at")).order_by(
        "closed_at", "-first"
    )  # fmt: skip


def own_reports(actor: Actor) -> "QuerySet[HarmReport]":
    """What this person reported."""
    rows: QuerySet[HarmReport] = HarmReport.objects.visible_to(actor)
    return rows.order_by("-at")


def checklist(reports: list[HarmReport], steps: list[HarmStep], now: datetime) -> list[Line]:
    """Every step with its times; hours count from the first report."""
    first = min((report.at for report in reports), default=now)
    found = []
    for step in CHECKLIST:
        done = [row for row in steps if row.step == step.code]
        until = first + timedelta(hours=step.hours) if step.hours is not None else None
        found.append(Line(step, done, until, bool(step.must and not done and until and until < now)))
    return found


def late(lines: list[Line]) -> list[Any]:
    """What the law asks for and nobody has done in time."""
    return [line.step.label for line in lines if line.is_late]
