"""Who may manage campaigns and plans, and who may see a family's address."""

from datetime import timedelta

from koumen.core import clock
from koumen.core.actor import Actor, OrgRef
from koumen.registry.models import Staff
from koumen.visits.models import Campaign, Outing, Plan, QuestionForm
from koumen.visits.models.campaigns import TEACHING
from koumen.visits.models.plans import MANAGERS


def manages(actor: Actor) -> bool:
    """Campaigns, plans and their outings are the office's, the middle leaders' and the principals' to manage."""
    return actor.holds(*MANAGERS)


def may_start_campaign(actor: Actor, org: OrgRef) -> bool:
    """Managers of a school; a bureau sends campaigns down in another way."""
    return manages(actor)


def may_manage_campaign(actor: Actor, campaign: Campaign) -> bool:
    return manages(actor)


def may_manage_questions(actor: Actor, form: QuestionForm) -> bool:
    return manages(actor)


def may_export_answers(actor: Actor, campaign: Campaign) -> bool:
    """The managers without names; a class teacher those of the own class."""
    return manages(actor) or bool(actor.units("class", "class_teacher"))


def may_manage_plan(actor: Actor, plan: Plan) -> bool:
    return manages(actor)


def may_see_campaign(actor: Actor, campaign: Campaign) -> bool:
    """Everybody who goes on visits."""
    return actor.holds(*TEACHING)


def may_tick_free(actor: Actor, staff: Staff) -> bool:
    """One's own free slots; the managers for everybody."""
    return actor.member_id == staff.pk or manages(actor)


def may_see_plan(actor: Actor, plan: Plan) -> bool:
    """Managers see all of it; a class teacher the own class's part once it is adopted."""
    return manages(actor) or (plan.is_live and bool(actor.units("class", "class_teacher")))


def may_see_outing(actor: Actor, outing: Outing) -> bool:
    """Whoever has it in sight (`OutingQuerySet.visible_to`)."""
    return actor.holds(*TEACHING)


def may_see_addresses(actor: Actor, outing: Outing) -> bool:
    """The class teacher always; who goes along from the day before to the day after; nobody else.

    Asks for `outing.team` (prefetched where many outings are shown).
    """
    if outing.school_class_id in actor.units("class", "class_teacher"):
        return True
    if not any(member.staff_id == actor.member_id for member in outing.team.all()):
        return False
    day = clock.local(outing.leaves_at).date()
    return abs(clock.today() - day) <= timedelta(days=1)
