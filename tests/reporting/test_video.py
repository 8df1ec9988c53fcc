"""A visit by video with father and grandmother is one visit, mode 视频, and never one at the door (J5.2)."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.reporting.queries.monthly import sheet_1
from koumen.visits.models import Mode, Visit, VisitRecord
from koumen.visits.queries import coverage
from koumen.visits.queries.coverage import Window
from koumen.visits.services.visits import record
from tests.cast import YEAR_START, Cast
from tests.visits.stories import EVENING, LATER, entry, planned

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R2", "R8", "R38")]
MONTH = EVENING.date().replace(day=1)


def by_video(cast: Cast, by: Actor) -> Visit:
    """It was planned at the door; the father works far away, the grandmother sat beside the child."""
    visit = planned(cast, "阿宝")
    said = entry(
        [cast.student("阿宝")],
        mode=Mode.VIDEO,
        met_relation="51",
        content="爸爸在外地，奶奶也在",
        fallback_reason="away",
    )
    number = uuid4()
    with clock.at(LATER):
        for _phone in range(2):
            record(visit, by=by, record_id=number, entry=said)
    return visit


def test_one_visit_by_video_and_none_at_the_door(hill: Cast, actor: Callable[..., Actor]) -> None:
    visit = by_video(hill, actor("teacher1"))
    visit.refresh_from_db()
    assert (visit.mode, visit.get_mode_display(), VisitRecord.objects.count()) == ("04", "视频家访", 1)
    with clock.at(LATER):
        total = sheet_1(MONTH).total
        numbers = {
            key: total.number(key) for key in ("visited", "contacts", "door", "online", "year_visited", "year_door")
        }
    assert numbers == {"visited": 1, "contacts": 1, "door": 0, "online": 1, "year_visited": 1, "year_door": 0}


def test_coverage_counts_it_as_met_and_not_as_at_the_door(hill: Cast, actor: Callable[..., Actor]) -> None:
    visit = by_video(hill, actor("teacher1"))
    window = {"year": Window(YEAR_START, YEAR_START.replace(year=2027))}
    met = coverage.by_class(window)["year"][visit.school_class_id]
    assert (met.visited, met.door) == (1, 0)


def test_the_same_visit_at_the_door_would_be_counted_there(hill: Cast, actor: Callable[..., Actor]) -> None:
    """Proof that the counts above can be otherwise."""
    with clock.at(LATER):
        record(planned(hill, "阿宝"), by=actor("teacher1"), record_id=uuid4(), entry=entry([hill.student("阿宝")]))
        assert (sheet_1(MONTH).total.number("door"), sheet_1(MONTH).total.number("online")) == (1, 0)
