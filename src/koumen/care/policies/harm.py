"""Who reports suspected harm, and who is named on it. No post opens such a case, not even the office's."""

from koumen.care.models import Case, HarmReport
from koumen.care.policies.cases import may_work_on_case
from koumen.care.policies.help import STAFF_OF_CARE
from koumen.core.actor import Actor, OrgRef

# Named by their post when a report comes in, unless it concerns them.
NAMED_POSTS = ("principal", "moral_office")
THEN = ("vice_principal",)  # when nobody of those is left


def may_report(actor: Actor, org: OrgRef) -> bool:
    """Everybody who works with children must report."""
    return actor.member_id is not None and actor.holds(*STAFF_OF_CARE)


def may_handle(actor: Actor, case: Case) -> bool:
    """The persons named on it."""
    return case.kind == Case.Kind.HARM and may_work_on_case(actor, case)


def may_read_own(actor: Actor, report: HarmReport) -> bool:
    """Whoever wrote it, what they wrote and nothing that followed."""
    return report.by_id == actor.member_id
