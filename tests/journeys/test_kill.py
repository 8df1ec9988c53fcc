"""`kill -9` of the web server in the middle of 200 record posts: what was acknowledged is there, and nothing twice."""

import http.client
import secrets
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest

from tests.journeys.faults import kill_web
from tests.journeys.site import Site

pytestmark = [pytest.mark.journey, pytest.mark.rows("R8", "R45")]
POSTS, PHONES, KILL_AFTER = 200, 4, 60
# one planned visit a child and day, going back from yesterday
PLANNED = """
    WITH made AS (
        INSERT INTO visits_visit (id, org_id, household_id, school_class_id, lead_id, kind, state, mode, not_visited,
                                  starts_at, ends_at, created_at)
        SELECT gen_random_uuid(), c.org_id, c.household_id, c.school_class_id, s.id, 'general', 'planned', '01', '',
               date_trunc('day', now()) - make_interval(hours => 12 * (n + 2)),
               date_trunc('day', now()) - make_interval(hours => 12 * (n + 2)) + interval '40 minutes', now()
        FROM registry_student c, generate_series(1, %s) n, registry_staff s
        WHERE c.name = '阿虎' AND s.org_id = c.org_id AND s.name = '陈老师'
        RETURNING id, org_id, starts_at, ends_at),
    about AS (
        INSERT INTO visits_visitstudent (org_id, visit_id, student_id)
        SELECT m.org_id, m.id, c.id FROM made m, registry_student c WHERE c.name = '阿虎')
    SELECT id::text, (starts_at AT TIME ZONE 'Asia/Shanghai')::date::text,
           to_char(starts_at AT TIME ZONE 'Asia/Shanghai', 'HH24:MI'),
           to_char(ends_at AT TIME ZONE 'Asia/Shanghai', 'HH24:MI') FROM made
"""
KEPT = "SELECT id::text, count(*) FROM visits_visitrecord GROUP BY id"


@dataclass
class Post:
    """One record on its way: the page's own id and the body it sends."""

    record: str
    path: str
    body: str


def posts(site: Site) -> list[Post]:
    child = site.ask("SELECT id FROM registry_student WHERE name = '阿虎'")[0][0]
    made = []
    for n, (visit, date, starts, ends) in enumerate(site.ask(PLANNED, [POSTS])):
        record = str(uuid.uuid4())
        fields = {
            "record_id": record, "met_relation": "61", "mode": "01", "topics": "study", "visit_date": date,
            "starts": starts, "ends": ends, "students": child, "content": f"第{n}次",
        }  # fmt: skip
        made.append(Post(record, f"/s/hill/visits/{visit}/record/", urlencode(fields)))
    return made


class Phone:
    """Posts records one after another over plain HTTP, and notes which were acknowledged."""

    def __init__(self, site: Site, session: str) -> None:
        self.address = site.address.removeprefix("http://")
        token = secrets.token_hex(16)
        self.headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"sessionid={session}; csrftoken={token}",
            "X-CSRFToken": token,
        }

    def send(self, post: Post) -> int:
        """The status, or 0 when the line broke."""
        line = http.client.HTTPConnection(self.address, timeout=30)
        try:
            line.request("POST", post.path, post.body, self.headers)
            return line.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            line.close()


def test_every_acknowledged_record_survives_a_killed_server(own_site: Site) -> None:
    todo, session = posts(own_site), own_site.session_of("teacher1")
    answers: dict[str, int] = {}

    def work(mine: list[Post]) -> None:
        phone = Phone(own_site, session)
        for post in mine:
            answers[post.record] = phone.send(post)

    with ThreadPoolExecutor(PHONES) as phones:
        running = [phones.submit(work, todo[i::PHONES]) for i in range(PHONES)]
        until = time.monotonic() + 60
        while sum(status == 302 for status in answers.copy().values()) < KILL_AFTER:
            assert time.monotonic() < until, answers
            time.sleep(0.005)
        kill_web(own_site)
        for one in running:
            one.result()

    acknowledged = {record for record, status in answers.items() if status == 302}
    broken = [status for status in answers.values() if status != 302]
    assert KILL_AFTER <= len(acknowledged) < POSTS
    assert set(broken) == {0}

    own_site.start_web()
    kept = dict(own_site.ask(KEPT))
    assert acknowledged <= kept.keys()
    assert set(kept.values()) == {1}

    phone = Phone(own_site, session)
    assert {phone.send(post) for post in todo} == {302}
    kept = dict(own_site.ask(KEPT))
    assert kept == {post.record: 1 for post in todo}
    assert own_site.faults() == []
