"""Signing in: by name or phone, locked after five errors, two steps for posts that need them."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import NoReverseMatch, reverse
from tests.cast import PASSWORD, Cast

from koumen.registry.models import Account

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R45")]
LOGIN = "/account/login/"


def enter(client: Client, login: str, password: str = PASSWORD) -> Any:
    return client.post(LOGIN, {"login": login, "password": password})


def code_for(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def test_it_works_by_name(cast: Cast, client: Client) -> None:
    assert enter(client, "teacher1")["Location"] == "/"
    assert client.get("/")["Location"] == "/s/hill/"


def test_it_works_by_phone(cast: Cast, client: Client) -> None:
    assert enter(client, cast.account("teacher1").phone).status_code == 302
    assert client.get("/s/hill/").status_code == 200


def test_a_phone_typed_with_gaps_or_full_width_digits_is_understood(cast: Cast) -> None:
    phone = cast.account("teacher1").phone
    wide = phone.translate({ord("0") + i: chr(0xFF10 + i) for i in range(10)})
    for typed in (f" {phone[:3]} {phone[3:7]}-{phone[7:]} ", wide):
        assert enter(Client(), typed).status_code == 302


def test_a_phone_of_two_accounts_opens_neither(cast: Cast, client: Client) -> None:
    phone = cast.account("teacher1").phone
    Account.objects.create_user("twin", PASSWORD, display_name="同号", phone=phone)
    assert enter(client, phone).status_code == 200
    assert enter(client, "teacher1").status_code == 302


@pytest.mark.parametrize(
    ("login", "password"), [("teacher1", "wrong"), ("nobody-here", PASSWORD), ("", ""), ("x" * 99, "y")]
)
def test_a_wrong_pair_is_told_and_the_name_kept(cast: Cast, client: Client, login: str, password: str) -> None:
    response = enter(client, login, password)
    assert response.status_code == 200
    assert (f'value="{login}"' in response.content.decode()) == bool(login)
    assert client.get("/s/hill/").status_code == 302


def test_five_errors_lock_the_account_whatever_name_was_typed(cast: Cast, client: Client) -> None:
    phone = cast.account("teacher1").phone
    for name in ("teacher1", phone, "teacher1", phone, "TEACHER1 "):
        assert enter(client, name.strip().lower(), "wrong").status_code == 200
    response = enter(client, "teacher1")
    assert response.status_code == 429
    assert response["Retry-After"]
    assert "5 分钟" in response.content.decode()
    assert enter(Client(), "teacher2").status_code == 302, "others are not locked out"


def test_a_stopped_account_is_told_so(cast: Cast, client: Client) -> None:
    Account.objects.filter(username="teacher1").update(is_active=False)
    response = client.post(LOGIN, {"login": "teacher1", "password": PASSWORD}, follow=True)
    assert "账号已停用" in response.content.decode() or response.status_code == 200
    assert client.get("/s/hill/").status_code == 302


@pytest.mark.parametrize("name", ["account_signup", "account_email", "account_reset_password", "account_set_password"])
def test_pages_we_do_not_use_do_not_exist(cast: Cast, client: Client, name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)
    for path in ("signup/", "email/", "password/reset/", "password/set/", "login/code/", "3rdparty/", "social/login/"):
        assert client.get(f"/account/{path}").status_code in {302, 404}
        client.force_login(cast.account("teacher1"), backend="koumen.registry.sign_in.NameOrPhoneBackend")
        assert client.get(f"/account/{path}").status_code == 404


@pytest.mark.parametrize("who", ["office", "principal", "sysadmin"])
def test_posts_that_need_two_steps_are_sent_to_set_them_up(
    client_of: Callable[[str], Client], settings: Any, who: str
) -> None:
    settings.MFA_REQUIRED = True
    client = client_of(who)
    assert client.get("/s/hill/")["Location"] == "/account/2fa/?first=1"
    assert client.get("/s/hill/", headers={"HX-Request": "true"})["HX-Redirect"] == "/account/2fa/?first=1"
    assert client.get("/account/2fa/?first=1").status_code == 200, "the way out is open"
    settings.MFA_REQUIRED = False
    assert client.get("/s/hill/").status_code == 200


def test_a_teacher_is_not_asked_for_two_steps(client_of: Callable[[str], Client], settings: Any) -> None:
    settings.MFA_REQUIRED = True
    assert client_of("teacher1").get("/s/hill/").status_code == 200


def test_an_authenticator_app_from_beginning_to_end(cast: Cast, client: Client, settings: Any) -> None:
    """Set up, recovery codes shown, asked at the next sign-in, a used code refused, a recovery code taken once."""
    settings.MFA_REQUIRED = True
    enter(client, "office")
    again = client.get("/account/2fa/app/activate/")["Location"]
    assert again.startswith("/account/reauthenticate/"), "changing the ways in asks for the password once more"
    page = client.post(again, {"password": PASSWORD}, follow=True).content.decode()
    found = re.search(r'id="totp-secret">([A-Z2-7]+)<', page)
    assert found
    secret = found[1]
    response = client.post("/account/2fa/app/activate/", {"code": code_for(secret)}, follow=True)
    codes = re.findall(r"^(\d{8})$", re.sub("<[^>]+>", "\n", response.content.decode()), re.M)
    assert len(codes) == 10
    assert client.get("/s/hill/").status_code == 200
    kept = Authenticator.objects.get(user=cast.account("office"), type="totp").data["secret"]
    assert secret not in kept, "the secret is encrypted in the database"

    second = Client()
    assert enter(second, "office")["Location"] == "/account/2fa/authenticate/"
    assert second.get("/s/hill/").status_code == 302, "half a sign-in is none"
    assert second.post("/account/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert second.post("/account/2fa/authenticate/", {"code": codes[0]}).status_code == 302
    assert second.get("/s/hill/").status_code == 200

    third = Client()
    enter(third, "office")
    assert third.post("/account/2fa/authenticate/", {"code": codes[0]}).status_code == 200, "each code once"


def test_a_one_time_password_must_be_replaced_first(cast: Cast, client: Client) -> None:
    Account.objects.filter(username="teacher1").update(must_change_password=True)
    enter(client, "teacher1")
    assert client.get("/s/hill/")["Location"] == "/account/password/?first=1"
    new = "a-longer-word-of-mine"
    fields = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert client.post("/account/password/", fields)["Location"] == "/"
    assert client.get("/s/hill/").status_code == 200
    assert enter(Client(), "teacher1", new).status_code == 302


def test_a_weak_password_is_refused_with_a_reason(client_of: Callable[[str], Client]) -> None:
    fields = {"oldpassword": PASSWORD, "password1": "12345678", "password2": "12345678"}
    assert client_of("teacher1").post("/account/password/", fields).status_code == 200


def test_sessions_are_listed_and_ended(cast: Cast, client: Client) -> None:
    enter(client, "teacher1")
    other = Client(headers={"User-Agent": "旧手机".encode().decode("latin-1")})
    enter(other, "teacher1")
    page = client.get("/account/sessions/").content.decode()
    assert page.count("/end/") == 1
    there = UserSession.objects.exclude(session_key=client.session.session_key).get(user=cast.account("teacher1"))
    stranger = Client()
    enter(stranger, "teacher2")
    assert stranger.post(f"/account/sessions/{there.pk}/end/").status_code == 404
    assert other.get("/s/hill/").status_code == 200
    assert client.post(f"/account/sessions/{there.pk}/end/").status_code == 302
    assert other.get("/s/hill/").status_code == 302
    assert client.get("/s/hill/").status_code == 200
