"""A campaign of the cast's school, for the tests of campaigns and plans. Monday 7 September 2026 is its "today"."""

from datetime import date, datetime

from koumen.core import clock, jobs
from koumen.core.actor import Actor
from koumen.core.models import Job
from koumen.visits.models import Campaign, Plan
from koumen.visits.services.campaigns import start_campaign
from koumen.visits.services.plans import compute

TODAY = datetime(2026, 9, 7, 10, 0, tzinfo=clock.ZONE)


def campaign(by: Actor, *, name: str = "秋季大家访", starts: date = date(2026, 9, 9)) -> Campaign:
    """From Wednesday on, three weeks and a bit, with the usual settings."""
    return start_campaign(by.org, by=by, name=name, theme="走进家门", starts=starts, ends=date(2026, 10, 11))


def run(job: Job) -> Job:
    """Do what the workers do with this job and its steps, here and now."""
    return jobs.run_here(job)


def planned(by: Actor, **named: object) -> Plan:
    """A campaign with a computed plan that is not adopted."""
    return planned_in(campaign(by, **named), by)  # type: ignore[arg-type]


def planned_in(campaign: Campaign, by: Actor) -> Plan:
    """A computed plan of this campaign that is not adopted."""
    plan = compute(campaign, by=by)
    assert plan.job is not None
    run(plan.job)
    return Plan.objects.select_related("campaign", "job").get(pk=plan.pk)
