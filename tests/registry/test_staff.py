"""Staff, their posts and their accounts."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from tests.cast import PASSWORD, Cast

from koumen.core import clock
from koumen.core.models import AuditEntry
from koumen.core.refusals import Conflict, Forbidden, Invalid
from koumen.registry.models import Account, Membership, Role, Staff
from koumen.registry.services import accounts
from koumen.registry.services.people import appoint, end_role

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R45")]
Clients = Callable[[str], Client]
TODAY = {"starts": "2026-09-01"}


@pytest.fixture
def newcomer(hill: Cast) -> Staff:
    return Staff.objects.create(name="新老师", number="hill-77", phone="10000009999")


def of(staff: Staff, tail: str = "") -> str:
    return f"/s/hill/staff/{staff.pk}/{tail}"


def test_it_works(newcomer: Staff, hill: Cast, client_of: Clients) -> None:
    client = client_of("office")
    room = hill.school_class("三年级1班")
    answer = client.post(of(newcomer), {"post": "subject_teacher", "school_class": room.pk, "subject": "音乐", **TODAY})
    assert answer["Location"] == of(newcomer)
    assert "科任 · 三年级1班 · 音乐" in client.get("/s/hill/staff/?q=新老师").content.decode()
    role = newcomer.roles.get()
    assert AuditEntry.objects.get(verb="staff.appoint").target == f"registry.role:{role.pk}"
    client.post(f"/s/hill/staff/roles/{role.pk}/end/")
    role.refresh_from_db()
    assert role.ends == clock.today() - timedelta(days=1)
    assert AuditEntry.objects.filter(verb="staff.end_role").count() == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"post": "class_teacher"}, "要选班级"),
        ({"post": "grade_head"}, "要选年级"),
        ({"post": "bureau_officer"}, "选"),
        ({"post": ""}, "必填"),
        ({"post": "counsellor", "starts": "下周"}, "日期"),
    ],
)
def test_a_post_that_does_not_fit_is_told(
    newcomer: Staff, client_of: Clients, fields: dict[str, str], sentence: str
) -> None:
    response = client_of("office").post(of(newcomer), TODAY | fields)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not newcomer.roles.exists()


def test_a_class_has_one_class_teacher(newcomer: Staff, hill: Cast, actor: Callable[..., object]) -> None:
    room, today = hill.school_class("三年级1班"), clock.today()
    with pytest.raises(Invalid, match="已有班主任陈老师"):
        appoint(newcomer, by=actor("office"), post="class_teacher", starts=today, school_class=room)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("who", "held", "given", "refusal"),
    [
        ("sysadmin", "system_admin", "audit_admin", Invalid),
        ("sysadmin", "counsellor", "system_admin", Invalid),
        ("sysadmin", "system_admin", "moral_office", Invalid),
        ("office", None, "system_admin", Forbidden),
        ("teacher1", None, "counsellor", Forbidden),
    ],
)
def test_administrators_are_separate_persons_without_children(
    newcomer: Staff, actor: Callable[..., object], who: str, held: str | None, given: str, refusal: type[Exception]
) -> None:
    if held:
        Role.objects.create(staff=newcomer, post=held, starts=date(2026, 9, 1))
    with pytest.raises(refusal):
        appoint(newcomer, by=actor(who), post=given, starts=clock.today())  # type: ignore[arg-type]


def test_nobody_gives_or_takes_the_own_post(hill: Cast, actor: Callable[..., object]) -> None:
    office = hill.staff("office")
    with pytest.raises(Forbidden):
        appoint(office, by=actor("office"), post="principal", starts=clock.today())  # type: ignore[arg-type]
    with pytest.raises(Forbidden):
        end_role(office.roles.get(), by=actor("office"))  # type: ignore[arg-type]


def test_a_post_given_today_by_mistake_is_taken_back(newcomer: Staff, actor: Callable[..., object]) -> None:
    role = appoint(newcomer, by=actor("office"), post="counsellor", starts=clock.today())  # type: ignore[arg-type]
    end_role(role, by=actor("office"))  # type: ignore[arg-type]
    assert not newcomer.roles.exists()


def test_an_account_is_opened_with_a_password_shown_once(newcomer: Staff, client_of: Clients) -> None:
    client = client_of("sysadmin")
    shown = client.post(of(newcomer, "account/"), {"username": "xinlaoshi"}).content.decode()
    found = re.search(r'id="one-time-password">([a-z2-9-]{14})<', shown)
    assert found
    assert found[1] not in client.get(of(newcomer)).content.decode()
    assert found[1] not in str(list(AuditEntry.objects.values()))
    fresh = Client()
    assert fresh.post("/account/login/", {"login": "xinlaoshi", "password": found[1]}).status_code == 302
    assert fresh.get("/s/hill/")["Location"] == "/account/password/?first=1"


def test_a_name_that_is_taken_is_told_and_kept(newcomer: Staff, client_of: Clients) -> None:
    response = client_of("sysadmin").post(of(newcomer, "account/"), {"username": "teacher1"})
    assert response.status_code == 422
    assert 'value="teacher1"' in response.content.decode()
    assert client_of("sysadmin").post(of(newcomer, "account/"), {"username": "有 空格"}).status_code == 422
    newcomer.refresh_from_db()
    assert newcomer.account_id is None


def test_somebody_known_by_phone_gets_this_org_added(newcomer: Staff, hill: Cast, client_of: Clients) -> None:
    account = hill.account("teacher3")
    Account.objects.filter(pk=account.pk).first()
    account.phone = newcomer.phone
    account.save()
    shown = client_of("sysadmin").post(of(newcomer, "account/"), {"username": "xinlaoshi"}).content.decode()
    assert "已把本单位加进去" in shown
    assert not Account.objects.filter(username="xinlaoshi").exists()
    assert client_of("teacher3").get("/s/hill/").status_code == 200


def test_a_reset_ends_every_session(hill: Cast, client_of: Clients) -> None:
    signed_in = client_of("subject1")
    assert signed_in.get("/s/hill/").status_code == 200
    assert client_of("office").post(of(hill.staff("subject1"), "account/reset/")).status_code == 200
    assert signed_in.get("/s/hill/").status_code == 302
    assert Client().post("/account/login/", {"login": "subject1", "password": PASSWORD}).status_code == 200


def test_an_account_of_two_orgs_is_not_one_orgs_to_reset(hill: Cast, actor: Callable[..., object]) -> None:
    Membership.objects.create(account=hill.account("subject1"), org=hill.river)
    with pytest.raises(Invalid, match="还属于其他单位"):
        accounts.reset_account(hill.staff("subject1"), by=actor("sysadmin"))  # type: ignore[arg-type]


def test_an_administrators_account_is_not_the_offices_to_touch(hill: Cast, actor: Callable[..., object]) -> None:
    for act in (accounts.reset_account, accounts.close_account):
        with pytest.raises(Forbidden):
            act(hill.staff("sysadmin"), by=actor("office"))  # type: ignore[arg-type]


def test_an_account_is_opened_once(hill: Cast, actor: Callable[..., object]) -> None:
    with pytest.raises(Conflict):
        accounts.open_account(hill.staff("subject1"), by=actor("sysadmin"), username="again")  # type: ignore[arg-type]


def test_lost_factors_are_dropped_with_a_reason(hill: Cast, client_of: Clients) -> None:
    account = hill.account("principal")
    Authenticator.objects.create(user=account, type=Authenticator.Type.TOTP, data={"secret": "x"})
    client, path = client_of("sysadmin"), of(hill.staff("principal"), "account/second-factor/")
    assert client.post(path, {"because": "丢"}).status_code == 422
    assert client.post(path, {"because": "手机遗失,已当面核实"}).status_code == 302
    assert not Authenticator.objects.filter(user=account).exists()
    assert AuditEntry.objects.get(verb="account.drop_second_factor").reason == "手机遗失,已当面核实"


def test_who_left_enters_no_more_here_and_still_elsewhere(hill: Cast, client_of: Clients) -> None:
    Membership.objects.create(account=hill.account("subject1"), org=hill.river)
    client, staff = client_of("subject1"), hill.staff("subject1")
    assert client_of("office").post(of(staff, "leave/")).status_code == 302
    assert client.get("/s/hill/").status_code == 404
    assert client.get("/s/river/").status_code == 200
    assert "吴老师" not in client_of("office").get("/s/hill/staff/").content.decode()


def test_colleagues_see_names_and_posts_only(hill: Cast, client_of: Clients) -> None:
    text = client_of("teacher1").get("/s/hill/staff/").content.decode()
    assert "林校长" in text
    assert "hill-1" not in text
    assert client_of("teacher1").get(of(hill.staff("office"))).status_code == 403
    assert client_of("teacher3").get("/s/hill/staff/").status_code == 404


def test_the_list_is_narrowed_by_post_and_missing_account(newcomer: Staff, client_of: Clients) -> None:
    client = client_of("office")
    assert "共 8" not in client.get("/s/hill/staff/?post=principal").content.decode()
    only = client.get("/s/hill/staff/?no_account=on").content.decode()
    assert "新老师" in only
    assert "林校长" not in only
    assert client.get("/s/hill/staff/?post=king&page=-3").status_code == 200


def test_accounts_for_everybody_come_as_slips_to_print(newcomer: Staff, hill: Cast, client_of: Clients) -> None:
    """One press for a whole school; administrators' accounts stay with the system administrator."""
    admin = Staff.objects.create(name="安管员", number="hill-78")
    Role.objects.create(staff=admin, post="security_admin", starts=date(2026, 9, 1))
    page = client_of("office").post("/s/hill/staff/accounts/").content.decode()
    [password] = re.findall(r"<code>([a-z2-9-]{14})</code>", page)
    assert "只能由系统管理员处理" in page
    assert Client().post("/account/login/", {"login": "hill-77", "password": password}).status_code == 302
    assert AuditEntry.objects.filter(verb="account.open").count() == 1
    assert "开通 1 个账号" in client_of("sysadmin").get("/s/hill/staff/").content.decode()
