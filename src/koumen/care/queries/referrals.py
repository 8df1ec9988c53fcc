"""Referrals sent and received; which schools are near; which of our children a transfer is about."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from koumen.care.models import CaseTransfer, Referral
from koumen.care.models.referrals import Way
from koumen.core import crypto
from koumen.core.actor import Actor
from koumen.registry.models import Org, Student

SCHOOLS = (Org.Kind.SCHOOL, Org.Kind.TEACHING_POINT)


def referrals(actor: Actor, way: str) -> "QuerySet[Referral]":
    """What this person sees of one way: what is open first, by the day an answer is hoped for."""
    rows: QuerySet[Referral] = Referral.objects.visible_to(actor).filter(way=way)
    is_open = Q(state__in=(Referral.State.SENT, Referral.State.ACCEPTED))
    return rows.annotate(is_open=Count("pk", filter=is_open)).order_by("-is_open", "due", "id")


def counts(actor: Actor, on: date) -> dict[str, int]:
    """How many are open each way, and overdue: one statement."""
    is_open = Q(state__in=(Referral.State.SENT, Referral.State.ACCEPTED))
    found: dict[str, int] = Referral.objects.visible_to(actor).aggregate(
        out=Count("pk", filter=is_open & Q(way=Way.OUT)),
        into=Count("pk", filter=is_open & Q(way=Way.IN)),
        late=Count("pk", filter=is_open & Q(due__lt=on)),
    )
    return found


def transfers(actor: Actor) -> "QuerySet[CaseTransfer]":
    """Cases asked to come or to go, those to be answered first."""
    rows: QuerySet[CaseTransfer] = CaseTransfer.objects.visible_to(actor).select_related("other_org")
    return rows.order_by("answered_at", "-asked_at")


def schools_near(org_id: int) -> "QuerySet[Org]":
    """The other schools under the same bureau, by name."""
    here = Org.objects.get(pk=org_id)
    rows: Any = Org.objects.filter(kind__in=SCHOOLS, is_active=True).exclude(pk=org_id)
    found: QuerySet[Org] = rows.filter(parent=here.parent_id).order_by("name")
    return found


def matches(head: Mapping[str, Any]) -> "QuerySet[Student]":
    """The children of our own roll a transfer may be about: the same student number or the same name."""
    same, number = Q(name=head.get("name", "")), head.get("student_no") or ""
    if number:
        same |= Q(student_no_hash=crypto.lookup(number))
    found: QuerySet[Student] = Student.objects.enrolled().filter(same).select_related("school_class")
    return found
