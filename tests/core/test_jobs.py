"""Jobs: exist if and only if the writer committed; progress is seen at once; cancel and failure are shown."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from tests.cast import Cast

from koumen.core import clock, jobs, scope, side
from koumen.core.actor import Actor
from koumen.core.models import Job
from koumen.core.refusals import Invalid

WhoIs = Callable[..., Actor]
both = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _works() -> Iterator[None]:
    yield
    for name in [n for n in jobs.WORK if n.startswith("test.")]:
        del jobs.WORK[name]
    side.close_side()


def _start(cast: Cast, by: Actor, task: str, **args: Any) -> Job:
    with scope.enter(cast.hill.pk):
        return jobs.start(task, by=by, title="试一试", **args)


def _run(row: Job) -> Job:
    jobs.run_job(org_id=row.org_id, job_id=str(row.pk))
    with scope.enter(row.org_id):
        return Job.objects.get(pk=row.pk)


@both
def test_a_job_is_enqueued_with_its_row_or_not_at_all(cast: Cast, actor: WhoIs) -> None:
    before = jobs.waiting_in_queue()

    def start_and_fail() -> None:
        with scope.enter(cast.hill.pk):
            jobs.start("test.x", by=actor("office"), title="x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        start_and_fail()
    assert jobs.waiting_in_queue() == before
    _start(cast, actor("office"), "test.x")
    assert jobs.waiting_in_queue() == before + 1


@both
def test_progress_is_seen_while_the_work_is_in_its_transaction(cast: Cast, actor: WhoIs) -> None:
    seen: list[tuple[int, int]] = []

    @jobs.job("test.steps")
    def steps(run: jobs.Run, *, upto: int) -> dict[str, Any]:
        with run.scope():
            run.progress(upto, upto, "快好了")
            row = side.side_execute(run.job.org_id, "SELECT done, total FROM core_job", [])[0]
            seen.append((row[0], row[1]))
        return {"answer": 42}

    row = _run(_start(cast, actor("office"), "test.steps", upto=7))
    assert seen == [(7, 7)]
    assert (row.state, row.result) == ("done", {"answer": 42})


@both
def test_cancel_stops_the_work_and_a_waiting_job_never_starts(cast: Cast, actor: WhoIs) -> None:
    @jobs.job("test.long")
    def long(run: jobs.Run) -> None:
        side.side_execute(run.job.org_id, "UPDATE core_job SET cancel_asked = true", [])
        run.stop_if_cancelled()

    assert _run(_start(cast, actor("office"), "test.long")).state == "cancelled"
    waiting = _start(cast, actor("office"), "test.long")
    with scope.enter(cast.hill.pk):
        jobs.cancel(waiting)
    assert _run(waiting).attempts == 0


@both
def test_a_refusal_ends_the_job_with_its_sentence(cast: Cast, actor: WhoIs) -> None:
    @jobs.job("test.refuse")
    def refuse(run: jobs.Run) -> None:
        raise Invalid("名单是空的")

    row = _run(_start(cast, actor("office"), "test.refuse"))
    assert (row.state, row.text) == ("failed", "名单是空的")


@both
def test_an_unexpected_error_is_tried_again_and_at_last_shown(cast: Cast, actor: WhoIs, expects_errors: None) -> None:
    @jobs.job("test.bug")
    def bug(run: jobs.Run) -> None:
        raise ZeroDivisionError

    row = _start(cast, actor("office"), "test.bug")
    for _attempt in range(3):
        with pytest.raises(ZeroDivisionError):
            jobs.run_job(org_id=row.org_id, job_id=str(row.pk))
    with scope.enter(cast.hill.pk):
        assert Job.objects.get(pk=row.pk).state == "failed"


@both
def test_a_job_goes_on_in_steps_and_the_last_one_ends_it(cast: Cast, actor: WhoIs) -> None:
    """Steps of a higher priority go first; until the last step the job is running."""
    seen: list[tuple[str, str]] = []

    @jobs.job("test.split")
    def split(run: jobs.Run) -> dict[str, Any]:
        with run.scope():
            run.later("test.step", name="last")
            for name in ("a", "b"):
                run.later("test.step", priority=1, name=name)
        return jobs.MORE

    @jobs.job("test.step")
    def step(run: jobs.Run, *, name: str) -> dict[str, Any]:
        seen.append((name, run.job.state))
        return {"answer": 42} if name == "last" else jobs.MORE

    before = jobs.waiting_in_queue()
    row = jobs.run_here(_start(cast, actor("office"), "test.split"))
    assert seen == [("a", "running"), ("b", "running"), ("last", "running")]
    assert (row.state, row.result, jobs.waiting_in_queue()) == ("done", {"answer": 42}, before)


@both
def test_steps_are_left_when_the_job_is_over(cast: Cast, actor: WhoIs) -> None:
    seen: list[str] = []

    @jobs.job("test.split")
    def split(run: jobs.Run) -> dict[str, Any]:
        with run.scope():
            for name in ("a", "b"):
                run.later("test.step", name=name)
        return jobs.MORE

    @jobs.job("test.step")
    def step(run: jobs.Run, *, name: str) -> dict[str, Any]:
        seen.append(name)
        raise jobs.Cancelled

    assert jobs.run_here(_start(cast, actor("office"), "test.split")).state == "cancelled"
    assert seen == ["a"]


@both
def test_a_job_is_given_up_when_its_steps_fail_too_often(cast: Cast, actor: WhoIs, expects_errors: None) -> None:
    @jobs.job("test.split")
    def split(run: jobs.Run) -> dict[str, Any]:
        with run.scope():
            run.later("test.step")
        return jobs.MORE

    @jobs.job("test.step")
    def step(run: jobs.Run) -> None:
        raise ZeroDivisionError

    row = _start(cast, actor("office"), "test.split")
    states = []
    for _time in range(2):
        with pytest.raises(ZeroDivisionError):
            jobs.run_here(row)
        with scope.enter(cast.hill.pk):
            states.append(Job.objects.get(pk=row.pk).state)
    assert states == ["running", "failed"]


@pytest.mark.django_db
class TestPage:
    def _job(self, cast: Cast, actor: WhoIs) -> Job:
        return _start(cast, actor("office"), "test.x")

    def test_it_works(self, cast: Cast, actor: WhoIs, client_of: Callable[[str], Client]) -> None:
        row = self._job(cast, actor)
        client = client_of("office")
        page = client.get(f"/s/hill/jobs/{row.pk}/")
        assert page.status_code == 200
        assert "试一试" in page.content.decode()
        done = client.post(f"/s/hill/jobs/{row.pk}/cancel/", follow=True)
        assert "已取消" in done.content.decode()

    def test_a_colleague_and_a_stranger_do_not_see_it(
        self, cast: Cast, actor: WhoIs, client_of: Callable[[str], Client]
    ) -> None:
        row = self._job(cast, actor)
        assert client_of("teacher1").get(f"/s/hill/jobs/{row.pk}/").status_code == 404
        assert client_of("teacher3").get(f"/s/hill/jobs/{row.pk}/").status_code == 404
        assert client_of("teacher3").get(f"/s/river/jobs/{row.pk}/").status_code == 404

    def test_cancel_takes_post_only(self, cast: Cast, actor: WhoIs, client_of: Callable[[str], Client]) -> None:
        row = self._job(cast, actor)
        assert client_of("office").get(f"/s/hill/jobs/{row.pk}/cancel/").status_code == 405


@both
def test_finished_jobs_of_the_engine_are_forgotten(cast: Cast, actor: WhoIs) -> None:
    _start(cast, actor("office"), "test.x")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'cancelled'")
    jobs.forget_finished(timedelta(0))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        assert cursor.fetchone() == (0,)


def _engine_states() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs ORDER BY id DESC")
        return [state for (state,) in cursor.fetchall()]


@both
def test_the_daily_upkeep_forgets_old_jobs_and_makes_the_log_s_next_months(
    cast: Cast, actor: WhoIs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "MONTHS_AHEAD", 5)  # the migration has made three
    partition = f"core_auditentry_{clock.today().replace(day=1) + timedelta(days=155):%Y_%m}"
    for _number in range(3):
        _start(cast, actor("office"), "test.x")
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM procrastinate_jobs ORDER BY id LIMIT 2")
        old, recent = (pk for (pk,) in cursor.fetchall())
        cursor.execute("UPDATE procrastinate_jobs SET status = 'cancelled' WHERE id IN (%s, %s)", [old, recent])
        cursor.execute("UPDATE procrastinate_events SET at = now() - interval '31 days' WHERE job_id = %s", [old])
    jobs.upkeep(timestamp=0)
    assert _engine_states() == ["todo", "cancelled"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [partition])
        assert cursor.fetchone() == (True,)
