"""What ties an adult to a child: rights, the end of it, and what that does to links."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from tests.cast import Cast

from koumen.core import clock, links
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry, PersonalLink
from koumen.core.refusals import Conflict
from koumen.registry.models import Guardianship
from koumen.registry.services.guardians import end_guardianship, set_rights

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R5", "R45")]
Who = Callable[..., Actor]


@pytest.fixture
def tie(hill: Cast) -> Guardianship:
    """阿虎's grandfather, with two links in his hands."""
    found = Guardianship.objects.select_related("student__school_class").get(student=hill.student("阿虎"))
    for purpose in ("appointment", "agreement"):
        links.issue(purpose, person_id=found.guardian_id, object_id=1, lasts=timedelta(days=3))
    return found


def _live() -> int:
    return PersonalLink.objects.filter(ended_at=None).count()


def test_the_end_is_written_down_and_every_link_is_dead_at_once(tie: Guardianship, actor: Who) -> None:
    other = links.issue("appointment", person_id=tie.guardian_id + 1_000, object_id=1, lasts=timedelta(days=3))
    ended = end_guardianship(tie, by=actor("teacher1"), because="搬走了")
    assert ended.ends == clock.today()
    assert _live() == 1
    assert links.resolve(other, "phone")
    assert AuditEntry.objects.get(verb="guardian.end").reason == "搬走了"
    with pytest.raises(Conflict):
        end_guardianship(tie, by=actor("teacher1"))


def test_rights_are_set_one_by_one(tie: Guardianship, actor: Who) -> None:
    kept = set_rights(tie, by=actor("office"), sees_data=True, gets_notices=False, may_sign=False)
    kept.refresh_from_db()
    assert (kept.sees_data, kept.gets_notices, kept.may_sign, kept.ends) == (True, False, False, None)


class TestPage:
    """`/s/hill/guardians/<pk>/`."""

    def test_it_works(self, tie: Guardianship, client_of: Callable[[str], Client]) -> None:
        client, url = client_of("teacher1"), f"/s/hill/guardians/{tie.pk}/"
        assert "家长的权利" in client.get(url).content.decode()
        assert client.post(url, {"sees_data": "on"}).status_code == 302
        tie.refresh_from_db()
        assert (tie.sees_data, tie.gets_notices, tie.may_sign) == (True, False, False)
        assert url in client.get(f"/s/hill/students/{tie.student_id}/").content.decode()

    def test_ending_takes_the_page_away(self, tie: Guardianship, client_of: Callable[[str], Client]) -> None:
        client, url = client_of("teacher1"), f"/s/hill/guardians/{tie.pk}/"
        assert client.post(f"{url}end/", {"because": "长" * 201}).status_code == 422
        assert client.post(f"{url}end/", {"because": ""}).status_code == 302
        assert client.get(url).status_code == 404
        assert _live() == 0
