"""Signing in and one's own account: no org, the same for everybody who is signed in."""

from typing import Any

Row = tuple[Any, ...]
SIGNED_IN = ("office", "principal", "middle", "teacher1", "teacher2", "subject1", "sysadmin", "stranger", "officer")


def all_of(status: int, nobody: int = 302) -> dict[str, int]:
    return {name: status for name in SIGNED_IN} | {"nobody": nobody}


TABLE: dict[str, Row] = {
    "account_login": ({}, all_of(302, nobody=200)),
    "account_logout": ({}, all_of(200)),
    "account_logout POST": ({}, all_of(302)),
    "account_inactive": ({}, all_of(200, nobody=200)),
    "account_reauthenticate": ({}, all_of(200)),
    "account_change_password": ({}, all_of(200)),
    "usersessions_list": ({}, all_of(200)),
    "mfa_index": ({}, all_of(200)),
    # In the middle of signing in only: there is no half-done sign-in here.
    "mfa_authenticate": ({}, all_of(302)),
    "mfa_reauthenticate": ({}, all_of(302)),
    # Changing the second step asks for the password again.
    "mfa_activate_totp": ({}, all_of(302)),
    "mfa_deactivate_totp": ({}, all_of(404)),
    "mfa_view_recovery_codes": ({}, all_of(404)),
    "mfa_generate_recovery_codes": ({}, all_of(302)),
    "mfa_download_recovery_codes": ({}, all_of(404)),
    "mfa_list_webauthn": ({}, all_of(200)),
    "mfa_add_webauthn": ({}, all_of(302)),
    # Answers only to the script of the sign-in page (tests/journeys/test_passkey.py).
    "mfa_login_webauthn": ({}, all_of(302)),
    "mfa_reauthenticate_webauthn": ({}, all_of(302)),
    "mfa_remove_webauthn": ({"pk": 1}, all_of(302)),
    "mfa_edit_webauthn": ({"pk": 1}, all_of(302)),
}
