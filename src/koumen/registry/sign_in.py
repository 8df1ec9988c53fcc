"""How people sign in: user name or phone number with a password, and a second factor for posts that need one."""

import re
from base64 import b64decode, b64encode
from typing import Any, cast
from unicodedata import normalize

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.forms import LoginForm
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django import forms
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_htmx.http import HttpResponseClientRedirect

from koumen.core import crypto
from koumen.core.actor import Actor
from koumen.core.refusals import TooMany
from koumen.core.requests import Request
from koumen.registry.models import Account

NEEDS_SECOND_FACTOR = (
    "system_admin",
    "security_admin",
    "audit_admin",
    "bureau_officer",
    "inspector",
    "moral_office",
    "principal",
    "vice_principal",
)
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class SignInForm(LoginForm):  # type: ignore[misc]
    """One field for the user name or the phone number."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = forms.CharField(
            label=_("账号或手机号"),
            max_length=60,
            widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
        )
        self.fields["password"].label = _("密码")
        self.fields["password"].max_length = 128
        self.fields["password"].widget.attrs.pop("placeholder", None)
        self.fields["remember"].label = _("12 小时内保持登录")
        self.order_fields(["login", "password", "remember"])


class NameOrPhoneBackend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's back end, which also takes the phone number in the name field when exactly one account has it."""

    def _authenticate_by_username(self, username: str, password: str) -> Any:
        return super()._authenticate_by_username(user_name_for(username), password)


def user_name_for(typed: str) -> str:
    """The user name meant by what was typed: itself, or that of the one active account with this phone number.

    Full-width digits and gaps in a number, as phones' keyboards like to make them, are forgiven.
    """
    name = normalize("NFKC", typed).strip()
    digits = re.sub(r"[ -]", "", name)
    name = digits if digits.isdigit() else name
    if name.isdigit() and not Account.objects.filter(username=name).exists():
        found = list(Account.objects.with_phone(name).filter(is_active=True)[:2])
        if len(found) == 1:
            return found[0].username
    return name


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by schools and bureaus, never by sign-up; a locked-out person is told so plainly."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("这个账号已停用，请联系本单位系统管理员。"),
        "username_password_mismatch": _("账号或密码不对，请再试一次。忘记密码请联系本单位系统管理员重置。"),
        "enter_current_password": _("请填写现在的密码。"),
        "incorrect_password": _("密码不对，请再试一次。"),
        "incorrect_code": _("验证码不对，请再试一次。"),
        "too_many_login_attempts": _("连续输错太多次，请 5 分钟后再试；忘记密码请联系本单位系统管理员重置。"),
        "same_as_current": _("新密码不能和现在的密码一样。"),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count failures per account whatever name was typed. Raises TooMany for a locked-out person."""
        credentials["username"] = user_name_for(str(credentials.get("username") or ""))
        try:
            super().pre_authenticate(request, **credentials)
        except forms.ValidationError as error:
            raise TooMany(self.error_messages["too_many_login_attempts"]) from error

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return "/"

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """A password of one's own ends the one-time password."""
        account = cast(Account, user)
        account.must_change_password = False
        super().set_password(account, password)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """TOTP secrets and recovery seeds are encrypted like every other secret."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("验证码不对，请再试一次。"),
    }

    def encrypt(self, text: str) -> str:
        return b64encode(crypto.seal(text, "mfa.secret")).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.open_sealed(b64decode(encrypted_text), "mfa.secret")

    def _get_site_name(self) -> str:
        return str(_("叩门"))


def needs_second_factor(actor: Actor) -> bool:
    """Whether the actor's posts oblige to two steps (switched off for a demo by KOUMEN_MFA_REQUIRED=0)."""
    return bool(settings.MFA_REQUIRED) and actor.holds(*NEEDS_SECOND_FACTOR)


def _has_second_factor(request: Request, actor: Actor) -> bool:
    # Whoever signed in with a factor carries the note in the session, so most requests ask the database nothing.
    steps = request.session.get("account_authentication_methods", [])
    if any(step.get("method") == "mfa" for step in steps):
        return True
    return bool(Authenticator.objects.filter(user_id=actor.account_id, type__in=FACTORS).exists())


def entrance(request: Request) -> HttpResponse | None:
    """Asked when an org is entered: None lets in; else the page to be done first (own password, second factor)."""
    if cast(Account, request.user).must_change_password:
        return _first(request, "account_change_password")
    if needs_second_factor(request.actor) and not _has_second_factor(request, request.actor):
        return _first(request, "mfa_index")
    return None


def _first(request: Request, page: str) -> HttpResponse:
    url = f"{reverse(page)}?first=1"
    return HttpResponseClientRedirect(url) if request.htmx else HttpResponseRedirect(url)
