"""Why a class teacher sees fewer of the own class at home than asked: whom the teacher can reach, and whom not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from koumen.planner.explain.changes import Change, changed
from koumen.planner.explain.ground import Ground
from koumen.planner.explain.mends import Mend
from koumen.planner.explain.timing import Visits
from koumen.planner.explain.words import Said, said
from koumen.planner.parts import Household, Slot
from koumen.planner.task import teacher_share

MOST_SLOTS = 12  # further slots of a class teacher that are tried
MOST_NAMED = 4


@dataclass(frozen=True)
class Share:
    """A class, its teacher, and its families by what stands between them and the teacher; `by` students are missing."""

    ground: Ground
    class_id: str
    by: int

    @property
    def teacher(self) -> str:
        return self.ground.problem.class_by_id[self.class_id].teacher

    def own(self, home: Household) -> int:
        """Students of the class in this family."""
        return sum(class_id == self.class_id for _, class_id in home.students)

    @cached_property
    def homes(self) -> list[Household]:
        return [home for home in self.ground.homes.values() if self.class_id in home.classes]

    @cached_property
    def slots(self) -> list[Slot]:
        """The slots in which the teacher can go out."""
        return [slot for slot in self.ground.open_slots() if self.teacher in self.ground.free[slot.id]]

    def is_reached(self, home: Household) -> bool:
        """Whether some slot of the teacher's is long enough for this family alone, and at a time it can receive."""
        ways = self.ground.alone(home).seconds.tolist()
        return any(
            Visits((self.ground.spans(home, slot),), (home.service,), ways, slot.length).starts((0,), (0,)) is not None
            for slot in self.slots
        )

    @cached_property
    def kinds(self) -> dict[str, list[Household]]:
        """seen, remote, unreached, left_out, elsewhere (with another class), other."""
        found: dict[str, list[Household]] = {}
        for home in self.homes:
            found.setdefault(self._kind(home), []).append(home)
        return found

    def _kind(self, home: Household) -> str:
        going = self.ground.trips.of_family(home.id)
        if not home.in_person or home.families:
            return "remote"
        if going is not None and self.teacher in going.staff:
            return "seen"
        if not self.is_reached(home):
            return "unreached"
        if going is None:
            return "left_out"
        return "other" if self.class_id in going.classes else "elsewhere"

    def students(self, kind: str) -> int:
        return sum(self.own(home) for home in self.kinds.get(kind, []))

    @property
    def bound(self) -> int:
        """No plan lets the teacher see more of the class at home: those reached one by one."""
        return sum(self.students(kind) for kind in ("seen", "left_out", "other", "elsewhere"))

    @cached_property
    def moves(self) -> tuple[Ground, list[Change], int, int]:
        """Families moved, one after another, to outings the teacher goes on; what is still missing, and the cost."""
        ground, done, cost, by = self.ground, [], 0, self.by
        for home in self.kinds.get("other", []):
            if by <= 0:
                break
            if home.id in ground.locks:
                continue
            left, saved = ground.without(home)
            fits = [view.fit for view in (left.view(home, slot) for slot in self.slots) if view.fit is not None]
            fits = [fit for fit in fits if self.teacher in fit.outing.staff]
            best = min(fits, key=lambda fit: (fit.cost, fit.outing.key), default=None)
            if best is not None:
                ground, cost, by = left.with_outing(best.outing), cost + best.cost - saved, by - self.own(home)
                done.append(Change("move", home.id, best.outing.slot))
        return ground, done, by, cost

    def gain(self, slot: Slot) -> tuple[int, Ground, int]:
        """Students the teacher would see in one slot more, the outing then, and what it costs: the class's own outing
        taken over, and others put on it as long as there is room.
        """
        ground = changed(self.ground, (Change("free", self.teacher, slot.id),))
        going = ground.trips.of_class(self.class_id, slot.id)
        students, cost = 0, 0
        if going is not None and self.teacher not in going.staff:
            led = replace(going, lead=self.teacher)
            students += sum(self.own(ground.homes[one.household]) for one in going.stops)
            cost, ground = ground.price(led) - ground.price(going), ground.with_outing(led)
        for home in self._others(ground):
            if not home.windows.get(slot.id) or home.id in ground.locks:
                continue
            left, saved = ground.without(home)
            fit = left.view(home, slot).fit
            if fit is not None and self.teacher in fit.outing.staff:
                students, cost, ground = (
                    students + self.own(home),
                    cost + fit.cost - saved,
                    left.with_outing(fit.outing),
                )
        return students, ground, cost

    def _others(self, ground: Ground) -> list[Household]:
        """Families the class could bring and the teacher does not see."""
        found = [
            home
            for kind in ("left_out", "unreached", "other")
            for home in self.kinds.get(kind, [])
            if (going := ground.trips.of_family(home.id)) is None or self.teacher not in going.staff
        ]
        return [home for home in found if home.lead_class == self.class_id]


def share_words(share: Share) -> Iterator[Said]:
    """The cause first, then everybody the teacher does not see."""
    asked = teacher_share(share.ground.problem, share.class_id)
    who = (share.teacher,)
    moves = share.moves[1]
    if share.ground.problem.person_by_id[share.teacher].barred:
        yield said("barred", people=who)
    elif not share.slots:
        yield said("teacher_never_free", people=who)
    elif share.bound < asked:
        yield said("share_bound", people=who, n=share.bound, m=asked)
    elif moves:
        yield said("share_movable", households=tuple(one.subject for one in moves))
    elif share.kinds.get("other"):
        yield said("share_full", n=share.students("other"))
    yield said("share_so_far", people=who, n=asked - share.by, m=asked, by=share.by)
    for code, kind in (("no_teacher_slot", "unreached"), ("share_remote", "remote"), ("share_left_out", "left_out")):
        if share.students(kind) and (kind != "unreached" or share.slots):
            yield said(code, n=share.students(kind), people=who)
    if share.students("elsewhere"):
        yield said("led_elsewhere", n=share.students("elsewhere"))


def share_mend(share: Share) -> Mend | None:
    """Families moved to the teacher's outings as far as possible, then the fewest further slots; None if too few."""
    train: Sequence[Change] = ()
    start = share
    if share.ground.problem.person_by_id[share.teacher].barred:
        train = (Change("train", share.teacher),)
        start = Share(changed(share.ground, train), share.class_id, share.by)
    ground, moves, by, cost = start.moves
    changes = list(moves)
    while by > 0:
        now = Share(ground, share.class_id, by)
        tries = [(now.gain(slot), slot) for slot in _further(now)]
        best = max(tries, key=lambda one: (one[0][0], -one[0][2]), default=None)
        if best is None or best[0][0] <= 0:
            return None
        (students, after, more), slot = best
        ground, cost, by = after, cost + more, by - students
        changes.append(Change("free", share.teacher, slot.id))
    before = {home.id for home in share.kinds.get("seen", [])}
    saves = tuple(home.id for home in Share(ground, share.class_id, by).kinds.get("seen", []) if home.id not in before)
    return Mend((*train, *changes), ground.families(saves), cost)


def _further(share: Share) -> list[Slot]:
    """Slots the teacher does not have, those first in which most families not seen can receive."""
    missing = [home for kind in ("left_out", "unreached", "other") for home in share.kinds.get(kind, [])]
    other = [slot for slot in share.ground.open_slots() if share.teacher not in share.ground.free[slot.id]]
    order = sorted(other, key=lambda slot: (-sum(bool(home.windows.get(slot.id)) for home in missing), slot.id))
    return order[:MOST_SLOTS]
