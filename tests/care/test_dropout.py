"""控辍保学, one child: listed once with case, measure and task; attempts; verified; struck off by a second person."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client
from PIL import Image

from koumen.care.models import Case, CaseSeat, DropoutEntry, Measure, Progress, Task
from koumen.care.models.findings import Source
from koumen.care.policies.cases import CaseSight, case_sight
from koumen.care.policies.dropout import may_read_entry
from koumen.care.queries.dropout import doubts
from koumen.care.services.dropout import Found, close, describe, verify
from koumen.care.services.findings import raise_findings
from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.core.models import OutboxMessage
from koumen.core.refusals import Conflict, Forbidden, Invalid
from koumen.registry.services.people import appoint
from tests.care.leaving import MONDAY, drawing, listed, returned, tried
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R12")]
ActorOf = Callable[..., Actor]


@pytest.fixture(autouse=True)
def _a_monday_of_september() -> Iterator[None]:
    with clock.at(MONDAY):
        yield


def test_it_works(hill: Cast, actor: ActorOf) -> None:
    """A child in doubt has a case with a 劝返 measure, its owner one task, and the colleagues see 优先 alone."""
    entry = listed(actor("subject1"), hill)
    assert (entry.state, entry.found_on) == ("suspected", clock.today())
    case = Case.objects.get()
    assert (entry.case, case.state, case.reasons, case.source) == (case, "open", ["D31"], "dropout")
    measure = Measure.objects.get()
    assert (measure.kind, measure.owner, measure.case) == ("return", hill.staff("teacher1"), case)
    task = Task.objects.get()
    assert (task.owner, task.about, task.about_id) == (hill.staff("teacher1"), "measure", str(measure.pk))
    assert "阿虎" not in task.title
    assert "辍" not in task.title
    assert case_sight(actor("principal"), case) == CaseSight.PRIORITY
    assert case_sight(actor("teacher2"), case) == CaseSight.NOTHING


def test_a_counsellor_of_the_class_lists_a_child_and_is_on_its_team(hill: Cast, actor: ActorOf) -> None:
    """Appointed to the classes looked after; to others of the school nothing is open."""
    room = hill.school_class("三年级1班")
    with pytest.raises(Forbidden):
        listed(actor("middle"), hill)
    appoint(hill.staff("middle"), by=actor("office"), post="counsellor", starts=clock.today(), school_class=room)
    entry = listed(actor("middle"), hill, source=Source.SURVEY, signature=drawing(), signed_by="阿虎爷爷")
    assert may_read_entry(actor("middle"), entry)
    assert CaseSeat.objects.filter(case=entry.case, staff=hill.staff("middle")).exists()
    with pytest.raises(Forbidden):
        listed(actor("middle"), hill, "阿乐")


def test_a_child_stands_there_once(hill: Cast, actor: ActorOf) -> None:
    """Sent twice, or named by two people: one entry, one case, one measure, one task."""
    token = uuid4()
    first = listed(actor("subject1"), hill, token=token)
    assert listed(actor("subject1"), hill, token=token) == first
    assert listed(actor("teacher1"), hill) == first
    assert [m.objects.count() for m in (DropoutEntry, Case, Measure, Task)] == [1, 1, 1, 1]


def test_whoever_names_a_listed_child_again_is_heard_and_told_nothing(
    hill: Cast, actor: ActorOf, client_of: Callable[[str], Client]
) -> None:
    """Their words and the signature join the entry; they get no seat, and no page tells that there was one."""
    entry = listed(actor("teacher1"), hill)
    page = f"/s/hill/dropout/new/{entry.student_id}/"
    assert "已经在名单上" not in client_of("subject1").get(page).content.decode()
    assert "已经在名单上" in client_of("teacher1").get(page).content.decode()
    told = {"token": str(uuid4()), "reason": "peers", "words": "说同学笑他", "signed_by": "阿虎爷爷"}
    told["signature"] = b64encode(drawing()).decode()
    assert client_of("subject1").post(page, told).headers["Location"] == "/s/hill/dropout/"
    entry = DropoutEntry.objects.get()
    assert entry.reason_words == "三天没来，家里说要出去打工\n2026-09-14 吴老师：说同学笑他"
    assert (entry.reason, entry.signed_by, entry.signature is not None) == ("work", "阿虎爷爷", True)
    assert not DropoutEntry.objects.visible_to(actor("subject1")).exists()


def test_the_childs_other_teachers_are_not_told_by_the_measure(
    hill: Cast, actor: ActorOf, client_of: Callable[[str], Client]
) -> None:
    """Help is for whoever teaches the child; that somebody is to be brought back says why, so 优先 alone shows."""
    entry = listed(actor("teacher1"), hill)
    seen = {who for who in ("office", "teacher1", "teacher2", "subject1", "principal") if
            Measure.objects.visible_to(actor(who)).exists()}  # fmt: skip
    assert seen == {"office", "teacher1"}
    page = client_of("subject1").get(f"/s/hill/students/{entry.student_id}/").content.decode()
    assert "优先" in page
    assert "劝返" not in page
    assert client_of("subject1").get(f"/s/hill/measures/{Measure.objects.get().pk}/").status_code == 404


def test_the_office_is_told_without_a_name(hill: Cast, actor: ActorOf) -> None:
    listed(actor("teacher1"), hill)
    note = OutboxMessage.objects.get()
    assert (note.account_id, note.subject) == (hill.account("office").pk, "控辍保学名单有新的学生")
    assert "阿虎" not in note.subject + note.body + note.url


def test_what_a_visit_noted_waits_beside_the_list_until_somebody_looked(
    hill: Cast, actor: ActorOf, client_of: Callable[[str], Client]
) -> None:
    """A problem D31 is no dropout: the class teacher is asked to look, and the child leaves the card once listed."""
    by = actor("teacher1")
    raise_findings(
        hill.student("阿虎"), by=by, source=Source.VISIT, source_id=uuid4(), on=clock.today(), categories=["D31"]
    )
    assert not DropoutEntry.objects.exists()
    assert [child.name for child in doubts(by)] == ["阿虎"]
    assert "阿虎" in client_of("teacher1").get("/s/hill/dropout/").content.decode()
    assert not doubts(actor("teacher2")).exists()
    listed(by, hill)
    assert not doubts(by).exists()


def test_the_childs_page_leads_there(hill: Cast, actor: ActorOf, client_of: Callable[[str], Client]) -> None:
    """Its door for those who read it; the same page as ever for the child's other teachers."""
    page = f"/s/hill/students/{hill.student('阿虎').pk}/"
    before = client_of("subject1").get(page).content.decode()
    assert "疑似辍学摸底" in before
    entry = listed(actor("teacher1"), hill)
    assert f"/s/hill/dropout/{entry.pk}/" in client_of("teacher1").get(page).content.decode()
    for who in ("subject1", "principal"):
        assert f"/s/hill/dropout/{entry.pk}/" not in client_of(who).get(page).content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_list_a_child_once(cast: Cast, actor: ActorOf) -> None:
    """Four connections at the same moment: one entry, one case, one measure, one task; everybody's words are kept."""
    people = [actor("teacher1"), actor("office"), actor("subject1"), actor("teacher1")]

    def name(i: int) -> int:
        try:
            with clock.at(MONDAY), scope.enter(people[i].org.id):
                return int(listed(people[i], cast, words=f"第 {i} 个人看到的").pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(name, range(4)))) == 1
    with scope.enter(people[0].org.id):
        assert [m.objects.count() for m in (DropoutEntry, Case, Measure, Task)] == [1, 1, 1, 1]
        assert all(f"第 {i} 个人" in DropoutEntry.objects.get().reason_words for i in range(4))


def test_each_attempt_has_its_number_and_is_there_once(hill: Cast, actor: ActorOf) -> None:
    entry, by, token = listed(actor("teacher1"), hill), actor("teacher1"), uuid4()
    tried(entry, by, "lost", token=token)
    tried(entry, by, "lost", token=token)
    tried(entry, by, "refused")
    assert [(a.number, a.result) for a in entry.attempts.all()] == [(1, "lost"), (2, "refused")]
    assert [p.text for p in Progress.objects.order_by("id")] == ["第 1 次劝返：失联", "第 2 次劝返：拒返"]
    assert entry.state == "suspected"  # attempts do not make a dropout: somebody verifies that


def test_the_whole_way(hill: Cast, actor: ActorOf) -> None:
    """Suspected, verified as dropped out, persuaded, back, seen in class, struck off; measure and task end with it."""
    by, entry = actor("teacher1"), listed(actor("teacher1"), hill)
    verify(entry, by=by, how="home", on=clock.today(), outcome="dropped")
    assert (entry.state, entry.dropped_on) == ("dropped", clock.today())
    tried(entry, by, "refused")
    assert entry.state == "persuading"
    tried(entry, by, "returned")
    assert entry.state == "returned"
    assert Measure.objects.get().state == "done"
    assert Task.objects.get().state == "done"
    with clock.at(MONDAY + timedelta(days=2)):
        with pytest.raises(Conflict, match="还没有核实"):
            close(_with_old_look(entry), by=actor("office"))
        verify(entry, by=by, how="school", on=clock.today(), outcome="returned")
        close(entry, by=actor("office"))
    assert (entry.closed_on, entry.closed_by) == (date(2026, 9, 16), hill.staff("office"))


def _with_old_look(entry: DropoutEntry) -> DropoutEntry:
    """What was verified on the way lies before the return."""
    DropoutEntry.objects.filter(pk=entry.pk).update(verified_on=MONDAY.date() - timedelta(days=1))
    return DropoutEntry.objects.get(pk=entry.pk)


def test_nobody_strikes_off_what_they_verified(hill: Cast, actor: ActorOf) -> None:
    """The second person: the teacher has no such right, and the office not for its own looking."""
    entry = returned(actor("office"), hill)
    for who in ("teacher1", "office", "middle"):
        with pytest.raises(Forbidden):
            close(entry, by=actor(who))
    assert close(entry, by=actor("principal")).closed_on == clock.today()


def test_a_child_still_away_is_not_struck_off(hill: Cast, actor: ActorOf) -> None:
    with pytest.raises(Conflict, match="复学或排除"):
        close(listed(actor("teacher1"), hill), by=actor("office"))


def test_a_doubt_that_was_none(hill: Cast, actor: ActorOf) -> None:
    """Excluded: the measure ends. Named again before it is struck off, the doubt and the measure live again."""
    entry = verify(
        listed(actor("teacher1"), hill), by=actor("teacher1"), how="phone", on=clock.today(), outcome="cleared"
    )
    assert (entry.state, Measure.objects.get().state) == ("cleared", "done")
    with clock.at(MONDAY + timedelta(days=3)):
        again = listed(actor("teacher1"), hill, words="又没来")
    assert (again, again.state, again.verified_on) == (entry, "suspected", None)
    assert again.reason_words.endswith("2026-09-17 陈老师：又没来")
    assert Measure.objects.get().state == "open"
    assert Task.objects.filter(state="open").count() == 1


@pytest.mark.parametrize("result", ["moved", "suspended"])
def test_moved_or_on_leave_ends_the_persuading(hill: Cast, actor: ActorOf, result: str) -> None:
    entry = listed(actor("teacher1"), hill)
    tried(entry, actor("teacher1"), result)
    assert (entry.state, Measure.objects.get().state) == ("cleared", "done")
    with pytest.raises(Conflict, match="不需要劝返"):
        tried(entry, actor("teacher1"))


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"words": "  "}, "发现了什么"),
        ({"last_seen_on": date(2026, 9, 15)}, "不能晚于今天"),
        ({"signature": drawing(), "signed_by": " "}, "签名人"),
        ({"signature": b"GIF89a", "signed_by": "阿虎爷爷"}, "重新签"),
        ({"signature": b"\x89PNG\r\n\x1a\n" + b"0" * 50, "signed_by": "阿虎爷爷"}, "重新签"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_and_leaves_nothing(hill: Cast, actor: ActorOf, more: dict[str, Any], word: str) -> None:
    with pytest.raises(Invalid, match=word):
        listed(actor("teacher1"), hill, **more)
    assert not DropoutEntry.objects.exists()
    assert not Case.objects.exists()


def test_an_empty_frame_is_no_signature(hill: Cast, actor: ActorOf) -> None:
    out = BytesIO()
    Image.new("RGBA", (600, 300), (0, 0, 0, 0)).save(out, "PNG")
    with pytest.raises(Invalid, match="请用手指"):
        listed(actor("teacher1"), hill, signature=out.getvalue(), signed_by="阿虎爷爷")


def test_a_signature_is_kept_as_a_picture_of_our_own(hill: Cast, actor: ActorOf) -> None:
    entry = listed(actor("teacher1"), hill, signature=drawing(), signed_by="阿虎爷爷", source=Source.SURVEY)
    assert entry.signature is not None
    assert (entry.signed_by, entry.signature.content_type) == ("阿虎爷爷", "image/png")
    assert entry.signature.label == "signature.png"


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ({"on": date(2026, 9, 15)}, Invalid),  # tomorrow
        ({"on": date(2026, 9, 13)}, Invalid),  # before it was listed
        ({"outcome": "returned"}, Conflict),  # nobody brought the child back
    ],
)
def test_a_verification_that_cannot_be(hill: Cast, actor: ActorOf, how: dict[str, Any], error: type[Exception]) -> None:
    entry = listed(actor("teacher1"), hill)
    usual: dict[str, Any] = {"how": "home", "on": clock.today(), "outcome": "cleared"}
    with pytest.raises(error):
        verify(entry, by=actor("teacher1"), **(usual | how))
    assert DropoutEntry.objects.get().verified_on is None


def test_an_attempt_tomorrow_is_refused(hill: Cast, actor: ActorOf) -> None:
    entry = listed(actor("teacher1"), hill, last_seen_on=date(2026, 9, 10))
    for days, word in ((-1, "不能晚于现在"), (9, "早于最后到校")):
        with pytest.raises(Invalid, match=word):
            tried(entry, actor("teacher1"), ago=days)


def test_who_reads_and_who_writes(hill: Cast, actor: ActorOf) -> None:
    """The class teacher, the office and the team; the principal sees that there is one, and opens it for a reason."""
    entry = listed(actor("teacher1"), hill)
    seen = {who for who in ("office", "principal", "middle", "teacher1", "teacher2", "subject1") if entry in
            DropoutEntry.objects.visible_to(actor(who))}  # fmt: skip
    assert seen == {"office", "principal", "teacher1"}
    readers = {who for who in ("office", "principal", "teacher1", "subject1") if may_read_entry(actor(who), entry)}
    assert readers == {"office", "teacher1"}
    for who in ("principal", "subject1", "teacher2", "sysadmin"):
        with pytest.raises(Forbidden):
            describe(entry, by=actor(who), found=Found(words="改"))
    with pytest.raises(Forbidden):
        listed(actor("teacher2"), hill)
