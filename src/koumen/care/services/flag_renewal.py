"""At a term's start class teachers are asked which flags still hold; what nobody renews has ended by itself."""

from datetime import timedelta

from django.utils.translation import gettext as _

from koumen.care.services.tasks import give_each
from koumen.core import clock
from koumen.core.actor import Actor, OrgRef
from koumen.core.gate import action
from koumen.core.words import for_others
from koumen.registry.models import Role
from koumen.registry.queries.calendar import term_of
from koumen.registry.queries.flags import waiting_by_class

ASKED_FOR = timedelta(days=14)  # from the first day of the term on


def may_ask(actor: Actor, school: OrgRef) -> bool:
    """The program alone asks."""
    return actor.account_id is None and actor.visitor is None and actor.org.id == school.id


@action("flag.ask_renewal", may=may_ask)
def ask_renewal(school: OrgRef, *, by: Actor) -> int:
    """In a term's first fortnight: one task for each class with flags that lapsed. Run again, nobody is asked twice.

    Returns how many were asked.
    """
    today = clock.today()
    first = term_of(today)[0]
    if today >= first + ASKED_FOR:
        return 0
    waiting = waiting_by_class(today)
    posts = Role.objects.current(today).filter(post="class_teacher", school_class__in=waiting, staff__is_active=True)
    with for_others():
        return give_each(
            [
                (
                    post.staff,
                    _("确认本学期还需要的标记（{n} 项）").format(n=waiting.get(post.school_class_id or 0, 0)),
                    f"flags:{post.school_class_id}:{first}",
                )
                for post in posts.select_related("staff").order_by("pk")
            ],
            by=by,
            due=first + ASKED_FOR,
            about="flags",
        )
