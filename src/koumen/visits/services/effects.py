"""效果评估: four weeks after help was agreed, its teacher is asked once whether it helped."""

from datetime import datetime, time, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from koumen.core import clock, outbox
from koumen.core.actor import Actor, OrgRef
from koumen.core.gate import action
from koumen.core.models import OutboxMessage
from koumen.core.refusals import Conflict, Invalid
from koumen.core.words import for_others
from koumen.registry.models import Role, Staff
from koumen.visits.models import Effect, Visit, VisitRecord
from koumen.visits.policies.after import may_judge

AFTER = timedelta(weeks=4)
TOO_LATE = timedelta(weeks=8)  # nobody is asked about what lies so far back, as after the first start


def may_ask(actor: Actor, school: OrgRef) -> bool:
    """The program alone asks."""
    return actor.account_id is None and actor.visitor is None and actor.org.id == school.id


@action("effect.ask", may=may_ask)
def ask_effects(school: OrgRef, *, by: Actor) -> int:
    """Ask about every visit of four weeks ago that agreed on something. Run again, it asks nobody twice."""
    day = clock.today()
    until = datetime.combine(day - AFTER + timedelta(days=1), time(), clock.ZONE)
    rows = VisitRecord.objects.filter(
        ~Q(measures=[]) | ~Q(next_step=""),
        visit__state=Visit.State.RECORDED,
        visit__starts_at__lt=until,
        visit__starts_at__gte=until - (TOO_LATE - AFTER),
        effect=None,
    )
    asked = 0
    for record in rows.select_related("visit__lead", "visit__school_class").order_by("pk"):
        who = _whom(record)
        effect, is_new = Effect.objects.get_or_create(record=record, defaults={"asked": who, "asked_at": clock.now()})
        if is_new:
            asked += 1
            _tell(effect, who, school)
    return asked


@action("effect.answer", may=may_judge)
def answer_effect(effect: Effect, *, by: Actor, face: int, text: str) -> Effect:
    """Say whether it helped. Raises Conflict when somebody said so already, Invalid for an unknown face."""
    row = Effect.objects.select_for_update().get(pk=effect.pk)
    if face not in Effect.Face.values or len(text) > 200:
        raise Invalid
    if row.answered_at is not None:
        if (row.face, row.text) == (face, text.strip()):
            return row
        raise Conflict(_("这一条已经回答过了。"))
    row.face, row.text, row.answered_at = face, text.strip(), clock.now()
    row.answered_by = Staff.objects.get(pk=by.member_id or 0)
    row.save()
    return row


def _whom(record: VisitRecord) -> Staff:
    """The lead; when they have left or have no account, the class teacher."""
    lead = record.visit.lead
    if lead.is_active and lead.account_id is not None:
        return lead
    posts = Role.objects.current(clock.today()).filter(
        post="class_teacher", school_class=record.visit.school_class_id, staff__is_active=True
    )
    return Staff.objects.filter(roles__in=posts).order_by("pk").first() or lead


def _tell(effect: Effect, who: Staff, school: OrgRef) -> None:
    if who.account_id is None:
        return
    with for_others():
        outbox.say(
            OutboxMessage.Channel.IN_APP,
            account_id=who.account_id,
            subject=_("四周前的家访，有效果吗？"),
            body=_("点一个表情，写一句话就行。只问这一次。"),
            url=reverse("visits:effect", kwargs={"org": school.slug, "pk": effect.pk}),
            once_key=f"effect:{effect.record_id}",
        )
