"""The demo county, small: the same rosters for the same seed, everything through the importer, nobody real."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from stdnum.cn import ric

from koumen.care.models import Case, DropoutEntry, Opinion, Task
from koumen.cli import demo
from koumen.cli.county import bring, shapes
from koumen.cli.county.families import Settlement
from koumen.cli.say import Stop
from koumen.core import audit, clock, scope
from koumen.core.models import Job
from koumen.registry.models import Account, Guardian, ImportBatch, Org, SiblingOffer, Staff, Student
from koumen.reporting.models import SchoolFigures
from koumen.reporting.queries.monthly import sheet_1
from koumen.visits.models import Outing, Plan, Visit, VisitRecord, VisitStudent

NOW = datetime(2026, 11, 11, 12, 0, tzinfo=clock.ZONE)  # a Wednesday
COUNTY = shapes.small()
pytestmark = pytest.mark.django_db


@pytest.fixture
def built(tmp_path: Path) -> Iterator[demo.Built]:
    with clock.at(NOW):
        yield demo.build(tmp_path, 3, county=COUNTY, now=NOW)


def test_it_works(built: demo.Built) -> None:
    """Every child of the rosters is there, visits are recorded and counted, and everybody can sign in."""
    assert built.students == {school.slug: school.seats for school in COUNTY.schools}
    assert all(built.visits.values())
    for school in COUNTY.schools:
        with scope.enter(Org.objects.get(slug=school.slug).pk):
            _check_imports()
            _check_identities()
            _check_month()
            assert not Job.objects.exclude(state=Job.State.DONE).exists()
            assert audit.broken_links() == []
    _check_campaign()
    _check_care()
    _check_bureau()
    names = [one.username for one in bring.logins(COUNTY)]
    assert len(names) == 3 + 4 * len(COUNTY.schools)
    for name in names:
        assert Client().login(username=name, password=bring.PASSWORD), name
    assert not Account.objects.filter(username__in=names, must_change_password=True).exists()


def _check_care() -> None:
    """The first school has cases with help under way, answered opinions and tasks that name nobody."""
    with scope.enter(Org.objects.get(slug=COUNTY.schools[0].slug).pk):
        names = set(Student.objects.values_list("name", flat=True))
        assert Case.objects.live().exclude(measures=None).count() >= 3
        assert Opinion.objects.filter(state="answered").count() >= 2
        assert DropoutEntry.objects.live().count() == 1
        titles = Task.objects.values_list("title", flat=True)
        assert titles
        assert not [title for title in titles for name in names if name in title]


def _check_imports() -> None:
    batches = list(ImportBatch.objects.order_by("pk"))
    assert [batch.kind for batch in batches] == ["places", "staff", "students", "staff"]
    assert all(batch.state == ImportBatch.State.APPLIED and not batch.counts["error"] for batch in batches)
    assert not SiblingOffer.objects.filter(state="open", reason="phone_address").exists()


def _check_identities() -> None:
    for child in Student.objects.all():
        assert child.id_no.startswith("99")
        assert ric.is_valid(child.id_no) or child.id_no[17] == ric.calc_check_digit(child.id_no)
        assert child.student_no == "G" + child.id_no
        assert (int(child.id_no[16]) % 2 == 0) == (child.gender == "2")
    phones = [one.phone for one in Guardian.objects.all()] + [one.phone for one in Staff.objects.all()]
    assert {phone[:3] for phone in phones if phone} == {"100"}
    assert all(len(phone) == 11 for phone in phones if phone)


def _check_month() -> None:
    """Every child of every recorded visit stands in its month's table; nothing is written before it happened."""
    months = (NOW.date().replace(month=10, day=1), NOW.date().replace(day=1))
    counted = sum(sheet_1(month).total.numbers["contacts"] for month in months)
    assert counted == VisitStudent.objects.filter(visit__in=Visit.objects.recorded()).count() > 0
    for record in VisitRecord.objects.select_related("visit"):
        assert record.visit.starts_at is not None
        assert NOW - timedelta(days=40) < record.visit.starts_at < record.recorded_at <= NOW


def _check_campaign() -> None:
    with scope.enter(Org.objects.get(slug="qingshan").pk):
        plan = Plan.objects.adopted().get()
        assert plan.adopted_at is not None
        assert plan.adopted_at < min(Outing.objects.values_list("leaves_at", flat=True))
        done, ahead = Visit.objects.recorded().filter(campaign=plan.campaign), Visit.objects.planned()
        assert done.exists()
        assert ahead.filter(starts_at__gt=NOW).exists()


def _check_bureau() -> None:
    with scope.enter(Org.objects.get(slug="yunling").pk):
        final = SchoolFigures.objects.filter(is_final=True).count()
        assert (final, SchoolFigures.objects.count()) == (len(COUNTY.schools), 2 * len(COUNTY.schools))


def test_a_county_of_that_name_is_left_alone(tmp_path: Path) -> None:
    """Nothing is built, and nothing written, beside an org that is there already."""
    Org.objects.create(kind="school", name="另一所学校", slug="linhe")
    assert not demo.is_there(COUNTY)
    with pytest.raises(Stop, match="同名"):
        demo.build(tmp_path, 3, county=COUNTY, now=NOW)
    assert list(tmp_path.iterdir()) == []


def test_the_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    made = [demo.write_rosters(tmp_path / str(n), seed, COUNTY, 2026) for n, seed in enumerate((3, 3, 4))]
    one, again, other = [[path.read_bytes() for path in paths] for paths in made]
    assert one == again
    assert one != other


def test_a_full_county_has_the_shares_of_a_real_one() -> None:
    """Sizes of classes, children left behind, migrants, hardship, siblings within and across schools."""
    town = Settlement(shapes.full(), 1, 2026)
    children = [child for school in town.children.values() for child in school]
    homes = {id(child.family): child.family for child in children}.values()
    assert 2_100 < len(children) < 2_300
    assert 0.08 < sum(child.family.away > 0 for child in children) / len(children) < 0.25
    assert 0.05 < sum(child.family.is_migrant for child in children) / len(children) < 0.15
    assert 0.04 < sum(child.family.is_poor for child in children) / len(children) < 0.12
    assert 1 <= sum(child.disability != "无" for child in children) <= 12
    together = [home for home in homes if len(home.children) > 1]
    assert any(len({child.school for child in home.children}) > 1 for home in together)
    assert any(len({child.school for child in home.children}) == 1 for home in together)
    assert len({child.id_no for child in children}) == len(children)
