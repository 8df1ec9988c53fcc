"""教学点恢复需求: a family is asked whether a village school is wanted, and signs on the teacher's phone."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from koumen.care.models import PointDemand
from koumen.care.policies.dropout import may_ask_demand
from koumen.care.services.dropout import kept_signature
from koumen.core import clock
from koumen.core.actor import Actor, OrgRef
from koumen.core.gate import action
from koumen.core.refusals import Invalid
from koumen.registry.models import Place, Staff

MOST_CHILDREN = 8


@dataclass(frozen=True)
class Answer:
    """What a family says. `grades` are the years of school its children will enter, 1 to 9; the page made `token`."""

    token: UUID
    place_name: str
    signed_by: str
    wanted: bool
    children: int
    grades: tuple[int, ...]
    reason: str
    signature: bytes


@action("demand.sign", may=may_ask_demand)
def sign_demand(school: OrgRef, /, *, by: Actor, answer: Answer) -> PointDemand:
    """Keep a signed answer. Sent twice, it is there once.

    Raises Invalid without a village, a name or a drawn signature, and for a number of children that cannot be.
    """
    known: PointDemand | None = PointDemand.objects.filter(token=answer.token).first()
    if known is not None:
        return known
    place, name = answer.place_name.strip(), answer.signed_by.strip()
    if not place or not name:
        raise Invalid(_("请写村组和签名人。"))
    if not 1 <= answer.children <= MOST_CHILDREN or not set(answer.grades) <= set(range(1, 10)):
        raise Invalid(_("请核对孩子的人数和年级。"))
    return PointDemand.objects.create(
        place=Place.objects.filter(name=place).first(),
        place_name=place,
        signed_by=name,
        wanted=answer.wanted,
        children=answer.children,
        grades=sorted(set(answer.grades)),
        reason=answer.reason.strip(),
        signature=kept_signature(answer.signature, by=by),
        asked_by=Staff.objects.get(pk=by.member_id or 0),
        signed_at=clock.now(),
        token=answer.token,
    )
