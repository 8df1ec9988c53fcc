"""The pages of referrals, transfers, harm and lists take few statements however much stands on them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from koumen.care.models import CaseTransfer, NameList, Referral
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.models import Student
from tests.care.problems import problem
from tests.care.stories import begun, soon
from tests.care.test_harm import reported
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R9")]
MOST = 12


def _much(hill: Cast, actor: Callable[..., Actor]) -> dict[str, str]:
    """Sixty of everything; the pages by name."""
    by, now, school_class = actor("teacher1"), clock.now(), hill.school_class("三年级1班")
    case = begun(hill, by)
    for n in range(60):
        Referral.objects.create(
            case=case, to="community", to_name="村委会", subject=f"走访{n}", passed_on="x", due=soon(n), sent_at=now
        )
        CaseTransfer.objects.create(
            way="in", other_org=hill.river, payload='{"name": "阿虎"}', asked_by="赵", asked_at=now + timedelta(n)
        )
        NameList.objects.create(kind="ledger", because="检查", asked_by=hill.staff("teacher1"), asked_at=now)
        child = Student.objects.create(name=f"多{n}", school_class=school_class)
        problem(hill, student=child)
        if n < 35:
            harm = report(hill, actor, child)
    sent, came = Referral.objects.all()[0].pk, CaseTransfer.objects.all()[0].pk
    return {
        "referrals": "referrals/", "received": "referrals/?way=in", "names": "names/", "harms": "harm/",
        "harm": f"harm/{harm}/", "numbers": "ledger/numbers/", "ledger": "ledger/?state=all&overdue=",
        "referral": f"referrals/{sent}/", "came": f"transfers/{came}/",
    }  # fmt: skip


def report(hill: Cast, actor: Callable[..., Actor], child: Student) -> int:
    return int(reported(hill, actor("subject1"), child.name).case_id)


def test_no_page_takes_more_than_twelve(
    hill: Cast, actor: Callable[..., Actor], client_of: Callable[[str], Client]
) -> None:
    pages, browser, taken = _much(hill, actor), client_of("office"), {}
    browser.get("/s/hill/tasks/")
    for name, address in pages.items():
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(f"/s/hill/{address}").status_code == 200, name
        own = ("SAVEPOINT", "RELEASE", "SELECT set_config")
        taken[name] = [q["sql"][:120] for q in asked if not q["sql"].startswith(own)]
    assert {name: len(sql) for name, sql in taken.items() if len(sql) > MOST} == {}, taken
