"""What is said around an appointment: answers to the teacher, a reminder to both the evening before."""

from datetime import datetime, time, timedelta

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from koumen.core import clock, outbox
from koumen.core.actor import Actor, OrgRef
from koumen.core.models import OutboxMessage
from koumen.core.words import for_others
from koumen.visits.models import Appointment, Visit
from koumen.visits.queries.appointments import guardians_to_tell

Channel = OutboxMessage.Channel


def tell_lead(row: Appointment, by: Actor) -> None:
    """Tell the teacher that a family answered; names stay out of it."""
    account = row.visit.lead.account_id
    if account is None or row.answered_at is None:
        return
    with for_others():
        outbox.say(
            Channel.IN_APP,
            account_id=account,
            subject=_("%(name)s有家长回复了家访预约") % {"name": row.visit.school_class.name},
            body=_("回复：%(what)s。") % {"what": row.get_state_display()},
            url=reverse("visits:appointments", kwargs={"org": by.org.slug, "pk": row.visit.school_class_id}),
            once_key=f"answer:{row.pk}:{row.answered_at.timestamp()}",
        )


def remind(org: OrgRef) -> int:
    """Remind families and teachers of tomorrow's agreed visits, each once. Returns how many messages were queued."""
    tomorrow = clock.today() + timedelta(days=1)
    first = datetime.combine(tomorrow, time(), clock.ZONE)
    rows = Appointment.objects.agreed().filter(
        starts_at__gte=first, starts_at__lt=first + timedelta(days=1), visit__state=Visit.State.PLANNED
    )
    said, times = 0, dict[int | None, list[Appointment]]()
    for row in rows.select_related("visit__lead").order_by("starts_at", "pk"):
        times.setdefault(row.visit.lead.account_id, []).append(row)
        said += sum(_remind_family(row, guardian.pk, guardian.phone) for guardian in guardians_to_tell(row.visit))
    with for_others():
        for account, mine in times.items():
            if account is not None:
                said += _remind_teacher(org, account, len(mine), tomorrow.isoformat())
    return said


def _remind_family(row: Appointment, guardian: int, phone: str) -> bool:
    if not phone or row.starts_at is None:
        return False
    with for_others():
        message = outbox.say(
            Channel.SMS,
            address=phone,
            subject=_("明天的家访"),
            body=_("您好！%(teacher)s老师和您约定%(when)s%(mode)s。如有变化，请直接和老师联系。")
            % {
                "teacher": row.visit.lead.name.removesuffix(gettext_noop("老师")),
                "when": date_format(clock.local(row.starts_at), _("n月j日 H:i")),
                "mode": row.get_mode_display(),
            },
            once_key=f"remind:{row.pk}:{guardian}:{row.starts_at.isoformat()}",
        )
    return message is not None


def _remind_teacher(org: OrgRef, account: int, count: int, day: str) -> bool:
    message = outbox.say(
        Channel.IN_APP,
        account_id=account,
        subject=_("明天有约定的家访"),
        body=_("明天有 %(n)d 个家庭和您约好了，时间见您的日程。") % {"n": count},
        url=reverse("visits:mine", kwargs={"org": org.slug}),
        once_key=f"remind-teacher:{account}:{day}",
    )
    return message is not None
