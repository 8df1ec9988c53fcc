"""Accounts of the school's people: opened, reset and closed by those who manage them."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.utils.translation import gettext as _

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.refusals import Conflict, Forbidden, Invalid
from koumen.registry import policies
from koumen.registry.models import Account, Membership, Role, Staff

# Without letters and digits that are mistaken for one another when read aloud or copied by hand.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class Opened:
    """What is told once to whoever opened or reset an account. No password: an account there was already joined."""

    account: Account
    password: str = ""


def one_time_password() -> str:
    """Twelve random signs (59 bits), in three groups. Must be replaced at the first sign-in."""
    return "-".join("".join(secrets.choice(LETTERS) for _i in range(4)) for _j in range(3))


def name_for(staff: Staff, slug: str) -> str:
    """A free user name to propose: the staff number, else one that begins with the school's."""
    for name in (staff.number, f"{slug}-{staff.number}"):
        if len(name) >= 4 and staff.number and not Account.objects.filter(username=name).exists():
            return name[:60]
    return f"{slug[:40]}-{staff.pk}"


@action("account.open", may=policies.may_manage_account)
def open_account(staff: Staff, *, by: Actor, username: str) -> Opened:
    """Open an account with a one-time password; somebody whose phone has one already gets this org added to it.

    Raises Conflict when the name is taken or there is an account already, Forbidden for an administrator's account.
    """
    _respect_administrators(staff, by)
    if account_of(staff) is not None:
        raise Conflict(_("这位老师已经有账号了。"))
    known = list(Account.objects.with_phone(staff.phone).filter(is_active=True)[:2]) if staff.phone else []
    if len(known) == 1:
        return _join(staff, known[0], by)
    if Account.objects.filter(username=username).exists():
        raise Conflict(_("这个账号名已有人使用，请换一个。"))
    password = one_time_password()
    account = Account.objects.create_user(
        username, password, display_name=staff.name, phone=staff.phone, must_change_password=True
    )
    _join(staff, account, by)
    return Opened(account, password)


@dataclass(frozen=True)
class Line:
    """What became of one person when accounts were opened for many."""

    staff: Staff
    opened: Opened | None = None
    problem: str = ""


def open_accounts(people: Iterable[Staff], *, by: Actor) -> list[Line]:
    """Open an account for each, under the proposed name; whoever cannot get one is listed with the reason."""
    lines = []
    for staff in people:
        try:
            opened = open_account(staff, by=by, username=name_for(staff, by.org.slug))
        except (Conflict, Forbidden) as refusal:
            lines.append(Line(staff, problem=str(refusal)))
        else:
            lines.append(Line(staff, opened))
    return lines


def _join(staff: Staff, account: Account, by: Actor) -> Opened:
    place, made = Membership.objects.get_or_create(account=account, org_id=by.org.id, defaults={"staff_id": staff.pk})
    if not made:
        if place.ended_at is None and place.staff_id not in (None, staff.pk):
            raise Conflict(_("这个手机号的账号已经是本单位另一位教职工，请核对手机号。"))
        place.staff_id, place.ended_at = staff.pk, None
        place.save(update_fields=["staff_id", "ended_at"])
    staff.account_id = account.pk
    staff.save(update_fields=["account_id"])
    return Opened(account)


@action("account.reset", may=policies.may_manage_account)
def reset_account(staff: Staff, *, by: Actor) -> Opened:
    """A new one-time password; every session of the account ends. Raises Forbidden, or Invalid for a shared account."""
    _respect_administrators(staff, by)
    account = _own_account(staff, by)
    password = one_time_password()
    account.set_password(password)
    account.must_change_password = True
    account.save(update_fields=["password", "must_change_password"])
    return Opened(account, password)


@action("account.drop_second_factor", may=policies.may_drop_second_factor)
def drop_second_factor(staff: Staff, *, by: Actor, because: str) -> Staff:
    """Take away lost authenticators; the person sets up new ones at the next sign-in. Raises Invalid without reason."""
    if len(because.strip()) < 5:
        raise Invalid(_("请写明原因(至少 5 个字),例如本人手机遗失、已当面核实。"))
    Authenticator.objects.filter(user=_own_account(staff, by)).delete()
    return staff


@action("account.close", may=policies.may_manage_account)
def close_account(staff: Staff, *, by: Actor) -> Staff:
    """Somebody leaves this org: posts end, the account no longer enters here. It stays in other orgs."""
    _respect_administrators(staff, by)
    Membership.objects.filter(account_id=staff.account_id or 0, org_id=by.org.id, staff_id=staff.pk).update(
        ended_at=clock.now()
    )
    today = clock.today()
    Role.objects.current(today).filter(staff=staff).update(ends=today)
    staff.account_id, staff.is_active = None, False
    staff.save(update_fields=["account_id", "is_active"])
    return staff


def account_of(staff: Staff) -> Account | None:
    return Account.objects.filter(pk=staff.account_id).first() if staff.account_id else None


def _own_account(staff: Staff, by: Actor) -> Account:
    """The account, when this org alone answers for it."""
    account = account_of(staff)
    if account is None:
        raise Invalid(_("这位老师还没有账号。"))
    if Membership.objects.filter(account=account, ended_at=None).exclude(org_id=by.org.id).exists():
        raise Invalid(_("这个账号还属于其他单位，不能由一个单位重置，请由本人在“我的账号”里修改。"))
    return account


def _respect_administrators(staff: Staff, by: Actor) -> None:
    posts = Role.objects.current(clock.today()).filter(staff=staff, post__in=policies.ADMINISTRATORS)
    if posts.exists() and not by.holds("system_admin"):
        raise Forbidden(_("管理员的账号只能由系统管理员处理。"))
