"""两人导出: a list with names of many children is asked for by one person and approved by another.

Every kind of list registers how it is counted and made; what asks for the approval is the same for all. The file is
made at each download with what the asker may see at that moment, so a right that ended takes its names out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from koumen.care.models import NameList
from koumen.care.policies.ledger import APPROVERS, may_ask_names, may_decide_names, may_download_names
from koumen.core import clock, outbox
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.models import OutboxMessage
from koumen.core.refusals import Conflict, Forbidden, Gone, Invalid
from koumen.core.words import for_others
from koumen.registry.models import Role, Staff

MOST_ALONE = 50  # children by name that one person may take along
LASTS = timedelta(hours=24)
Wanted = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """What a list is made from: for whom, which filters, and the line every page of it carries."""

    by: Actor
    wanted: Wanted
    watermark: str


@dataclass(frozen=True)
class ListKind:
    """One kind of list. `may`: whose right it is; `count`: how many children it names; `make`: the file's bytes."""

    may: Callable[[Actor], bool]
    count: Callable[[Actor, Wanted], int]
    make: Callable[[Asked], bytes]
    file_name: Callable[[], str]
    form: str = "xlsx"  # a type of `core.files.TYPE_OF`


KINDS: dict[str, ListKind] = {}


def watermark(by: Actor) -> str:
    """Who took it along and when; it stands on every export."""
    at = clock.local(clock.now()).strftime("%Y-%m-%d %H:%M")
    return _("%(org)s · %(name)s · %(at)s 导出，仅限工作使用，请妥善保管，用后删除。") % {
        "org": by.org.name, "name": by.display_name, "at": at,
    }  # fmt: skip


@action("names.ask", may=may_ask_names)
def ask_for_names(kind: str, *, by: Actor, wanted: Wanted, because: str) -> NameList:
    """Ask for a list; those who may approve it are told. The same request that still waits is given back.

    Raises Forbidden beyond one's right, Invalid without a reason or when the list names nobody.
    """
    known = KINDS.get(kind)
    if known is None or not known.may(by):
        raise Forbidden
    if len(because.strip()) < 5 or len(because) > 300:
        raise Invalid(_("请写明依据和用途（5 到 300 个字）。"))
    children = known.count(by, wanted)
    if not children:
        raise Invalid(_("按这些条件，名册里没有学生。"))
    asker = Staff.objects.get(pk=by.member_id or 0)
    waiting = NameList.objects.filter(asked_by=asker, kind=kind, wanted=dict(wanted), approved_at=None, refused_at=None)
    row: NameList | None = waiting.select_for_update(of=("self",)).first()
    if row is None:
        row = NameList.objects.create(
            kind=kind,
            wanted=dict(wanted),
            children=children,
            because=because.strip(),
            asked_by=asker,
            asked_at=clock.now(),
        )
        _tell_approvers(row, by)
    return row


@action("names.decide", may=may_decide_names)
def decide_on_names(names: NameList, *, by: Actor, is_approved: bool) -> NameList:
    """The second person says yes, for a day, or no. Raises Conflict when somebody has decided already."""
    row: NameList = NameList.objects.select_for_update(of=("self",)).select_related("asked_by").get(pk=names.pk)
    if row.approved_at is not None or row.refused_at is not None:
        raise Conflict(_("这份申请已经处理过了。"))
    if is_approved:
        row.approved_by = Staff.objects.get(pk=by.member_id or 0)
        row.approved_at, row.ends_at = clock.now(), clock.now() + LASTS
    else:
        row.refused_at = clock.now()
    row.save(update_fields=["approved_by", "approved_at", "refused_at", "ends_at"])
    if row.asked_by.account_id is not None:
        with for_others():
            _say(
                row.asked_by.account_id,
                by,
                _("名册导出已批准，24 小时内可下载") if is_approved else _("名册导出没有批准"),
                row,
            )
    return row


def _require_open(row: NameList) -> None:
    """Raises Conflict before the approval, Gone afterwards."""
    if row.refused_at is not None:
        raise Conflict(_("这份名册没有批准，不能下载。"))
    if row.approved_at is None or row.ends_at is None:
        raise Conflict(_("还没有第二人批准，暂时不能下载。"))
    if row.ends_at <= clock.now():
        raise Gone(_("批准已过 24 小时，请重新申请。"))


@action("names.download", may=may_download_names)
def download_names(names: NameList, *, by: Actor) -> bytes:
    """The file, made now, with its watermark; counted, and a row in the log each time.

    Raises Conflict before the approval, Gone a day after it, Forbidden when the right to such a list ended meanwhile.
    """
    row: NameList = NameList.objects.select_for_update(of=("self",)).select_related("approved_by").get(pk=names.pk)
    _require_open(row)
    kind = KINDS[row.kind]
    if not kind.may(by):
        raise Forbidden
    row.downloads += 1
    row.save(update_fields=["downloads"])
    second = row.approved_by.name if row.approved_by else ""
    line = _("%(line)s 两人导出第 %(number)s 号，批准人：%(second)s，第 %(times)s 次下载。") % {
        "line": watermark(by), "number": row.pk, "second": second, "times": row.downloads,
    }  # fmt: skip
    return kind.make(Asked(by, row.wanted, line))


def _tell_approvers(row: NameList, by: Actor) -> None:
    posts = Role.objects.current(clock.today()).filter(post__in=APPROVERS, staff__is_active=True)
    rows = Staff.objects.filter(roles__in=posts).exclude(pk=by.member_id or 0).exclude(account_id=None).distinct()
    with for_others():
        for account in rows.values_list("account_id", flat=True):
            _say(account, by, _("有一份名册导出等您批准"), row)


def _say(account: int | None, by: Actor, subject: str, row: NameList) -> None:
    outbox.say(
        OutboxMessage.Channel.IN_APP,
        account_id=account,
        subject=subject,
        body=_("《%(kind)s》，%(n)s 名学生。") % {"kind": row.get_kind_display(), "n": row.children},
        url=reverse("care:names", kwargs={"org": by.org.slug}),
    )
