"""Plans in parts: a class each, joined by the last one; nothing twice, nothing mixed, thorough when asked."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from koumen.core import clock, jobs
from koumen.core.actor import Actor
from koumen.core.models import Job
from koumen.core.refusals import Invalid
from koumen.registry.models import Household
from koumen.visits.jobs import plans as jobs_room
from koumen.visits.models import Plan, PlanPart, PlanTask
from koumen.visits.planning import outings as rows
from koumen.visits.services import plans as services
from tests.cast import Cast
from tests.visits import season

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R3")]
Actors = Callable[..., Actor]


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with clock.at(season.TODAY):
        yield


@pytest.fixture
def office(hill: Cast, actor: Actors) -> Actor:
    return actor("office")


@pytest.fixture
def plan(office: Actor) -> Plan:
    return season.planned(office)


def again(plan: Plan) -> Plan:
    return Plan.objects.select_related("campaign", "job").get(pk=plan.pk)


def test_the_job_tells_how_far_it_is(hill: Cast, office: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each class: how many are done and what is saved; at last all steps are done."""
    plan = services.compute(season.campaign(office), by=office)
    assert plan.job is not None
    told = []
    joined = jobs_room.join_plan

    def look(run: jobs.Run, **named: int) -> object:
        told.append(Job.objects.get(pk=run.job.pk))
        return joined(run, **named)

    monkeypatch.setitem(jobs.WORK, "visits.plan_join", look)
    done = season.run(plan.job)
    assert [(job.done, job.total) for job in told] == [(2, 3)]
    assert "已排 2 / 2 个班" in told[0].text
    assert (done.done, done.total) == (3, 3)
    assert "排好了" in done.text


def test_a_deep_plan_is_no_dearer_and_proves_a_bound(plan: Plan, office: Actor) -> None:
    deep = services.compute(plan.campaign, by=office, effort="deep")
    assert deep.job is not None
    season.run(deep.job)
    found = again(deep)
    assert 0 < found.figures["bound"] <= found.figures["plan"]["cost"] <= plan.figures["plan"]["cost"]
    assert rows.digest_of(rows.read_plan(found, rows.outings_of(found))) == found.digest
    with pytest.raises(Invalid, match="快速"):
        services.compute(plan.campaign, by=office, effort="deepest")


def test_every_class_is_drawn_once_even_when_its_step_runs_twice(
    hill: Cast, office: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker died after its class was kept: run again, the step changes nothing and asks for no second join."""
    plan = services.compute(season.campaign(office), by=office)
    assert plan.job is not None
    step = jobs.WORK["visits.plan_class"]

    def twice(run: jobs.Run, **named: int) -> object:
        step(run, **named)
        return step(run, **named)

    asked: list[str] = []
    later = jobs.Run.later

    def note(run: jobs.Run, task: str, **named: Any) -> None:
        asked.append(task)
        later(run, task, **named)

    monkeypatch.setattr(jobs.Run, "later", note)
    monkeypatch.setitem(jobs.WORK, "visits.plan_class", twice)
    season.run(plan.job)
    assert asked == ["visits.plan_class", "visits.plan_class", "visits.plan_join"]
    assert again(plan).state == Plan.State.DRAFT
    assert not PlanPart.objects.exists()
    assert not PlanTask.objects.exists()


def test_what_changes_while_classes_are_drawn_is_not_mixed_in(
    hill: Cast, office: Actor, monkeypatch: pytest.MonkeyPatch, plan: Plan
) -> None:
    """All classes are drawn from what was there when the computing began, whatever is entered meanwhile."""
    second = services.compute(plan.campaign, by=office)
    assert second.job is not None
    step = jobs.WORK["visits.plan_class"]

    def meanwhile(run: jobs.Run, **named: int) -> object:
        Household.objects.update(pattern="weekends")
        return step(run, **named)

    monkeypatch.setitem(jobs.WORK, "visits.plan_class", meanwhile)
    season.run(second.job)
    assert again(second).digest == plan.digest
