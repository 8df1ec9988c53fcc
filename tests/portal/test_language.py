"""The pages' language: Chinese until somebody chooses; the choice stays, signed in or not."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from tests.cast import Cast

from koumen.core.models import OutboxMessage

pytestmark = pytest.mark.django_db
Clients = Callable[[str], Client]
SWITCH = 'name="language"'


def test_it_works_from_the_account_menu(hill: Cast, client_of: Clients) -> None:
    client = client_of("teacher1")
    page = client.get("/s/hill/").content.decode()
    assert '<html lang="zh-hans">' in page
    assert page.count(SWITCH) == 2
    inbox = "http://testserver/s/hill/inbox/"
    assert client.post(reverse("set_language"), {"language": "en"}, HTTP_REFERER=inbox)["Location"] == inbox
    page = client.get("/s/hill/").content.decode()
    assert '<html lang="en">' in page
    assert "Sign out" in page
    assert "退出登录" not in page
    client.post(reverse("set_language"), {"language": "zh-hans"})
    assert "退出登录" in client.get("/s/hill/").content.decode()


def test_it_works_on_the_sign_in_page_and_outlives_the_session(client: Client) -> None:
    sign_in = reverse("account_login")
    assert client.get(sign_in).content.decode().count(SWITCH) == 2
    answer = client.post(reverse("set_language"), {"language": "en"}, HTTP_REFERER=f"http://testserver{sign_in}")
    assert answer["Location"] == f"http://testserver{sign_in}"
    kept = answer.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert kept["max-age"] == 365 * 24 * 3600
    assert kept["httponly"]
    assert "Sign in" in client.get(sign_in).content.decode()


def test_chinese_holds_until_somebody_chooses(client: Client) -> None:
    sign_in = reverse("account_login")
    assert "登录" in client.get(sign_in).content.decode()
    assert "登录" in client.get(sign_in, headers={"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"}).content.decode()
    assert "登录" in client.get(sign_in, headers={"accept-language": "en-GB"}).content.decode()
    client.post(reverse("set_language"), {"language": "en"})
    assert "Sign in" in client.get(sign_in, headers={"accept-language": "zh-CN"}).content.decode()


def test_it_changes_nothing_but_by_a_sent_form_and_leads_nowhere_else(client: Client) -> None:
    """Following a link cannot switch the language, an unknown language is ignored, a foreign address not followed."""
    assert client.get(reverse("set_language"), {"language": "en"}).status_code == 405
    answer = client.post(reverse("set_language"), {"language": "tlh", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"
    assert settings.LANGUAGE_COOKIE_NAME not in answer.cookies
    careful = Client(enforce_csrf_checks=True)
    assert careful.post(reverse("set_language"), {"language": "en"}).status_code == 403


def test_a_page_told_of_a_fault_can_be_read_in_both(client_of: Clients) -> None:
    client = client_of("teacher1")
    assert "没有找到这一页" in client.get("/s/nowhere/").content.decode()
    client.post(reverse("set_language"), {"language": "en"})
    assert "could not find this page" in client.get("/s/nowhere/").content.decode()


def test_what_others_are_told_is_said_in_the_sites_language(hill: Cast, client_of: Clients) -> None:
    """A principal who reads English opens a file: the class teacher is told in Chinese, the principal in English."""
    client = client_of("principal")
    client.post(reverse("set_language"), {"language": "en"})
    file = f"/s/hill/students/{hill.student('阿梅').pk}/open/"
    assert "至少" not in client.post(file, {"because": "x"}).content.decode()
    client.post(file, {"because": "家长来校反映情况"})
    assert OutboxMessage.objects.get().subject == "林校长查阅了您班一名学生的资料"
