"""`koumen plan-county`: every school asked for once, whoever computes; run again it goes on."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable

import pytest

from koumen.cli import plan_county
from koumen.cli.say import Stop
from koumen.cli.table import lines
from koumen.core import clock, jobs, scope
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry, Job
from koumen.registry.models import Org, Role
from koumen.visits.models import Campaign, Plan
from koumen.visits.services import plans
from tests.cast import Cast
from tests.visits import season

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R3")]


def ask(*words: str) -> Namespace:
    parser = ArgumentParser()
    plan_county.arguments(parser)
    return parser.parse_args(["--workers", "0", *words])


def work(_seconds: float = 0) -> None:
    """What workers anywhere do while the command waits: one job."""
    for org in Org.objects.order_by("pk"):
        with scope.enter(org.pk):
            waiting = Job.objects.filter(state="waiting").first()
        if waiting is not None:
            jobs.run_here(waiting)
            return


@pytest.fixture
def campaigns(cast: Cast, actor: Callable[..., Actor], monkeypatch: pytest.MonkeyPatch) -> None:
    """The hill's school has a campaign, the river's has none."""
    monkeypatch.setattr("koumen.cli.plan_county.time.sleep", work)
    with clock.at(season.TODAY), scope.enter(cast.hill.pk):
        season.campaign(actor("office"))


def test_it_works(campaigns: None, cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    """The school with a campaign gets its plan; the table tells of both; the log says who asked."""
    with clock.at(season.TODAY):
        assert plan_county.run(ask("--org", cast.bureau.slug)) == 0
    told = capsys.readouterr().out
    assert "[" in told
    assert "5 户，" in told
    assert "没有进行中的家访活动" in told
    with scope.enter(cast.hill.pk):
        assert Plan.objects.get().state == Plan.State.DRAFT
        assert AuditEntry.objects.filter(verb="plan.compute", actor_name__startswith="命令行").count() == 1


def test_run_again_it_changes_nothing_and_a_deeper_plan_is_made_once(campaigns: None, cast: Cast) -> None:
    with clock.at(season.TODAY):
        for effort in ("first", "first", "deep", "deep", "first"):
            assert plan_county.run(ask("--org", "hill", "--effort", effort)) == 0
    with scope.enter(cast.hill.pk):
        assert list(Plan.objects.order_by("pk").values_list("effort", flat=True)) == ["first", "deep"]


def test_a_plan_under_way_is_waited_for(campaigns: None, cast: Cast, actor: Callable[..., Actor]) -> None:
    with clock.at(season.TODAY):
        with scope.enter(cast.hill.pk):
            plan = plans.compute(Campaign.objects.get(), by=actor("office"))
        assert plan_county.run(ask("--org", "hill")) == 0
    with scope.enter(cast.hill.pk):
        assert Plan.objects.get().pk == plan.pk


def test_a_school_that_cannot_be_planned_is_named_and_asked_again(
    campaigns: None, cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    with scope.enter(cast.hill.pk):
        posts = list(Role.objects.filter(post="class_teacher"))
        Role.objects.filter(post="class_teacher").update(post="subject_teacher")
    with clock.at(season.TODAY):
        assert plan_county.run(ask("--org", "hill")) == 1
        assert "还没有班主任" in capsys.readouterr().out
        with scope.enter(cast.hill.pk):
            Role.objects.filter(pk__in=[post.pk for post in posts]).update(post="class_teacher")
        assert plan_county.run(ask("--org", "hill")) == 0


def test_wrong_words_are_refused(cast: Cast) -> None:
    with pytest.raises(Stop, match="--workers"):
        plan_county.run(ask("--org", "hill", "--workers", "-1"))
    with pytest.raises(Stop, match="没有“nowhere”"):
        plan_county.run(ask("--org", "nowhere"))


def test_columns_stand_below_each_other() -> None:
    assert lines(("学校", ">户"), [("青山小学", "5"), ("a", "120")]) == [
        "学校       户",
        "青山小学    5",
        "a         120",
    ]
