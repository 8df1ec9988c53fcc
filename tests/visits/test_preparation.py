"""备课: one page per visit, by right; one line from colleagues; three sheets on paper."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document

from koumen.care.models import Finding, Measure
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry, OutboxMessage
from koumen.registry.models import Flag
from koumen.registry.presets.categories import CATEGORIES, SEALED
from koumen.visits.models import Preparation, Remark, Visit
from koumen.visits.presets.openings import BY_CATEGORY, EVERYBODY, openings
from koumen.visits.queries.sync import held
from tests.cast import Cast
from tests.office import printed
from tests.visits.stories import EVENING, planned, recorded

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R4")]
Clients = Callable[[str], Client]
Actors = Callable[..., Actor]
MOST_QUERIES = 18  # one visit's page, not a list: with what each request costs, the log, and what is on file


@pytest.fixture(autouse=True)
def _the_day_before() -> Iterator[None]:
    with clock.at(EVENING - timedelta(days=1)):
        yield


def url(view: str, **kwargs: object) -> str:
    return reverse(f"visits:{view}", kwargs={"org": "hill", **kwargs})


def flag(cast: Cast, name: str, code: str) -> None:
    level = CATEGORIES[code].sensitivity
    Flag.objects.create(student=cast.student(name), category=code, sensitivity=level, starts=date(2026, 9, 1))


def page_of(client: Client, visit: Visit) -> str:
    answer = client.get(url("prepare", pk=visit.pk))
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_works(hill: Cast, actor: Actors, client_of: Clients) -> None:
    """What is on file, last time's promise, open help, how to begin; what is chosen is kept; reading is noted."""
    flag(hill, "阿虎", "A24")
    recorded(
        hill,
        actor("teacher1"),
        "阿虎",
        at=EVENING - timedelta(days=40),
        next_step="每周打一次电话",
        measures=("study",),
    )
    visit = planned(hill, "阿虎")
    browser = client_of("teacher1")
    page = page_of(browser, visit)
    said = ("阿虎爷爷", "隔代抚养", "每周打一次电话", "学业提升", "您把孩子照顾得很仔细", "今天来认认门")
    assert [words for words in said if words not in page] == []
    assert "10000000002" not in page
    assert AuditEntry.objects.filter(kind="read", verb="visit.read_preparation").count() == 1
    sent = {"purposes": ["tell", "agree"], "kinds": ["study"], "own_words": "先说进步", "goal": "每天读十分钟"}
    assert browser.post(url("prepare", pk=visit.pk), sent).status_code == 302
    row = Preparation.objects.get(visit=visit)
    assert (row.purposes, row.kinds, row.own_words, row.goal) == (
        ["tell", "agree"],
        ["study"],
        "先说进步",
        "每天读十分钟",
    )
    assert "先说进步" in page_of(browser, visit)


def test_what_is_typed_wrong_is_kept(hill: Cast, client_of: Clients) -> None:
    visit = planned(hill, "阿虎")
    answer = client_of("teacher1").post(url("prepare", pk=visit.pk), {"own_words": "先说进步", "goal": "长" * 201})
    assert answer.status_code == 422
    assert "先说进步" in answer.content.decode()
    assert not Preparation.objects.exists()


def test_what_a_companion_may_not_know_is_not_there(hill: Cast, client_of: Clients) -> None:
    """A subject teacher who goes along sees ordinary categories and the help, not restricted ones nor the reasons."""
    flag(hill, "阿虎", "A24")
    flag(hill, "阿虎", "D11")
    Finding.objects.create(
        student=hill.student("阿虎"),
        category="B11",
        source="visit",
        found_on=date(2026, 9, 2),
        found_by=hill.staff("teacher1"),
    )
    Measure.objects.create(
        student=hill.student("阿虎"), kind="hardship", text="申请午餐", owner=hill.staff("teacher1"), source="visit",
        due=date(2026, 10, 1),
    )  # fmt: skip
    visit = planned(hill, "阿虎", along=("subject1",))
    seen = page_of(client_of("subject1"), visit)
    assert "学习困难" in seen
    assert "申请午餐" in seen
    assert [words for words in ("隔代抚养", "低保", "您把孩子照顾得很仔细") if words in seen] == []
    whole = page_of(client_of("teacher1"), visit)
    assert [words for words in ("隔代抚养", "低保", "学习困难") if words not in whole] == []


def test_a_sealed_category_stands_nowhere(hill: Cast, client_of: Clients, tmp_path: Path) -> None:
    """Not on the page, not on paper, not in the openings: only that there is more in the child's file."""
    for code in ("A31", "C21", "F41"):
        flag(hill, "阿虎", code)
    visit = planned(hill, "阿虎")
    browser = client_of("teacher1")
    said = page_of(browser, visit)
    assert "另有受限的情况" in said
    said += "".join(words_of(browser, visit, name) for name in ("outline", "card", "checklist"))
    assert [c.code for c in CATEGORIES.values() if c.sensitivity >= SEALED and str(c.name) in said] == []


def test_the_openings_are_neutral() -> None:
    """No line for a sealed category; none names a category; every other one has its own; no more than fit a page."""
    sealed = {c.code for c in CATEGORIES.values() if c.sensitivity >= SEALED}
    assert not sealed & set(BY_CATEGORY)
    without = set(CATEGORIES) - sealed - set(BY_CATEGORY)
    assert without == {"F51", "Z99"}
    for code in BY_CATEGORY:
        found = openings([code])
        assert set(BY_CATEGORY[code].say) <= set(found.say)
        assert set(EVERYBODY.say[:2]) <= set(found.say)
        # what is advised against may quote a word; what is to be said never does
        assert not [line for line in found.say for c in CATEGORIES.values() if str(c.name).split("(")[0] in str(line)]
    everything = openings(BY_CATEGORY)
    assert (len(everything.say), len(everything.avoid)) == (8, 8)
    assert openings([]) == EVERYBODY


def test_colleagues_are_asked_in_one_tap_and_answer_in_one_line(hill: Cast, actor: Actors, client_of: Clients) -> None:
    """Each is told once; the line stands on the page and on the phone; others see nothing of it."""
    visit = planned(hill, "阿梅", "阿乐")
    lead, maths, other = client_of("teacher1"), client_of("subject1"), client_of("teacher2")
    for _twice in range(2):
        assert lead.post(url("prepare_ask", pk=visit.pk)).status_code == 302
    asked = {(row.teacher.name, row.student.name) for row in Remark.objects.all()}
    assert asked == {("吴老师", "阿梅"), ("吴老师", "阿乐"), ("李老师", "阿乐")}
    told = OutboxMessage.objects.filter(url=url("remarks")).values_list("account_id", flat=True).order_by("account_id")
    assert list(told) == sorted([hill.account("subject1").pk, hill.account("teacher2").pk])
    about_amei = Remark.objects.get(student=hill.student("阿梅"))
    assert maths.get(url("remarks")).content.decode().count("data-draft=") == 2
    assert maths.post(url("remark", pk=about_amei.pk), {f"r{about_amei.pk}-text": ""}).status_code == 422
    sent = {f"r{about_amei.pk}-text": "这周主动上台讲题"}
    assert maths.post(url("remark", pk=about_amei.pk), sent).status_code == 302
    assert other.post(url("remark", pk=about_amei.pk), sent).status_code == 404
    assert "这周主动上台讲题" in page_of(lead, visit)
    assert maths.get(url("remarks")).content.decode().count("data-draft=") == 1
    on_phone = held(actor("teacher1"), "").visits[0]["preparation"]["remarks"]
    assert on_phone == [{"name": "阿梅", "teacher": "吴老师", "text": "这周主动上台讲题"}]


def test_one_colleague_alone_may_be_asked(hill: Cast, client_of: Clients) -> None:
    visit = planned(hill, "阿虎")
    lead = client_of("teacher1")
    assert lead.post(url("prepare_ask", pk=visit.pk), {"teacher": hill.staff("subject1").pk}).status_code == 302
    assert [row.teacher.name for row in Remark.objects.all()] == ["吴老师"]
    for odd in (hill.staff("teacher2").pk, "x", "9" * 40, "-1"):
        assert lead.post(url("prepare_ask", pk=visit.pk), {"teacher": odd}).status_code == 422


def test_after_the_visit_nothing_is_asked_or_answered(hill: Cast, client_of: Clients) -> None:
    visit = planned(hill, "阿虎")
    lead, maths = client_of("teacher1"), client_of("subject1")
    lead.post(url("prepare_ask", pk=visit.pk))
    Visit.objects.update(state="recorded")
    row = Remark.objects.get()
    assert maths.post(url("remark", pk=row.pk), {f"r{row.pk}-text": "晚了"}).status_code == 409
    assert lead.post(url("prepare_ask", pk=visit.pk)).status_code == 409
    assert "没有等您写的" in maths.get(url("remarks")).content.decode()


def test_what_was_prepared_goes_along_on_the_phone(hill: Cast, actor: Actors) -> None:
    visit = planned(hill, "阿虎")
    Preparation.objects.create(visit=visit, purposes=["tell", "gone"], own_words="先说进步", written_at=clock.now())
    told = held(actor("teacher1"), "").visits[0]["preparation"]
    assert (told["purposes"], told["own_words"], told["remarks"]) == (["反馈在校表现"], "先说进步", [])


def words_of(client: Client, visit: Visit, name: str) -> str:
    answer = client.get(url("prepare_sheet", pk=visit.pk, name=name))
    assert answer.status_code == 200
    document = Document(BytesIO(b"".join(answer)))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def prepared(hill: Cast) -> Visit:
    """A key child with everything filled in."""
    flag(hill, "阿虎", "A24")
    visit = planned(hill, "阿虎", along=("subject1",))
    Preparation.objects.create(
        visit=visit, theme="走进家门", purposes=["tell", "agree"], kinds=["study"], own_words="先说他帮同学搬书",
        goal="每天读十分钟", bring="两本绘本", involve="村里的王阿姨", written_at=clock.now(),
    )  # fmt: skip
    Remark.objects.create(
        visit=visit, student=hill.student("阿虎"), asked_by=hill.staff("teacher1"), teacher=hill.staff("subject1"),
        asked_at=clock.now(), text="计算快了，字还要写慢一点", answered_at=clock.now(),
    )  # fmt: skip
    return visit


def test_three_sheets(hill: Cast, client_of: Clients, tmp_path: Path) -> None:
    """Outline, card, checklist: one page each; the family's card holds nothing of any file."""
    visit, browser = prepared(hill), client_of("teacher1")
    outline, card, checklist = (words_of(browser, visit, name) for name in ("outline", "card", "checklist"))
    there = ("阿虎爷爷", "先说他帮同学搬书", "每天读十分钟", "计算快了", "隔代抚养", "您把孩子照顾得很仔细")
    assert [words for words in there if words not in outline] == []
    assert "10000000002" not in outline
    assert [
        words for words in ("青山小学", "陈老师", "吴老师", "反馈在校表现", "老师不收礼") if words not in card
    ] == []
    assert [words for words in ("隔代抚养", "计算快了", "每天读十分钟") if words in card] == []
    assert [words for words in ("两本绘本", "村里的王阿姨", "行程已报备") if words not in checklist] == []
    verbs = AuditEntry.objects.filter(kind="read", verb__startswith="visit.print_").values_list("verb", flat=True)
    assert sorted(verbs) == ["visit.print_card", "visit.print_checklist", "visit.print_outline"]
    for name, width in (("outline", 210), ("card", 148), ("checklist", 210)):
        content = b"".join(browser.get(url("prepare_sheet", pk=visit.pk, name=name)))
        for pages in printed(content, "docx", tmp_path):
            assert [round(page.width) for page in pages] == [width]
    assert browser.get(url("prepare_sheet", pk=visit.pk, name="other")).status_code == 404


def test_the_page_takes_the_same_queries_for_one_child_or_three(hill: Cast, client_of: Clients) -> None:
    counts = []
    for names in (("阿宝",), ("阿梅", "阿乐")):
        visit, browser = planned(hill, *names), client_of("teacher1")
        browser.post(url("prepare_ask", pk=visit.pk))
        with CaptureQueriesContext(connection) as taken:
            page_of(browser, visit)
        counts.append(len([q for q in taken if "set_config" not in q["sql"] and "SAVEPOINT" not in q["sql"]]))
    assert counts[1] <= counts[0] + 2, counts
    assert max(counts) <= MOST_QUERIES
