"""Reminders of tasks: the owner first, upward only when a task is overdue, one message a person and day."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from koumen.care.models import Task
from koumen.core import clock, outbox
from koumen.core.actor import Actor, OrgRef
from koumen.core.gate import action
from koumen.core.models import OutboxMessage
from koumen.core.words import for_others
from koumen.registry.models import Role, Staff

AHEAD = timedelta(days=1)
UPWARD_AFTER = 2  # days overdue; by then the owner was told three times
AGAIN_EVERY = 7  # days, for owner and above alike


def may_remind(actor: Actor, school: OrgRef) -> bool:
    """The program alone reminds."""
    return actor.account_id is None and actor.visitor is None and actor.org.id == school.id


@action("task.remind", may=may_remind)
def remind(school: OrgRef, *, by: Actor) -> int:
    """Tell owners of what is due and overdue today, and others of what stays undone. Returns how many were told.

    Run again on the same day, it tells nobody twice.
    """
    today = clock.today()
    rows = Task.objects.open().filter(due__lte=today + AHEAD).select_related("owner", "given_by")
    owners: dict[Staff, list[Task]] = defaultdict(list)
    above: dict[Staff, list[Task]] = defaultdict(list)
    office: list[Staff] | None = None
    for row in rows.order_by("pk").iterator(1000):
        if is_owners_day(row.due, today):
            owners[row.owner].append(row)
        if is_upward_day(row.due, today):
            giver = row.given_by
            if giver is not None and giver.is_active and giver.pk != row.owner_id:
                above[giver].append(row)
            else:
                office = _office() if office is None else office
                for staff in office:
                    above[staff].append(row)
    told = sum(_tell_owner(staff, found, today, school) for staff, found in owners.items())
    return told + sum(_tell_above(staff, found, today, school) for staff, found in above.items())


def is_owners_day(due: date, today: date) -> bool:
    """The day before, the day, the day after, and then once a week."""
    over = (today - due).days
    return over in (-1, 0, 1) or (over > 0 and over % AGAIN_EVERY == 0)


def is_upward_day(due: date, today: date) -> bool:
    """From the second day overdue on, once a week."""
    over = (today - due).days
    return over >= UPWARD_AFTER and (over - UPWARD_AFTER) % AGAIN_EVERY == 0


def _office() -> list[Staff]:
    posts = Role.objects.current(clock.today()).filter(post="moral_office")
    return list(Staff.objects.filter(Q(roles__in=posts), is_active=True).distinct())


def _tell_owner(staff: Staff, rows: list[Task], today: date, school: OrgRef) -> int:
    late = sum(row.due < today for row in rows)
    with for_others():
        subject = _("您有 {n} 项任务到期").format(n=len(rows))
        words = [_("逾期 {n} 项").format(n=late)] if late else []
        words += [row.title for row in rows[:3]]
        return _say(staff, subject, words, "mine", today, school)


def _tell_above(staff: Staff, rows: list[Task], today: date, school: OrgRef) -> int:
    is_office = all(row.given_by_id != staff.pk for row in rows)
    with for_others():
        subject = _("{n} 项任务逾期，还没有办").format(n=len(rows))
        words = [_("{title}（{name}）").format(title=row.title, name=row.owner.name) for row in rows[:3]]
        return _say(staff, subject, words, "overdue" if is_office else "given", today, school)


def _say(staff: Staff, subject: str, words: Iterable[str], which: str, today: date, school: OrgRef) -> int:
    if staff.account_id is None:
        return 0
    row = outbox.say(
        OutboxMessage.Channel.IN_APP,
        account_id=staff.account_id,
        subject=subject,
        body="；".join(words),
        url=reverse("care:tasks", kwargs={"org": school.slug}) + f"?list={which}",
        once_key=f"tasks:{which}:{staff.pk}:{today}",
    )
    return int(row is not None)
