"""廉洁自律: the commitment of each term, and what families report, which care takes in as an opinion of integrity."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koumen.care.models import Opinion
from koumen.care.presets.topics import Topic
from koumen.care.services.opinions import Sending, keep
from koumen.core import clock
from koumen.core.actor import Actor, OrgRef
from koumen.core.gate import action
from koumen.core.refusals import Conflict, Forbidden, Invalid
from koumen.registry.models import Household, Staff
from koumen.registry.queries.calendar import term_of
from koumen.visits.models import Campaign, Clearance, Commitment, Visit
from koumen.visits.policies.after import may_commit, may_report
from koumen.visits.presets.commitment import VERSION


class CommitmentNeeded(Forbidden):
    """The commitment of this term is not accepted yet; the record is not lost, it waits on its page or phone."""

    sentence = gettext_lazy("这学期还没有签廉洁承诺。请先打开“廉洁承诺”读一遍并签下，再保存记录；填好的内容还在。")


@action("commitment.accept", may=may_commit)
def accept(school: OrgRef, *, by: Actor, version: str) -> Commitment:
    """The person accepts the text for this term; safe to repeat. Raises Conflict when the text shown is not today's."""
    if version != VERSION:
        raise Conflict(_("承诺书刚刚更新，请再看一遍。"))
    first, last = term_of(clock.today())
    staff = Staff.objects.get(pk=by.member_id or 0)
    row, _made = Commitment.objects.get_or_create(
        staff=staff, term_starts=first, defaults={"text_version": version, "accepted_at": clock.now()}
    )
    Clearance.objects.update_or_create(
        staff=staff,
        kind=Clearance.Kind.COMMITMENT,
        defaults={"valid_until": last, "noted_by": by.display_name},
    )
    return row


def is_asked(campaign: Campaign | None) -> bool:
    """Whether records need a commitment: this campaign's switch; for visits of none, that of any open campaign."""
    if campaign is not None:
        return bool(campaign.needs_commitment)
    return bool(Campaign.objects.open().filter(needs_commitment=True).exists())


def has_committed(staff_id: int | None) -> bool:
    """Accepted here, or noted by the office from paper, and valid today."""
    valid = Q(valid_until=None) | Q(valid_until__gte=clock.today())
    held = Clearance.objects.filter(valid, staff=staff_id or 0, kind=Clearance.Kind.COMMITMENT)
    return bool(held.exists())


def lacks_commitment(by: Actor, campaign: Campaign | None) -> bool:
    """Whether this person must accept first."""
    return is_asked(campaign) and not has_committed(by.member_id)


def require_commitment(visit: Visit, by: Actor) -> None:
    """Raises CommitmentNeeded before somebody's first record of a term that asks for it."""
    if lacks_commitment(by, visit.campaign):
        raise CommitmentNeeded(
            _("这学期还没有签廉洁承诺。请先打开“廉洁承诺”读一遍并签下，再保存记录；填好的内容还在。")
        )


@dataclass(frozen=True)
class Report:
    """What a family reports. Without a household it is anonymous; `signed` is who reports, for the bureau to ask."""

    text: str
    token: UUID
    about: Staff | None = None
    household: Household | None = None
    signed: str = ""


@action("report.send", may=may_report)
def send_report(school: OrgRef, *, by: Actor, report: Report) -> str:
    """Hand a family's report to the principal and to the bureau; returns its number.

    It passes the teacher and the office by: a principal it is about does not get it either. The log names no row.
    """
    if not report.text.strip() or len(report.text) > 1000:
        raise Invalid(_("请写一下是什么事，1000 字以内。"))
    return pass_up(school, report).code


def pass_up(school: OrgRef, report: Report) -> Opinion:
    """Keep a report as an opinion of integrity: for the principal and the bureau. Inside the action that lets it in."""
    sending = Sending(
        text=report.text.strip(),
        token=report.token,
        channel=Opinion.Channel.FEEDBACK,
        identity=Opinion.Identity.HIDDEN if report.household else Opinion.Identity.ANONYMOUS,
        topic=Topic.ETHICS,
        about=(report.about.pk,) if report.about else (),
        household=report.household,
        sender_name=report.signed if report.household else "",
    )
    return keep(school, sending)[0]
