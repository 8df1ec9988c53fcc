"""Opinions nobody handles are not forgotten; those somebody handles are that person's task."""

from functools import partial

from django.utils.translation import gettext as _

from koumen.care.models import Opinion
from koumen.care.queries.opinions import unattended
from koumen.care.services.opinions import tell_posts
from koumen.core import clock
from koumen.core.actor import OrgRef
from koumen.core.words import for_others


def remind_unattended(school: OrgRef) -> int:
    """Opinions nobody handles: those who receive them are told before the day, the principal when it is over. Each
    once. Returns how many opinions were spoken of. Run daily in the org's scope.
    """
    today, told = clock.today(), 0
    for row in unattended(today).order_by("pk")[:500]:
        is_late = row.due_on is not None and row.due_on < today
        with for_others():
            subject = _("意见建议已超过答复期限") if is_late else _("意见建议快到答复期限，还没有人办理")
            body = _("编号 %(code)s。") % {"code": row.code}
        key = f"opinion-{row.pk}-{'late' if is_late else 'due'}-{row.due_on}"
        posts: tuple[str, ...] = (
            ("bureau_officer", "principal") if row.level == Opinion.Level.ABOVE else ("moral_office",)
        )
        if is_late and row.level == Opinion.Level.SCHOOL:
            posts = ("moral_office", "principal")
        tell_posts(row, posts, school.slug, subject=subject, body=body, once=partial(_key, key))
        told += 1
    return told


def _key(start: str, account: int) -> str:
    return f"{start}-{account}"
