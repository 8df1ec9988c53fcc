"""控辍保学, one child: listed once with case, measure and task; attempts; verified; struck off by a second person."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image, ImageDraw

from koumen.care.models import Case, DropoutEntry, Measure, Progress, ReturnAttempt, ReturnCheck, Task
from koumen.care.models.findings import Source
from koumen.care.policies.cases import CaseSight, case_sight
from koumen.care.policies.dropout import may_read_entry
from koumen.care.queries.dropout import classes_to_check, month_lines, state_on
from koumen.care.services.dropout import Attempt, Found, attempt, close, describe, list_child, verify
from koumen.care.services.returns import Away, check_class
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.refusals import Conflict, Forbidden, Invalid
from koumen.registry.models import Term
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R12")]
ActorOf = Callable[..., Actor]
MONDAY = datetime(2026, 9, 14, 10, tzinfo=clock.ZONE)


@pytest.fixture(autouse=True)
def _a_monday_of_september() -> Iterator[None]:
    with clock.at(MONDAY):
        yield


def drawing() -> bytes:
    """A signature as a phone sends it."""
    picture = Image.new("RGBA", (600, 300), (0, 0, 0, 0))
    ImageDraw.Draw(picture).line([(60, 200), (200, 60), (330, 220), (520, 90)], fill="black", width=8)
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def listed(by: Actor, hill: Cast, name: str = "阿虎", **more: Any) -> DropoutEntry:
    token: UUID = more.pop("token", None) or uuid4()
    source = more.pop("source", Source.TEACHER)
    found = Found(**({"words": "三天没来，家里说要出去打工", "reason": "work"} | more))
    return list_child(hill.student(name), by=by, token=token, found=found, source=source)


def tried(
    entry: DropoutEntry, by: Actor, result: str = "open", *, ago: int = 0, token: UUID | None = None
) -> ReturnAttempt:
    at = clock.now() - timedelta(hours=1, days=ago)
    return attempt(entry, by=by, done=Attempt(token or uuid4(), at, "01", "陈老师、村主任", result, "孩子愿意再想想"))


def returned(by: Actor, hill: Cast) -> DropoutEntry:
    """Dropped out, brought back, and seen in class."""
    entry = listed(by, hill)
    verify(entry, by=by, how="home", on=clock.today(), outcome="dropped")
    tried(entry, by, "returned")
    verify(entry, by=by, how="school", on=clock.today(), outcome="returned")
    return entry


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


def test_a_child_stands_there_once(hill: Cast, actor: ActorOf) -> None:
    """Sent twice, or named by two people: one entry, one case, one measure, one task."""
    token = uuid4()
    first = listed(actor("subject1"), hill, token=token)
    assert listed(actor("subject1"), hill, token=token) == first
    assert listed(actor("teacher1"), hill) == first
    assert [m.objects.count() for m in (DropoutEntry, Case, Measure, Task)] == [1, 1, 1, 1]


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
    assert again.reason_words.endswith("2026-09-17 又没来")
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
    with pytest.raises(error):
        verify(entry, by=actor("teacher1"), **({"how": "home", "on": clock.today(), "outcome": "cleared"} | how))
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


# 开学返校核查


def checked(by: Actor, hill: Cast, **away: str) -> ReturnCheck:
    states = {hill.student(name).pk: Away(state, "电话打不通") for name, state in away.items()}
    return check_class(hill.school_class("三年级1班"), by=by, term=Term.objects.get(order=1), away=states)


def test_everybody_is_here(hill: Cast, actor: ActorOf) -> None:
    """One tap: the class is done, nobody has a row, and home asks no more."""
    by = actor("teacher1")
    assert [c.name for c in classes_to_check(by)] == ["三年级1班"]
    row = checked(by, hill)
    assert (row.children.count(), row.done_by) == (0, hill.staff("teacher1"))
    assert classes_to_check(by) == []


def test_home_asks_in_the_first_month_of_the_term_alone(hill: Cast, actor: ActorOf) -> None:
    for day, asked in (("2026-09-01", 1), ("2026-09-30", 1), ("2026-10-01", 0), ("2027-02-01", 1)):
        with clock.at(datetime.fromisoformat(f"{day}T08:00")):
            assert len(classes_to_check(actor("teacher1"))) == asked, day
    assert classes_to_check(actor("subject1")) == []


def test_a_child_not_back_is_on_the_list_at_once(hill: Cast, actor: ActorOf) -> None:
    row = checked(actor("teacher1"), hill, 阿虎="not_back", 阿宝="leave")
    assert {c.student.name: c.state for c in row.children.all()} == {"阿虎": "not_back", "阿宝": "leave"}
    entry = DropoutEntry.objects.get()
    assert (entry.student.name, entry.source, entry.reason_words) == ("阿虎", "dropout", "电话打不通")
    assert Measure.objects.get().kind == "return"


def test_done_again_it_is_replaced(hill: Cast, actor: ActorOf) -> None:
    """A child that came in the afternoon is excluded; sent again the other way, the same entry is in doubt again."""
    by = actor("teacher1")
    checked(by, hill, 阿虎="not_back")
    checked(by, hill, 阿虎="not_back")
    assert DropoutEntry.objects.get().state == "suspected"
    checked(by, hill)
    entry = DropoutEntry.objects.get()
    assert (entry.state, entry.verified_how, Measure.objects.get().state) == ("cleared", "school", "done")
    checked(by, hill, 阿虎="not_back")
    assert DropoutEntry.objects.get().state == "suspected"
    assert ReturnCheck.objects.count() == 1


def test_a_child_somebody_already_went_for_stays_listed(hill: Cast, actor: ActorOf) -> None:
    """Correcting the check wipes no work: the entry with an attempt waits for its own verification."""
    by = actor("teacher1")
    checked(by, hill, 阿虎="not_back")
    tried(DropoutEntry.objects.get(), by)
    checked(by, hill)
    assert DropoutEntry.objects.get().state == "suspected"


def test_a_check_of_others_is_refused(hill: Cast, actor: ActorOf) -> None:
    with pytest.raises(Forbidden):
        checked(actor("teacher2"), hill)
    with pytest.raises(Invalid, match="不在本班"):
        checked(actor("teacher1"), hill, 阿乐="not_back")
    with pytest.raises(Invalid, match="还没有开始"):
        check_class(hill.school_class("三年级1班"), by=actor("teacher1"), term=Term.objects.get(order=2), away={})


# numbers of a month


def test_the_numbers_of_a_month(hill: Cast, actor: ActorOf) -> None:
    """Counted by hand: one dropped out and is back, one is in doubt, one was struck off the month before."""
    two = actor("teacher2")
    old = verify(listed(two, hill, "阿乐"), by=two, how="phone", on=clock.today(), outcome="cleared")
    close(old, by=actor("office"))
    with clock.at(MONDAY + timedelta(days=30)):
        checked(actor("teacher1"), hill, 阿宝="not_back")
        returned(actor("teacher1"), hill)
        lines, total = month_lines(date(2026, 10, 1))
    by_class = {line.name: line.numbers for line in lines}
    expected = {
        "on_roll": 3, "suspected_now": 1, "dropped_now": 0, "classes": 1, "checked": 1, "not_back": 1,
        "found": 2, "verified": 1, "dropped": 1, "attempts": 1, "returned": 1, "closed": 0,
    }  # fmt: skip
    assert by_class["三年级1班"] == expected
    assert by_class["三年级2班"] == dict.fromkeys(expected, 0) | {"on_roll": 3, "classes": 1}
    assert total.numbers == expected | {"on_roll": 6, "classes": 2}


def test_the_state_on_a_day_that_is_over(hill: Cast, actor: ActorOf) -> None:
    """A month handed in late counts who stood on the list then, not now."""
    by = actor("teacher1")
    entry = listed(by, hill)
    with clock.at(MONDAY + timedelta(days=5)):
        verify(entry, by=by, how="home", on=clock.today(), outcome="dropped")
    with clock.at(MONDAY + timedelta(days=10)):
        tried(entry, by)
    with clock.at(MONDAY + timedelta(days=20)):
        tried(entry, by, "returned")
    states = [
        state_on(entry, list(entry.attempts.all()), MONDAY.date() + timedelta(days=n)) for n in (-1, 0, 6, 12, 21)
    ]
    assert states == ["", "suspected", "dropped", "persuading", "returned"]
