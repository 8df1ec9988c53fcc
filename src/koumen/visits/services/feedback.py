"""家访反馈表: sent to a family once per visit, answered without a name."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from django.utils.translation import gettext as _

from koumen.core import clock, links, outbox
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.models import OutboxMessage
from koumen.core.refusals import Conflict
from koumen.core.words import for_others
from koumen.registry.models import Staff
from koumen.registry.presets.codes import RELATIONS
from koumen.visits.models import FeedbackAnswer, FeedbackRequest, VisitRecord
from koumen.visits.policies.after import FEEDBACK, Form, may_follow_record, may_give_feedback
from koumen.visits.services.agreements import Address, Letter, families_of
from koumen.visits.services.integrity import Report, pass_up

LASTS = timedelta(days=14)


@dataclass(frozen=True)
class Answers:
    """What a family ticked; nothing has to be."""

    appointed: bool | None = None
    attitude: int | None = None
    helpful: int | None = None
    only_marks: bool | None = None
    gifts: bool | None = None
    satisfaction: int | None = None
    suggestion: str = ""
    wish: str = ""


@action("feedback.ask", may=may_follow_record)
def ask_feedback(record: VisitRecord, *, by: Actor, address: Address, send: bool = False) -> list[Letter]:
    """A fresh link to the form for each adult. Whether the form came back is not told: the links look the same then."""
    visit = record.visit
    FeedbackRequest.objects.get_or_create(
        visit=visit, defaults={"asked_by": Staff.objects.get(pk=by.member_id or 0), "asked_at": clock.now()}
    )
    links.end(FEEDBACK, object_id=visit.pk)
    found = []
    for tie in families_of(visit):
        url = address(links.issue(FEEDBACK, person_id=tie.guardian_id, object_id=visit.pk, lasts=LASTS))
        relation = str(RELATIONS.get(tie.relation, ""))
        with for_others():
            text = _("%(relation)s您好！这次家访您觉得怎么样？不记名，一分钟填完：%(url)s") % {
                "relation": relation,
                "url": url,
            }
            if send and tie.guardian.phone:
                outbox.say(
                    OutboxMessage.Channel.SMS, address=tie.guardian.phone, subject=_("家访反馈表"), body=text, url=url
                )
        found.append(Letter(f"feedback-{tie.guardian_id}", tie.guardian.name, relation, text))
    return found


@action("feedback.give", may=may_give_feedback)
def give_feedback(form: Form, *, by: Actor, answers: Answers) -> None:
    """Keep the answers apart from the family and end the visit's links, in one transaction; the log names no row.

    That gifts were taken is kept nowhere here: it goes above the school. Raises Conflict for a second answer.
    """
    request = FeedbackRequest.objects.select_for_update().get(visit=form.visit)
    if request.is_answered:
        raise Conflict(_("这次家访已经有人填过了，谢谢您。"))
    FeedbackAnswer.objects.create(
        school_class_id=form.visit.school_class_id,
        month=clock.today().replace(day=1),
        appointed=answers.appointed,
        attitude=answers.attitude,
        helpful=answers.helpful,
        only_marks=answers.only_marks,
        satisfaction=answers.satisfaction,
        suggestion=answers.suggestion.strip(),
        wish=answers.wish,
    )
    if answers.gifts:
        with for_others():
            text = _("家访反馈表中，有家长回答老师收了礼。")
        pass_up(by.org, Report(text, uuid4(), about=form.visit.lead))
    request.is_answered = True
    request.save(update_fields=["is_answered"])
    links.end(FEEDBACK, object_id=form.visit.pk)
