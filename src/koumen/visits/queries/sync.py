"""What a phone holds of one's own visits: the days around today, whole at first, then only what changed."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from json import dumps
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Prefetch, Q, Window
from django.db.models.functions import JSONObject, RowNumber

from koumen.care.models import Measure
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.models import Flag, Guardianship, Student
from koumen.registry.presets import categories
from koumen.registry.presets.codes import RELATIONS
from koumen.visits.models import OutingStaff, Remark, Visit, VisitRecord, VisitStaff, VisitStudent
from koumen.visits.presets.topics import Purpose
from koumen.visits.queries.questions import asked_of
from koumen.visits.queries.visits import midnight, of_staff

AHEAD, BEHIND, MOST = 7, 14, 150  # days; visits on one phone
MARK = 20  # bytes in a cursor: which visit, and what it said


@dataclass(frozen=True)
class Held:
    """What a phone should hold now, what it need not be told again, and what it should forget."""

    visits: list[dict[str, Any]]
    gone: list[str]
    cursor: str
    forms: frozenset[int]  # questions of the campaigns of all visits the phone should hold


def held(actor: Actor, since: str) -> Held:
    """One's own visits of the days around today that a phone with this cursor does not hold yet."""
    known = _known(since)
    now = {UUID(one["id"]): one for one in _all(actor)}
    marks = {pk: _mark(one) for pk, one in now.items()}
    cursor = b"".join(pk.bytes + marks[pk] for pk in now)
    return Held(
        [one for pk, one in now.items() if known.get(pk) != marks[pk]],
        [str(pk) for pk in known if pk not in now],
        urlsafe_b64encode(cursor).decode().rstrip("="),
        frozenset(one["form"]["id"] for one in now.values() if one["form"]),
    )


def _known(since: str) -> dict[UUID, bytes]:
    """A cursor, read back; one that cannot be read means that the phone holds nothing."""
    try:
        raw = urlsafe_b64decode(since + "=" * (-len(since) % 4))
    except ValueError:
        return {}
    pieces = (raw[at : at + MARK] for at in range(0, len(raw) - MARK + 1, MARK))
    return {UUID(bytes=piece[:16]): piece[16:] for piece in pieces}


def _mark(visit: dict[str, Any]) -> bytes:
    return blake2b(dumps(visit, sort_keys=True, default=str).encode(), digest_size=4).digest()


def _rows(actor: Actor) -> list[Any]:
    """Own visits from yesterday to a week ahead, and those of two weeks that nobody recorded yet."""
    today = clock.today()
    near = Q(starts_at__gte=midnight(today - timedelta(days=1)), starts_at__lt=midnight(today + timedelta(days=AHEAD)))
    waiting = Q(state=Visit.State.PLANNED, starts_at__gte=midnight(today - timedelta(days=BEHIND)))
    waiting &= Q(starts_at__lt=midnight(today))
    # Which they are is asked first: joined in one question, PostgreSQL reads the school's whole tables.
    chosen = of_staff(actor.member_id).filter(near | waiting).exclude(state=Visit.State.CANCELLED)
    own = chosen.order_by("starts_at", "id").values_list("pk", flat=True)
    rows: Any = Visit.objects.filter(pk__in=list(own[:MOST]))
    # Names and numbers come with their visit: a question for each kind of them would cost more than all their rows.
    team = OutingStaff.objects.filter(outing=OuterRef("stop__outing")).order_by("-leads", "pk").values("staff__name")
    about = VisitStudent.objects.filter(visit=OuterRef("pk")).values("student_id")
    along: Any = VisitStaff.objects.filter(visit=OuterRef("pk")).order_by("pk")
    along = along.annotate(told=JSONObject(id="staff_id", name="staff__name")).values("told")
    rows = rows.annotate(team=ArraySubquery(team), about=ArraySubquery(about), along=ArraySubquery(along))
    rows = rows.select_related(
        "household__place", "record", "stop__outing", "stop__group_visit", "group_visit", "preparation"
    )
    rows = rows.prefetch_related(Prefetch("remarks", Remark.objects.select_related("teacher").order_by("pk")))
    return list(rows.order_by("starts_at", "id"))


@dataclass(frozen=True)
class _Around:
    """What is told with the visits, read for all of them at once."""

    children: dict[int, list[Student]]  # by household
    adults: dict[int, list[Guardianship]]  # by student
    flags: dict[int, list[str]]
    measures: dict[int, list[Measure]]
    last: dict[int, VisitRecord]  # by household
    forms: dict[int, dict[str, int]]  # by campaign: which questions are asked
    own_classes: frozenset[int]


def _around(actor: Actor, rows: list[Any]) -> _Around:
    homes = {row.household_id for row in rows}
    children: dict[int, list[Student]] = defaultdict(list)
    for child in Student.objects.enrolled().filter(household__in=homes).select_related("school_class").order_by("pk"):
        children[child.household_id or 0].append(child)
    everybody = [child.pk for some in children.values() for child in some]
    adults = Guardianship.objects.filter(student__in=everybody, ends=None).select_related("guardian")
    flags: dict[int, list[str]] = defaultdict(list)
    own = actor.units("class", "class_teacher")
    current = Flag.objects.current(clock.today()).in_lists().filter(student__in=everybody).order_by("category")
    for student, school_class, category, level in current.values_list(
        "student_id", "student__school_class_id", "category", "sensitivity"
    ):
        if level == 1 or school_class in own:
            flags[student].append(str(categories.name(category)))
    newest = Window(RowNumber(), partition_by=F("visit__household_id"), order_by=F("visit__starts_at").desc())
    past = VisitRecord.objects.filter(visit__household__in=homes).annotate(place=newest).filter(place=1)
    return _Around(
        children,
        _by(adults.order_by("order", "pk"), "student_id"),
        flags,
        _by(Measure.objects.open().told().filter(student__in=everybody), "student_id"),
        {one.visit.household_id: one for one in past.select_related("visit")},
        asked_of(rows),
        own,
    )


def _by(rows: Iterable[Any], name: str) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found


def _all(actor: Actor) -> Iterable[dict[str, Any]]:
    rows = _rows(actor)
    around = _around(actor, rows)
    return [_told(row, around) for row in rows]


def _told(row: Any, around: _Around) -> dict[str, Any]:
    """One visit as the phone keeps it. Address and phones only from the day before to the day after."""
    assert row.starts_at is not None
    near = abs(clock.local(row.starts_at).date() - clock.today()) <= timedelta(days=1)
    home, about = row.household, set(row.about)
    children = around.children.get(row.household_id, [])
    record = getattr(row, "record", None)
    return {
        "id": str(row.pk),
        "state": row.state,
        "kind": str(row.get_kind_display()),
        "mode": row.mode,
        "starts_at": _text(row.starts_at),
        "ends_at": _text(row.ends_at),
        "order": row.stop.order if row.stop else 0,
        "outing": _outing(row),
        "group": _group(row),
        "place": home.place.name if home.place else "",
        "address": home.address if near else None,
        "point": [home.lng, home.lat] if near and home.lat is not None else None,
        "children": [
            {"id": one.pk, "name": one.name, "class_name": str(one.school_class or ""), "about": one.pk in about}
            for one in children
        ],
        "guardians": _guardians(children, around, near),
        "companions": row.along,
        "preparation": _preparation(row, children, around),
        "form": around.forms.get(row.campaign_id or 0),
        "record": {"id": str(record.pk), "version": record.version} if record else None,
    }


def _group(row: Visit) -> dict[str, Any] | None:
    """The group visit it belongs to: families of one are written down together."""
    group = row.group_visit if row.stop is None else row.stop.group_visit
    return {"id": group.pk, "name": group.name} if group is not None else None


def _outing(row: Any) -> dict[str, Any] | None:
    if row.stop is None:
        return None
    outing = row.stop.outing
    return {
        "id": outing.pk,
        "leaves_at": _text(outing.leaves_at),
        "back_at": _text(outing.back_at),
        "team": row.team,
    }


def _guardians(children: list[Student], around: _Around, near: bool) -> list[dict[str, Any]]:
    """Each adult once; names and phones where the actor teaches one of the children as class teacher."""
    found: dict[int, dict[str, Any]] = {}
    for child in children:
        full = child.school_class_id in around.own_classes
        for one in around.adults.get(child.pk, []):
            told = {
                "relation": one.relation,
                "relation_name": str(RELATIONS.get(one.relation, one.relation)),
                "name": one.guardian.name if full else "",
                "phone": one.guardian.phone if full and near else None,
            }
            if full or one.guardian_id not in found:
                found[one.guardian_id] = told
    return list(found.values())


def _preparation(row: Visit, children: list[Student], around: _Around) -> dict[str, Any]:
    last = around.last.get(row.household_id)
    read = last if row.school_class_id in around.own_classes else None
    return {
        "tags": sorted({tag for child in children for tag in around.flags.get(child.pk, [])}),
        "last_on": clock.local(last.visit.starts_at).date().isoformat() if last and last.visit.starts_at else None,
        "last_next_step": read.next_step if read else "",
        **_prepared(row, children),
        "measures": [
            {"kind": str(one.get_kind_display()), "text": one.text, "due": one.due.isoformat()}
            for child in children
            for one in around.measures.get(child.pk, [])
        ],
    }


def _prepared(row: Visit, children: list[Student]) -> dict[str, Any]:
    """The short lines of the visit's preparation: what it is for, and what other teachers say."""
    known = getattr(row, "preparation", None)
    names = {child.pk: child.name for child in children}
    return {
        "purposes": [str(Purpose(code).label) for code in known.purposes if code in Purpose.values] if known else [],
        "own_words": known.own_words if known else "",
        "remarks": [
            {"name": names.get(one.student_id, ""), "teacher": one.teacher.name, "text": one.text}
            for one in row.remarks.all()
            if one.text
        ],
    }


def _text(moment: datetime | None) -> str | None:
    return clock.local(moment).isoformat(timespec="minutes") if moment else None
