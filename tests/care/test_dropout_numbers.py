"""控辍保学, numbers: a month goes to the bureau, the county checks a quarter."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from koumen.care.models import DropoutReport
from koumen.care.queries.dropout_reports import COLUMNS, Quarter, county_table, quarter_asked
from koumen.care.services.dropout_reports import check_report, submit
from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.core.refusals import Conflict, Forbidden, Invalid
from koumen.registry.models import Org
from tests.care.leaving import MONDAY, drawing, listed, returned
from tests.cast import CHILDREN, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R12")]
Clients = Callable[[str], Client]
ActorOf = Callable[..., Actor]
DRAWN = "data:image/png;base64," + b64encode(drawing()).decode()
SEPTEMBER = date(2026, 9, 1)


@pytest.fixture(autouse=True)
def _a_monday_of_september() -> Iterator[None]:
    with clock.at(MONDAY):
        yield


def url(name: str, org: str = "hill", **kwargs: object) -> str:
    return reverse(f"care:{name}", kwargs={"org": org, **kwargs})


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_month_goes_to_the_bureau_as_numbers_alone(hill: Cast, actor: ActorOf, client_of: Clients) -> None:
    returned(actor("teacher1"), hill)
    office = client_of("office")
    for _twice in range(2):
        assert office.post(url("dropout_submit"), {"month": "2026-09"}).status_code == 302
    own = DropoutReport.objects.get()
    with scope.enter(hill.bureau.pk):
        copy = DropoutReport.objects.get()
        assert (copy.school_id, copy.version, copy.figures) == (hill.hill.pk, 1, own.figures)
    assert all(isinstance(n, int) for n in own.figures.values())
    assert (own.figures["returned"], own.figures["on_roll"]) == (1, 6)
    page = text(client_of("officer").get(url("dropout_schools", "bureau")))
    assert not [child[0] for child in CHILDREN if child[0] in page]


def test_a_month_given_back_comes_again_as_a_new_version(hill: Cast, actor: ActorOf, client_of: Clients) -> None:
    submit(SEPTEMBER, by=actor("office"))
    officer = client_of("officer")
    with scope.enter(hill.bureau.pk):
        row = DropoutReport.objects.get()
        with pytest.raises(Invalid, match="退回时请写明"):
            check_report(row, by=actor("officer", "bureau"), note=" ", is_fine=False)
    sent = {"did": "back", "note": "二班的数字请再核一下"}
    assert officer.post(url("dropout_check", "bureau", pk=row.pk), sent).status_code == 302
    own = DropoutReport.objects.get()
    assert (own.check_note, own.returned_at is not None) == ("二班的数字请再核一下", True)
    assert "二班的数字请再核一下" in text(client_of("office").get(url("dropout_month")))
    assert submit(SEPTEMBER, by=actor("principal")).version == 2
    with scope.enter(hill.bureau.pk):
        with pytest.raises(Conflict, match="新的一版"):
            check_report(row, by=actor("officer", "bureau"), note="", is_fine=True)
        newest = DropoutReport.objects.get(version=2)
        check_report(newest, by=actor("officer", "bureau"), note="属实", is_fine=True)
    assert DropoutReport.objects.get(version=2).checked_by == "钱业务员"


def test_months_to_come_and_other_peoples_months(hill: Cast, actor: ActorOf) -> None:
    with pytest.raises(Invalid, match="还没有到"):
        submit(date(2026, 10, 1), by=actor("office"))
    with pytest.raises(Forbidden):
        submit(SEPTEMBER, by=actor("teacher1"))


def _reported(school: Org, month: date, **numbers: int) -> None:
    figures = dict.fromkeys((c.key for c in COLUMNS), 0) | numbers
    DropoutReport.objects.create(
        school=school, month=month, figures=figures, submitted_by="周主任", submitted_at=clock.now()
    )


def test_the_quarter_adds_months_and_hides_what_would_tell_names(cast: Cast) -> None:
    """Flows are summed, stocks are the last month's; 1–4 children are hidden, and so is a second cell."""
    with scope.enter(cast.bureau.pk):
        _reported(cast.hill, date(2026, 7, 1), found=2, on_roll=900, attempts=3, suspected_now=1)
        _reported(cast.hill, date(2026, 8, 1), found=1, on_roll=905, attempts=4)
        _reported(cast.river, date(2026, 7, 1), found=12, on_roll=300, attempts=1)
        table = county_table(Quarter(date(2026, 7, 1)))
    keys = [c.key for c in COLUMNS]
    shown = {line.school: dict(zip(keys, line.cells, strict=True)) for line in table.lines}
    total = dict(zip(keys, table.total, strict=True))
    assert (shown["青山小学"]["found"], shown["临河小学"]["found"], total["found"]) == ("*", "*", "15")
    assert (shown["青山小学"]["on_roll"], shown["青山小学"]["attempts"]) == ("905", "7")
    assert (shown["青山小学"]["suspected_now"], total["suspected_now"]) == ("0", "0")
    assert [r is None for line in table.lines for r in line.reports] == [False, True, True, False, False, True]


def test_quarters_have_codes() -> None:
    assert quarter_asked("2025-4").months == (date(2025, 10, 1), date(2025, 11, 1), date(2025, 12, 1))
    assert quarter_asked("2025-4").moved(1).code == "2026-1"
    for wrong in ("", "2025-5", "0-1", "2025-٣", "x" * 99):
        assert quarter_asked(wrong).code == "2026-3"


def test_the_numbers_as_excel(hill: Cast, actor: ActorOf, client_of: Clients) -> None:
    """The month's file says what the page says; the county's hides what its page hides."""
    listed(actor("teacher1"), hill)
    answer = client_of("office").get(url("dropout_month_file"))
    sheet = load_workbook(BytesIO(answer.content)).worksheets[0]
    rows = {str(row[1].value): [cell.value for cell in row] for row in sheet.iter_rows(min_row=4)}
    assert rows["三年级1班"][5] == 1
    assert rows["合计"][2:6] == [6, 0, 0, 1]
    submit(SEPTEMBER, by=actor("office"))
    answer = client_of("officer").get(url("dropout_schools_file", "bureau"))
    sheet = load_workbook(BytesIO(answer.content)).worksheets[0]
    cells = {str(row[1].value): [cell.value for cell in row] for row in sheet.iter_rows(min_row=4)}
    assert cells["青山小学"][6] == "*"
    assert cells["合计"][6] == "*"
