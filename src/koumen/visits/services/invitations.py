"""Handing out the personal links of a class's invitations: to paste, to print, or by SMS."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from koumen.core import clock, links, outbox
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.models import OutboxMessage
from koumen.core.refusals import Invalid
from koumen.core.words import for_others
from koumen.registry.models import Guardianship, SchoolClass
from koumen.registry.presets.codes import RELATIONS
from koumen.visits.models import Appointment, Visit
from koumen.visits.policies.appointments import PURPOSE, may_ask_class
from koumen.visits.queries.appointments import open_of_class, ties_to_tell

SHORTEST, LONGEST = timedelta(days=2), timedelta(days=60)
Address = Callable[[str], str]  # from a link's secret to its address


@dataclass(frozen=True)
class Letter:
    """One adult's own link, with the words around it. It is made once and kept nowhere."""

    key: str
    children: str
    name: str
    relation: str
    url: str
    text: str


@action("appointment.hand_out", may=may_ask_class)
def hand_out(school_class: SchoolClass, *, by: Actor, address: Address, visit: Visit | None = None) -> list[Letter]:
    """New personal links for every adult whose family has not answered. Links given before stay good.

    Raises Invalid when nobody is waited for, or no adult on file gets notices.
    """
    found = [_letter(row, tie, address) for row, tie in _waiting(school_class, visit)]
    if not found:
        raise Invalid(_("没有等待回复的家庭，或名单里没有可以通知的家长。"))
    return found


@action("appointment.send", may=may_ask_class)
def send(school_class: SchoolClass, *, by: Actor, address: Address, visit: Visit | None = None) -> tuple[int, int]:
    """Send each adult with a phone on file the own link by SMS, once a day at most, in allowed hours.

    Returns (queued, adults without a phone).
    """
    sent = without = 0
    for row, tie in _waiting(school_class, visit):
        once = f"invite:{row.pk}:{tie.guardian_id}:{clock.today()}"
        if not tie.guardian.phone:
            without += 1
        elif not OutboxMessage.objects.filter(channel=outbox.Channel.SMS, once_key=once).exists():
            with for_others():
                letter = _letter(row, tie, address)
                outbox.say(
                    outbox.Channel.SMS,
                    address=tie.guardian.phone,
                    subject=_("家访预约"),
                    body=letter.text,
                    url=letter.url,
                    once_key=once,
                )
            sent += 1
    return sent, without


def _waiting(school_class: SchoolClass, visit: Visit | None) -> list[tuple[Appointment, Guardianship]]:
    rows = list(open_of_class(school_class, visit))
    ties = ties_to_tell([row.visit for row in rows])
    return [(row, tie) for row in rows for tie in ties[row.visit_id]]


def _letter(row: Appointment, tie: Guardianship, address: Address) -> Letter:
    starts = row.visit.starts_at
    left = starts - clock.now() if starts else LONGEST
    secret = links.issue(PURPOSE, person_id=tie.guardian_id, object_id=row.pk, lasts=min(max(left, SHORTEST), LONGEST))
    url, relation = address(secret), str(RELATIONS.get(tie.relation, ""))
    text = _("家长您好！%(teacher)s老师想和您约个时间聊聊孩子，请点开您的专属链接回复：%(url)s") % {
        "teacher": row.visit.lead.name.removesuffix(gettext_noop("老师")),
        "url": url,
    }
    return Letter(f"{row.pk}-{tie.guardian_id}", row.visit.names, tie.guardian.name, relation, url, text)
