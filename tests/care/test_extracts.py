"""An extract from its first text to the family's yes, and back; what gives somebody away is blocked and said."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from koumen.care.models import Case, Extract, Task
from koumen.care.models.findings import Source
from koumen.care.queries import extracts as queries
from koumen.care.services import extracts as services
from koumen.care.services.cases import open_case
from koumen.care.services.extracts import Draft
from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry, PersonalLink
from koumen.core.refusals import Conflict, Forbidden, Invalid
from koumen.registry.models import Flag, Guardianship, Student
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R35", "R37", "R45")]
Clients = Callable[[str], Client]
Actors = Callable[..., Actor]
CLEAN = "该生学习有些吃力，老师每周帮他补一次课，两个月后作业能按时交了。"


def flag(code: str, *names: str) -> None:
    for student in Student.objects.filter(name__in=names):
        Flag.objects.create(student=student, category=code, sensitivity=1, starts=clock.today())


@pytest.fixture
def case(hill: Cast, actor: Actors) -> Case:
    """阿虎 has trouble with learning; so have four others of the school."""
    flag("D11", "阿虎", "阿梅", "阿宝", "阿乐", "阿南")
    return open_case(hill.student("阿虎"), by=actor("teacher1"), source=Source.TEACHER, reasons=["D11"], why="跟不上")


def draft(text: str = CLEAN, **more: Any) -> Draft:
    return Draft(**({"title": "慢一点也能到", "text": text, "categories": ["D11"]} | more))


@pytest.fixture
def extract(case: Case, actor: Actors) -> Extract:
    return services.begin(case, by=actor("teacher1"))


def checked(extract: Extract, by: Actor) -> Extract:
    row = services.write(extract, by=by, draft=draft())
    assert row.state == "checked", row.report
    return row


def read(hill: Cast, extract: Extract, actor: Actors) -> Extract:
    row = services.ask_reader(checked(extract, actor("teacher1")), by=actor("teacher1"), reader=hill.staff("office"))
    return services.second_read(row, by=actor("office"), is_fine=True)


def test_it_works(hill: Cast, client_of: Clients, case: Case) -> None:
    """Begun from the case, written, checked, read by another, agreed to by the family, taken back."""
    writer, reader, family = client_of("teacher1"), client_of("office"), Client()
    page = writer.post(f"/s/hill/cases/{case.pk}/extract/")["Location"]
    assert "学习困难" in writer.get(page).content.decode()
    told = {"title": "慢一点也能到", "text": CLEAN, "categories": ["D11"], "width": "stage"}
    assert "检查通过" in writer.post(page, told, follow=True).content.decode()
    writer.post(f"{page}reader/", {"reader": hill.staff("office").pk})
    assert Task.objects.get(about="extract").owner == hill.staff("office")
    assert CLEAN in reader.get(page).content.decode()
    assert reader.post(f"{page}read/", {"fine": "yes"}).status_code == 302
    assert Task.objects.get(about="extract").state == "done"
    letters = writer.post(f"{page}consent/").content.decode()
    path = letters[letters.index("/l/") :].split("<")[0].split('"')[0].strip()
    family.post(f"{path}open/")
    assert CLEAN in family.get(path).content.decode()
    row = Extract.objects.get()
    family.post(path, {"did": "agree", "shown": row.changed_at.isoformat()})
    row.refresh_from_db()
    assert (row.state, row.consent_by and row.consent_by.name) == ("ready", "阿虎爷爷")
    assert "慢一点也能到" in client_of("teacher2").get("/s/hill/extracts/").content.decode()
    family.post(path, {"did": "refuse"})
    row.refresh_from_db()
    assert row.state == "withdrawn"
    assert "慢一点也能到" not in client_of("teacher2").get("/s/hill/extracts/").content.decode()
    assert CLEAN not in family.get(path).content.decode()


def test_the_proposal_names_nobody_and_is_not_yet_fit_to_be_read(extract: Extract, actor: Actors) -> None:
    report = services.check(extract, actor("teacher1"))
    assert [f.words for _b, f, _a in report.found] == []
    assert report.is_unwritten
    assert not report.is_clean


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("阿虎进步了。", "阿虎"),
        ("阿虎爷爷很支持。", "阿虎爷爷"),
        ("住在柳树村。", "柳树村"),
        ("陈老师常去看他。", "陈老师"),
        ("电话10000000002。", "10000000002"),
        ("青山小学的老师。", "青山小学"),
        ("三年级1班的孩子。", "三年级1班"),
        ("大家叫他虎子。", "虎子"),
        ("三月五日那天。", "三月五日"),
        ("他的绰号是铁头。", "铁头"),
    ],
)
def test_what_gives_the_child_away_is_shown_with_why_and_blocks(
    client_of: Clients, extract: Extract, text: str, words: str
) -> None:
    page = f"/s/hill/extracts/{extract.pk}/"
    told = {"title": "慢一点也能到", "text": text, "categories": ["D11"], "width": "stage", "nicknames": "虎子"}
    answer = client_of("teacher1").post(page, told, follow=True).content.decode()
    assert f"<mark>{words}</mark>" in answer
    extract.refresh_from_db()
    assert (extract.state, extract.text) == ("draft", text)
    assert words not in str(extract.report)  # the report that is stored holds no name


def test_one_of_too_few_is_blocked_and_a_wider_description_is_offered(extract: Extract, actor: Actors) -> None:
    """阿虎 is the only one with both categories; without the second, five children are meant."""
    flag("E11", "阿虎")
    row = services.write(extract, by=actor("teacher1"), draft=draft(categories=["D11", "E11"]))
    assert (row.state, row.report["alike"]) == ("draft", 1)
    better = services.check(row, actor("teacher1")).wider
    assert better is not None
    assert (better.categories, better.count) == (("D11",), 5)
    flag("E12", "阿虎")
    for told in (["E12"], ["E11", "E12"]):  # nobody else has either: the child's grade at large
        more = queries.wider(row.case, "grade", told)
        assert (more and more.categories, more and more.width, more and more.count) == ((), "grade", 6)


def test_children_alike_are_counted_by_hand(case: Case) -> None:
    """Five have D11 in the school, its stage and its one grade; six are on roll."""
    assert [queries.alike(case, width, ["D11"]) for width in ("grade", "stage", "school")] == [5, 5, 5]
    assert queries.alike(case, "school", []) == 6
    Flag.objects.filter(student__name="阿南").delete()
    assert queries.alike(case, "school", ["D11"]) == 4


def test_a_changed_text_loses_reading_consent_and_links(hill: Cast, extract: Extract, actor: Actors) -> None:
    row = read(hill, extract, actor)
    services.ask_consent(row, by=actor("teacher1"), address=str)
    row = services.write(row, by=actor("teacher1"), draft=draft(CLEAN + "家长也很高兴。"))
    assert (row.state, row.reader, row.read_at) == ("checked", None, None)
    assert not PersonalLink.objects.filter(purpose="extract_consent", ended_at=None).exists()


def test_nobody_reads_their_own(extract: Extract, actor: Actors, hill: Cast) -> None:
    row = checked(extract, actor("teacher1"))
    with pytest.raises(Invalid):
        services.ask_reader(row, by=actor("teacher1"), reader=hill.staff("teacher1"))
    with pytest.raises(Forbidden):
        services.second_read(row, by=actor("teacher1"), is_fine=True)


def test_given_back_it_needs_a_word(hill: Cast, extract: Extract, actor: Actors, client_of: Clients) -> None:
    row = checked(extract, actor("teacher1"))
    services.ask_reader(row, by=actor("teacher1"), reader=hill.staff("office"))
    reader = client_of("office")
    assert reader.post(f"/s/hill/extracts/{row.pk}/read/", {"fine": "no"}).status_code == 422
    reader.post(f"/s/hill/extracts/{row.pk}/read/", {"fine": "no", "because": "第二段看得出"})
    assert "第二段看得出" in client_of("teacher1").get(f"/s/hill/extracts/{row.pk}/").content.decode()


def test_consent_needs_the_words_that_were_shown(hill: Cast, extract: Extract, actor: Actors) -> None:
    row = read(hill, extract, actor)
    tie = Guardianship.objects.get(student__name="阿虎")
    secret = services.ask_consent(row, by=actor("teacher1"), address=str)[0][1]
    family = Client()
    path = reverse("link", kwargs={"secret": secret})
    family.post(f"{path}open/")
    assert family.post(path, {"did": "agree", "shown": "2020-01-01"}).status_code == 409
    with scope.enter(hill.hill.pk):
        Guardianship.objects.filter(pk=tie.pk).update(may_sign=False)
    assert family.get(path).status_code == 404  # the right ended, so has the link


def test_only_after_checking_may_it_be_read(hill: Cast, extract: Extract, actor: Actors) -> None:
    with pytest.raises(Conflict):
        services.ask_reader(extract, by=actor("teacher1"), reader=hill.staff("office"))
    with pytest.raises(Conflict):
        services.ask_consent(extract, by=actor("teacher1"), address=str)


@pytest.mark.parametrize("change", [{"text": "  "}, {"title": ""}, {"text": "长" * 8001}, {"width": "village"}])
def test_bad_input_is_refused(extract: Extract, actor: Actors, change: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        services.write(extract, by=actor("teacher1"), draft=draft(**change))


def test_bad_input_on_the_page_keeps_what_was_typed(client_of: Clients, extract: Extract) -> None:
    answer = client_of("teacher1").post(f"/s/hill/extracts/{extract.pk}/", {"title": "", "text": CLEAN})
    assert answer.status_code == 422
    assert CLEAN in answer.content.decode()


def test_suspected_harm_is_never_told(case: Case, actor: Actors) -> None:
    Case.objects.filter(pk=case.pk).update(kind=Case.Kind.HARM)
    case.refresh_from_db()
    with pytest.raises(Forbidden):
        services.begin(case, by=actor("teacher1"))


def test_the_log_names_no_child(hill: Cast, extract: Extract, actor: Actors) -> None:
    read(hill, extract, actor)
    assert not AuditEntry.objects.filter(target__contains="阿虎").exists()
