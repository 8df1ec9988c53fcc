"""A term begins: every class teacher of a county of 100,000 children is asked, and renews every flag that lapsed.

On a copy of the large county of `pages`, on the second term's first day: the job `care.ask_renewal_daily` as the
worker calls it, then for each class teacher what the button of the list does (`to_renew`, `renew_all`), each in a
transaction of its own and with a row in the log. A second copy is renewed by SQL written by hand, one UPDATE with its
INSERT for each school, without rights, log or tasks. Seconds count; processor time, ours and PostgreSQL's, is told.

    make bench BENCH=flags
"""

import os
import sys
import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]
COUNTY, COPY, PEER = "koumen_bench_pages", "koumen_bench_flags", "koumen_bench_flags_sql"
os.environ["KOUMEN_DATABASE"] = COUNTY

from benchmarks import list_pages, real_site  # noqa: E402, I001  (makes Django ready)

from django.db import connection, connections  # noqa: E402
from tests import database  # noqa: E402

from koumen.care.jobs.flags import ask_renewal_daily  # noqa: E402
from koumen.care.models import Task  # noqa: E402
from koumen.cli.county import many  # noqa: E402
from koumen.cli.county.scale import SLUG  # noqa: E402
from koumen.core import clock, scope  # noqa: E402
from koumen.core.actor import Actor, OrgRef  # noqa: E402
from koumen.registry.models import Flag, FlagTurn, Org, Role, Term  # noqa: E402
from koumen.registry.queries.actors import org_ref, posts_of  # noqa: E402
from koumen.registry.queries.flags import to_renew  # noqa: E402
from koumen.registry.services.flags import renew_all  # noqa: E402

GOAL = 30.0
BY_HAND = """WITH renewed AS (
    UPDATE registry_flag f SET valid_until = %(until)s, renewed_at = %(now)s, confirmed_by = t.name
    FROM registry_student s, registry_role r, registry_staff t
    WHERE f.org_id = %(org)s AND s.id = f.student_id AND s.state = 'enrolled' AND f.sensitivity < 3
        AND f.ended_at IS NULL AND f.valid_until BETWEEN %(on)s::date - 60 AND %(on)s::date + 14
        AND r.school_class_id = s.school_class_id AND r.post = 'class_teacher' AND t.id = r.staff_id
    RETURNING f.id, t.name)
    INSERT INTO registry_flagturn (org_id, flag_id, kind, by, at, reason)
    SELECT %(org)s, id, 'renewed', name, %(now)s, '' FROM renewed"""


def schools() -> list[Org]:
    """Those of the large county."""
    return list(Org.objects.filter(parent__slug=SLUG, kind="school").order_by("pk"))


def heads(school: OrgRef) -> list[tuple[int, str]]:
    """Every class teacher of a school, as id and name."""
    with scope.enter(school.id):
        posts = Role.objects.current(clock.today()).filter(post="class_teacher").order_by("pk")
        return list(posts.values_list("staff_id", "staff__name"))


def renew(school: OrgRef) -> int:
    """What each class teacher's list asks about, renewed by each. Returns how many flags."""
    renewed = 0
    for staff_id, name in heads(school):
        with scope.enter(school.id):
            by = Actor(None, name, school, member_id=staff_id, posts=tuple(posts_of(staff_id)))
            renewed += renew_all(school, by=by, flags=to_renew(by, clock.today()))
    return renewed


def by_hand(until: date) -> int:
    """The same rows in SQL. Returns how many."""
    renewed = 0
    for school in schools():
        with scope.enter(school.pk), connection.cursor() as cursor:
            day, moment = clock.today(), clock.now()
            cursor.execute(BY_HAND, {"org": school.pk, "on": day, "now": moment, "until": until})
            renewed += cursor.rowcount
    return renewed


def timed(do: Callable[[], int]) -> tuple[int, float, float]:
    """What it returned, seconds, and seconds of processor time, PostgreSQL's for us included."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        server = [cursor.fetchone()[0]]
    used, begun = real_site.processor_of([os.getpid(), *server]), time.perf_counter()
    found = do()
    took = time.perf_counter() - begun
    return found, took, real_site.processor_of([os.getpid(), *server]) - used


def lapsed() -> int:
    """How many flags still wait, over the county."""
    total = 0
    for school in schools():
        with scope.enter(school.pk):
            total += Flag.objects.to_renew(clock.today()).in_lists().filter(valid_until__lt=clock.today()).count()
    return total


def on_a_copy(name: str, do: Callable[[], int]) -> tuple[int, float, float]:
    """Time it on a fresh copy of the county, which is dropped afterwards."""
    database.use(COUNTY)
    for each in connections.all():
        each.close()
    database.copy_of_template(name, COUNTY)
    database.use(name)
    try:
        return timed(do)
    finally:
        for each in connections.all():
            each.close()
        database.use(COUNTY)
        database.remove(name)


def ours() -> int:
    """The job, then every class teacher; checked row by row."""
    asked = ask_renewal_daily.func(0)
    assert asked["failed"] == 0, asked
    renewed = sum(renew(org_ref(school)) for school in schools())
    with scope.enter(schools()[0].pk):
        assert Task.objects.filter(about="flags").exists()
        assert FlagTurn.objects.filter(kind=FlagTurn.Kind.RENEWED, at=clock.now()).exists()
    assert lapsed() == 0
    print(f"{asked['asked']} class teachers asked, {renewed} flags renewed")
    return renewed


def main() -> int:
    """Both ways over the same rows."""
    list_pages.prepare(many.SCHOOLS)
    many.fill_care()
    with scope.enter(schools()[0].pk):
        second = Term.objects.filter(starts__gt=clock.today()).order_by("starts")[0]
    with clock.at(datetime.combine(second.starts, datetime.min.time()).replace(hour=9)):
        renewed, took, used = on_a_copy(COPY, ours)
        same, alone, theirs = on_a_copy(PEER, lambda: by_hand(second.ends))
    assert renewed == same > 40_000, (renewed, same)
    print(f"by hand in SQL: {alone:.1f} s, {theirs:.1f} s of processor time; ours: {took:.1f} s, {used:.1f} s of it")
    print(f"{took / alone:.1f} × the SQL; {real_site.load()}")
    print(f"flags: value {took:.1f} goal {GOAL:.0f} {'met' if took <= GOAL else 'short'}")
    return 0 if took <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
