"""What families are sent about opinions: their own link, word of an answer, a link to start from."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from koumen.care.models import Opinion
from koumen.care.policies.opinions import FAMILY, may_invite, may_see_sender
from koumen.core import links, outbox
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.models import OutboxMessage
from koumen.core.words import for_others
from koumen.registry.models import Guardian, Guardianship, Student
from koumen.registry.presets.codes import RELATIONS

LASTS = timedelta(days=30)


@dataclass(frozen=True)
class Ways:
    """Whole addresses: `link` makes one of a secret, `door` is the page where a code is asked."""

    link: Callable[[str], str]
    door: str


@dataclass(frozen=True)
class Letter:
    """What one adult is told, to be pasted into a chat."""

    key: str
    name: str
    text: str
    phone: str = ""


@action("opinion.invite", may=may_invite)
def invite(student: Student, *, by: Actor, ways: Ways, send: bool = False) -> list[Letter]:
    """A fresh link for each adult of a child, to say what should change. With `send` it goes out by SMS as well."""
    ties = Guardianship.objects.filter(student=student, ends=None).select_related("guardian").order_by("order", "pk")
    found = []
    for tie in ties:
        url = ways.link(links.issue(FAMILY, person_id=tie.guardian_id, object_id="", lasts=LASTS))
        with for_others():
            text = _("%(who)s您好！对学校有意见、建议，点这里说，打字、录音都行：%(url)s") % {
                "who": str(RELATIONS.get(tie.relation, "")),
                "url": url,
            }
        found.append(Letter(f"letter-{tie.guardian_id}", tie.guardian.name, text, tie.guardian.phone))
    return _sent(found, send=send)


@action("opinion.letters", may=may_see_sender)
def letters(opinion: Opinion, *, by: Actor, ways: Ways, send: bool = False) -> list[Letter]:
    """A fresh link to this opinion for those who sent it; whoever may not know them cannot ask for it."""
    return _sent(_letters(opinion, ways), send=send)


def tell_family(opinion: Opinion, ways: Ways) -> int:
    """Say by SMS that there is something to read. Returns how many were told; of an anonymous one nobody can be."""
    if opinion.identity == Opinion.Identity.ANONYMOUS:
        return 0
    found = [one for one in _letters(opinion, ways) if one.phone]
    _sent(found, send=True)
    return len(found)


def _letters(opinion: Opinion, ways: Ways) -> list[Letter]:
    """Links sent before stay alive: whoever kept the first message opens the same page with it."""
    found = []
    for guardian in _adults(opinion):
        url = ways.link(links.issue(FAMILY, person_id=guardian.pk, object_id=opinion.pk, lasts=LASTS))
        found.append(Letter(f"letter-{guardian.pk}", guardian.name, _text(opinion, url), guardian.phone))
    if not found and opinion.sender_phone:
        found.append(Letter("letter-0", opinion.sender_name, _text(opinion, ways.door), opinion.sender_phone))
    return found


def _text(opinion: Opinion, url: str) -> str:
    with for_others():
        return _("您反映的事（编号 %(code)s）有新进展，请点开看，还可以评一评：%(url)s") % {
            "code": opinion.code,
            "url": url,
        }


def _adults(opinion: Opinion) -> list[Guardian]:
    """Who sent it; of one told at a visit, the adults of the home who may see the child's data."""
    if opinion.guardian is not None:
        return [opinion.guardian]
    if opinion.household_id is None:
        return []
    rows = Guardian.objects.filter(
        guardianships__student__household=opinion.household_id,
        guardianships__ends=None,
        guardianships__sees_data=True,
    )
    return list(rows.distinct().order_by("pk"))


def _sent(found: list[Letter], *, send: bool) -> list[Letter]:
    for one in found if send else []:
        if one.phone:
            with for_others():
                subject = _("意见建议")
            outbox.say(OutboxMessage.Channel.SMS, address=one.phone, subject=subject, body=one.text)
    return found
