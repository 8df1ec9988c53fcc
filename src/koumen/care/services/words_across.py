"""A word to somebody of the org whose scope is open: something came, or an answer did. It names no child."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from koumen.care.models import CaseTransfer, Referral
from koumen.core import clock, outbox
from koumen.core.models import OutboxMessage
from koumen.registry.models import Role, Staff


def tell_posts(row: Referral | CaseTransfer, posts: Iterable[str], slug: str) -> None:
    """Tell everybody who holds one of these posts that this came."""
    held = Role.objects.current(clock.today()).filter(post__in=posts, staff__is_active=True)
    rows = Staff.objects.filter(roles__in=held).exclude(account_id=None).distinct()
    subject = _("收到一件转介，请受理") if isinstance(row, Referral) else _("有一份个案请求转入，请核对")
    for account in rows.values_list("account_id", flat=True):
        say(account, subject, slug, row)


def say(account: int | None, subject: str, slug: str, row: Referral | CaseTransfer) -> None:
    """One in-app word that leads to the row; nobody is told who has no account."""
    if account is None:
        return
    page = "care:referral" if isinstance(row, Referral) else "care:transfer"
    outbox.say(
        OutboxMessage.Channel.IN_APP,
        account_id=account,
        subject=subject,
        body=_("请打开查看。"),
        url=reverse(page, kwargs={"org": slug, "pk": row.pk}),
    )
