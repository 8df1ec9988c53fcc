"""How people sign in: user name or phone number, with a password."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from koumen.registry.models import Account


class NameOrPhoneBackend(AuthenticationBackend):
    """allauth's back end, which also takes the phone number in the name field when exactly one account has it."""

    def _authenticate_by_username(self, **credentials: Any) -> Any:
        name = str(credentials.get("username") or "").strip()
        if name.isdigit() and not Account.objects.filter(username=name).exists():
            found = list(Account.objects.with_phone(name).filter(is_active=True)[:2])
            if len(found) == 1:
                credentials["username"] = found[0].username
        return super()._authenticate_by_username(**credentials)


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by schools and bureaus, never by sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
