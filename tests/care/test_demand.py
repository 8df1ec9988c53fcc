"""教学点恢复需求: signed on the phone, told by village."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import date
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from docx import Document
from openpyxl import load_workbook

from koumen.care.models import PointDemand
from koumen.care.queries.dropout_reports import COLUMNS, Quarter, county_table
from koumen.care.services.dropout_reports import submit
from koumen.core import clock, scope
from koumen.core.actor import Actor
from tests.care.leaving import MONDAY, drawing
from tests.cast import Cast

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


def demand(**more: object) -> dict[str, object]:
    return {
        "token": str(uuid4()), "place_name": "柳树村", "wanted": "yes", "children": "2", "grades": ["1", "3"],
        "reason": "孩子小，路远", "signed_by": "张大爷", "signature": DRAWN,
    } | more  # fmt: skip


def test_families_sign_whether_the_village_school_is_wanted(hill: Cast, client_of: Clients) -> None:
    """Signed on the phone, once however often it is sent; told by village; Word has the signatures, Excel numbers."""
    teacher, office = client_of("teacher1"), client_of("office")
    first = demand()
    for sent in (first, first, demand(wanted="no", children="1", grades=[]), demand(place_name="云上村", grades=["1"])):
        assert teacher.post(url("demand_new"), sent).status_code == 302
    assert PointDemand.objects.count() == 3
    assert PointDemand.objects.filter(place__name="柳树村").count() == 2
    page = text(office.get(url("demands")))
    assert "1 年级 1、3 年级 1" in page
    assert "柳树村" not in text(teacher.get(url("demands")))
    answer = office.get(url("demand_list"), {"place": "柳树村"})
    document = Document(BytesIO(answer.content))
    assert len(document.inline_shapes) == 2
    assert [row.cells[1].text for row in document.tables[0].rows] == ["签名人", "张大爷", "张大爷"]
    sheet = load_workbook(BytesIO(office.get(url("demand_file")).content)).worksheets[0]
    rows = {str(row[1].value): [cell.value for cell in row] for row in sheet.iter_rows(min_row=4)}
    assert rows["柳树村"][2:7] == [2, 1, 1, 2, 1]
    assert rows["合计"][2:7] == [3, 2, 1, 4, 2]


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"signature": ""}, "请家长用手指"),
        ({"children": "99"}, "8"),
        ({"place_name": "  "}, "这个字段"),
        ({"grades": ["12"]}, "12"),
    ],
)
def test_an_answer_that_cannot_be(hill: Cast, client_of: Clients, more: dict[str, object], word: str) -> None:
    answer = client_of("teacher1").post(url("demand_new"), demand(**more))
    assert answer.status_code == 422
    assert word in text(answer)
    assert not PointDemand.objects.exists()


def test_the_bureau_learns_how_many_families_want_it(hill: Cast, actor: ActorOf, client_of: Clients) -> None:
    """With the month's numbers: families asked and those that want it, by school, no name and no village."""
    for sent in (demand(), demand(), demand(wanted="no")):
        assert client_of("teacher1").post(url("demand_new"), sent).status_code == 302
    submit(SEPTEMBER, by=actor("office"))
    with scope.enter(hill.bureau.pk):
        table = county_table(Quarter(date(2026, 7, 1)))
    (line,) = [one for one in table.lines if one.school == "青山小学"]
    cells = dict(zip([c.key for c in COLUMNS], line.cells, strict=True))
    assert (cells["demand_asked"], cells["demand_wanted"]) == ("3", "2")
    page = text(client_of("officer").get(url("dropout_schools", "bureau")))
    assert "张大爷" not in page
    assert "柳树村" not in page
