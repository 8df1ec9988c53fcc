"""Two phones, a desk, lost answers, cancelled visits, wrong clocks, in any order: one true record, nothing lost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from koumen.care.models import Opinion
from koumen.core import clock, scope
from koumen.registry.queries.actors import actor_for
from koumen.visits.models import RecordFile, RecordVersion, Visit, VisitRecord
from koumen.visits.services import visits as services
from koumen.visits.services.entries import entry_of
from tests.cast import Cast
from tests.visits.phones import Phone, announced, answers, name_of
from tests.visits.stories import EVENING, LATER, planned

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R8", "R45")]
WORDS = st.sampled_from(["一句话", "另一句话", "第三句话"])
WHO = st.sampled_from(["lead", "along"])
EXAMPLES, STEPS = 200, 12


class Intake(RuleBasedStateMachine):
    """What can happen to one visit's record between two phones, a desk and the server."""

    cast: Cast
    client_of: Callable[[str], Client]

    @initialize()
    def begin(self) -> None:
        """One visit by two people, each with a phone that has written something."""
        # Each order begins with the cast alone: the rows of two hundred others would only make it slower.
        self.alone = transaction.atomic()
        self.alone.__enter__()
        self.visit = planned(self.cast, "阿虎", along=("subject1",), at=EVENING)
        self.phones = {"lead": Phone(self.client_of("teacher1")), "along": Phone(self.client_of("subject1"))}
        self.records = {who: uuid4() for who in self.phones}
        self.voice = {who: b"\x1aE\xdf\xa3" + uuid4().bytes * 40 for who in self.phones}
        self.bodies: dict[str, dict[str, Any]] = {}
        self.receipts: dict[str, dict[str, Any]] = {}
        self.conflicts: set[str] = set()
        self.told: set[str] = set()  # every sentence the server has answered for
        self.cancelled = self.unplanned = False

    def teardown(self) -> None:
        """What this order wrote goes."""
        if hasattr(self, "alone"):
            transaction.set_rollback(True)
            self.alone.__exit__(None, None, None)

    @rule(who=WHO, words=WORDS, days=st.sampled_from([0, 0, 1, -1]))
    def seals(self, who: str, words: str, days: int) -> None:
        """A teacher writes and seals; a phone's clock may be wrong by a day. Sealed is sealed."""
        if who in self.bodies:
            return
        phone, off = self.phones[who], timedelta(days=days)
        phone.now = LATER + off
        entry = answers([row.student_id for row in self.visit.students.all()], EVENING + off)
        entry |= {"content": words, "companions": [row.staff_id for row in self.visit.companions.all()]}
        entry |= {"opinion": f"{words}的意见"}
        self.bodies[who] = phone.body(
            self.visit, entry=entry, times_from="clock", files=[announced(self.voice[who], "voice")]
        )

    @rule(who=WHO, lost=st.booleans())
    def sends(self, who: str, lost: bool) -> None:
        """The phone sends what it sealed; the answer may be lost, then it will send the same again."""
        if who not in self.bodies:
            return
        status, told = self.phones[who].send_body(self.records[who], self.bodies[who])
        assert status in (200, 404, 409, 410), told
        if status in (200, 409) and status != 404:
            self.told.add(self.bodies[who]["entry"]["content"])
        if status == 410:
            assert self.cancelled
        if lost or status not in (200, 409):
            return
        if status == 409:
            self.conflicts.add(who)
            return
        before = self.receipts.get(who)
        if before is not None and before["version"] == told["version"]:
            assert {k: v for k, v in told.items() if k != "files"} == {k: v for k, v in before.items() if k != "files"}
        self.receipts[who] = told

    @rule(who=WHO, start=st.integers(0, 700), length=st.integers(1, 700))
    def sends_a_piece(self, who: str, start: int, length: int) -> None:
        """Any stretch of the voice note, in any order, however often."""
        if who in self.receipts:
            stop = min(len(self.voice[who]), start + length)
            if start < stop:
                assert self.phones[who].piece(self.records[who], self.voice[who], start, stop)[0] in (200, 202, 416)

    @rule(words=WORDS)
    def the_desk_revises(self, words: str) -> None:
        """Somebody corrects the record on the page."""
        kept = VisitRecord.objects.filter(visit=self.visit).first()
        by = actor_for(self.cast.account("teacher1"), "hill")
        if kept is None or by is None:
            return
        said = entry_of(kept)
        services.revise(kept, by=by, entry=type(said)(**{**vars(said), "content": words}), version=kept.version)
        self.told.add(words)

    @rule()
    def the_visit_is_cancelled(self) -> None:
        """Only a visit without a record can be."""
        if not VisitRecord.objects.filter(visit=self.visit).exists():
            Visit.objects.filter(pk=self.visit.pk).update(state=Visit.State.CANCELLED)
            self.cancelled = True

    @precondition(lambda self: self.cancelled)
    @rule()
    def it_is_planned_again(self) -> None:
        Visit.objects.filter(pk=self.visit.pk).update(state=Visit.State.PLANNED)
        self.cancelled = False

    @rule()
    def the_child_moves_to_another_class(self) -> None:
        child = self.cast.student("阿虎")
        one, other = self.cast.school_class("三年级1班"), self.cast.school_class("三年级2班")
        child.school_class = other if child.school_class_id == one.pk else one
        child.save()

    @invariant()
    def there_is_one_record_at_most(self) -> None:
        if hasattr(self, "visit"):
            assert VisitRecord.objects.filter(visit=self.visit).count() <= 1
            assert Opinion.objects.filter(source_id__in=self.records.values()).count() <= 1

    @invariant()
    def a_receipt_is_true(self) -> None:
        for who, receipt in getattr(self, "receipts", {}).items():
            kept = VisitRecord.objects.get(pk=receipt["record"])
            assert kept.visit_id == self.visit.pk
            assert kept.version >= receipt["version"]
            row = RecordFile.objects.get(record=kept, hash=name_of(self.voice[who]))
            assert (row.stored_id is not None) == (row.have == row.size)

    @invariant()
    def whatever_was_answered_for_is_kept(self) -> None:
        """As the record, as what it said before, or as the other version beside it."""
        if not getattr(self, "told", None):
            return
        kept = VisitRecord.objects.get(visit=self.visit)
        versions = RecordVersion.objects.filter(record=kept).values_list("entry", flat=True)
        assert self.told <= {kept.content, *(entry["content"] for entry in versions)}

    @invariant()
    def times_are_the_evenings(self) -> None:
        """However wrong the clock of the phone was."""
        row = Visit.objects.get(pk=self.visit.pk) if hasattr(self, "visit") else None
        if row is not None and row.starts_at is not None:
            assert abs(row.starts_at - EVENING) <= timedelta(minutes=1)


def test_any_order_of_events_leaves_one_true_record(cast: Cast, client_of: Callable[[str], Client]) -> None:
    Intake.cast, Intake.client_of = cast, staticmethod(client_of)
    checks = list(HealthCheck)
    with scope.enter(cast.hill.pk), clock.at(LATER):
        run_state_machine_as_test(
            Intake,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                deadline=None,
                suppress_health_check=checks,
                database=None,
            ),
        )
