"""The forms of 控辍保学 as an office program prints them: paper, number of pages, nothing cut off."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client

from koumen.care.queries.demand import answers, villages
from koumen.care.queries.dropout import month_lines
from koumen.care.services.demand import Answer, sign_demand
from koumen.care.services.demand_word import signed_list
from koumen.care.services.dropout_books import demand_book, month_book
from koumen.care.services.dropout_names import book
from koumen.care.services.dropout_word import record_of_entry
from koumen.care.services.name_lists import Asked
from koumen.core import clock
from koumen.core.actor import Actor
from tests.care.leaving import MONDAY, drawing, listed, tried
from tests.cast import Cast
from tests.office import printed

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R12")]
ActorOf = Callable[..., Actor]
SEPTEMBER = date(2026, 9, 1)


@pytest.fixture(autouse=True)
def _a_monday_of_september() -> Iterator[None]:
    with clock.at(MONDAY):
        yield


def test_the_record_is_one_page_and_grows_with_the_attempts(hill: Cast, actor: ActorOf, tmp_path: Path) -> None:
    """A4: one attempt fits on one page; thirty take more, with the table's head and the watermark on each."""
    by = actor("teacher1")
    entry = listed(by, hill, signature=drawing(), signed_by="阿虎爷爷", taken="电话联系" * 20)
    tried(entry, by, "lost")
    for found in printed(record_of_entry(entry, list(entry.attempts.all()), by=by), "docx", tmp_path):
        assert (len(found), round(found[0].width), round(found[0].height)) == (1, 210, 297)
        assert "三天没来，家里说要出去打工" in found[0].text.replace("\n", "")
    for _more in range(29):
        tried(entry, by, "refused")
    for found in printed(record_of_entry(entry, list(entry.attempts.all()), by=by), "docx", tmp_path):
        assert len(found) > 1
        assert all("导出" in page.text for page in found)
        assert sum("次数" in page.text for page in found) > 1


def test_the_lists_are_as_wide_as_the_paper(hill: Cast, actor: ActorOf, tmp_path: Path) -> None:
    """Landscape A4, every column on the one page."""
    office = actor("office")
    listed(actor("teacher1"), hill)
    for content, first, last in (
        (month_book(SEPTEMBER, *month_lines(SEPTEMBER), by=office), "三年级1班", "期末未复学"),
        (book(Asked(office, {}, "水印")), "阿虎", "核实日期"),
    ):
        for found in printed(content, "xlsx", tmp_path):
            assert (len(found), round(found[0].width), round(found[0].height)) == (1, 297, 210)
            assert first in found[0].text
            assert last in found[0].text.replace("\n", "")


def test_a_village_with_many_families_takes_several_pages(hill: Cast, actor: ActorOf, tmp_path: Path) -> None:
    """Forty signatures on landscape A4: every one printed, the head on each page."""
    office = actor("office")
    for n in range(40):
        said = Answer(uuid4(), "柳树村", f"家长{n:02d}", n % 3 > 0, 1, (1,), "路远", drawing())
        with clock.at(MONDAY + timedelta(minutes=n)):
            sign_demand(office.org, by=office, answer=said)
    for found in printed(signed_list(list(answers("柳树村")), by=office), "docx", tmp_path):
        assert round(found[0].width) == 297
        assert len(found) > 3
        words = "".join(page.text for page in found)
        assert all(f"家长{n:02d}" in words for n in range(40))
        assert all("签名人" in page.text for page in found)
    for found in printed(demand_book(*villages(), by=office), "xlsx", tmp_path):
        assert len(found) == 1
        assert "9 年级" in found[0].text


def test_a_signature_as_large_as_a_phone_sends_is_taken(hill: Cast, client_of: Callable[[str], Client]) -> None:
    """What a page of 360 px at double density draws is far below the limit, and larger than a megabyte is refused."""
    drawn = b64encode(drawing()).decode()
    child = hill.student("阿虎").pk
    told = {"token": str(uuid4()), "reason": "work", "words": "想打工", "signed_by": "阿虎爷爷"}
    big = client_of("teacher1").post(f"/s/hill/dropout/new/{child}/", told | {"signature": drawn * 200})
    assert big.status_code == 422
    fine = client_of("teacher1").post(f"/s/hill/dropout/new/{child}/", told | {"signature": drawn})
    assert fine.status_code == 302
