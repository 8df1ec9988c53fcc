"""Nobody reads a field the table of `sight.py` does not grant: pages, API, exports, search, in random schools.

Every field of every row holds a word of its own; every person asks for every page; every answer, files unzipped, is
searched for words that were not granted. Three planted leaks are caught by the same search.
"""

import io
import re
import zipfile
from collections.abc import Callable

import pytest
from django.test import Client
from tests.cast import Cast
from tests.walls.sight import ADMINS, GRANTS, Builder, Fact, Person, School, is_granted

from koumen.care.models import Case, Finding
from koumen.care.models.cases import CaseQuerySet
from koumen.care.models.findings import FindingQuerySet
from koumen.care.policies import cases as case_policies
from koumen.care.queries import cases as case_queries
from koumen.registry.models import Account

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R45", "R9", "R12", "R30")]
TOKEN = re.compile(r"zq[0-9a-f]{6}n\d+qz")
LISTS = (
    "", "inbox/", "log/", "classes/", "classes/?q=童", "flags/", "cases/", "cases/candidates/", "cases/renewals/",
    "ledger/", "ledger/numbers/", "ledger/file/", "referrals/", "harm/", "dropout/", "dropout/find/?q=童",
    "dropout/returns/", "dropout/month/", "dropout/month/file/", "names/", "opinions/", "opinions/figures/",
    "opinions/export/", "tasks/", "tasks/?list=overdue", "extracts/", "visits/mine/", "shared/", "follow-ups/",
    "coverage/", "reports/", "reports/month/", "api/sync",
)  # fmt: skip
# where nothing of a category of sensitivity 3 may be named, whoever looks
NO_SEALED = ("", "inbox/", "log/", "flags/", "ledger/", "cases/", "dropout/", "tasks/", "extracts/", "api/sync")


def words_in(client: Client, path: str) -> str:
    """Everything an answer says, whatever its status; documents and workbooks unpacked."""
    answer = client.get(path)
    assert answer.status_code < 500, path
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            body = b"\n".join(packed.read(name) for name in packed.namelist())
    return body.decode(errors="replace")


def leaks(school: School, people: list[Person], paths: list[str]) -> tuple[list[str], set[str]]:
    """(what somebody read without a grant, the words somebody read with one)."""
    by_token = {fact.token: fact for fact in school.facts}
    wrong: list[str] = []
    read: set[str] = set()
    for person in people:
        client = Client()
        client.force_login(
            Account.objects.get(pk=person.account.pk), backend="koumen.registry.sign_in.NameOrPhoneBackend"
        )
        for path in paths:
            for token in set(TOKEN.findall(words_in(client, path))):
                fact: Fact = by_token[token]
                if is_granted(school, person, fact):
                    read.add(fact.field)
                else:
                    posts = sorted(code for code, _class, _grade in person.posts)
                    wrong.append(f"{path}: {fact.field} to {person.account.username} {posts} {sorted(fact.is_what)}")
    return wrong, read


def everything(school: School) -> list[str]:
    return [f"/s/hill/{path}" for path in LISTS] + school.pages


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nobody_reads_what_is_not_granted(hill: Cast, seed: int) -> None:
    """More than 10,000 cases of a person and a field in the three schools, each over every page; nothing leaks.

    And every field is read by somebody it is granted to: else pages that show nothing at all would pass.
    """
    school = Builder(seed, people=14, children=8).school
    assert len(school.people) * len(school.facts) >= 3_334
    wrong, read = leaks(school, school.people, everything(school))
    assert wrong == []
    assert set(GRANTS) - read == set()


def everything_visible(rows: CaseQuerySet, _actor: object) -> CaseQuerySet:
    return rows


@pytest.mark.parametrize("leak", ["cases", "sealed notes", "findings"])
def test_a_planted_leak_is_caught(hill: Cast, leak: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A case file open to all, a sealed note open to the team, problems open to every teacher: each is found."""
    school = Builder(4, people=10, children=3).school

    def always(*_anything: object) -> bool:
        return True

    if leak == "cases":
        monkeypatch.setattr(CaseQuerySet, "visible_to", everything_visible)
        monkeypatch.setattr(case_policies, "case_sight", lambda *_: case_policies.CaseSight.WORK)
        monkeypatch.setattr(
            "koumen.care.views.cases.case_sight", lambda *_: case_policies.CaseSight.WORK, raising=False
        )
    elif leak == "sealed notes":
        monkeypatch.setattr(case_policies, "reads_sealed", always)
        monkeypatch.setattr(case_queries, "reads_sealed", always)
    else:
        monkeypatch.setattr(FindingQuerySet, "visible_to", everything_visible)
    wrong, _read = leaks(school, school.people, school.pages)
    field = {"cases": "case.", "sealed notes": "note.sealed", "findings": "finding.text"}[leak]
    assert any(field in line for line in wrong), wrong[:3]


def test_a_category_of_sensitivity_3_is_named_in_no_list(hill: Cast, client_of: Callable[[str], Client]) -> None:
    school = Builder(5, people=12, children=4).school
    Finding.objects.update(category="C21")
    Case.objects.update(reasons=["C21", "D11"])
    for person in school.people:
        if person.holds(*ADMINS):
            continue
        client = Client()
        client.force_login(
            Account.objects.get(pk=person.account.pk), backend="koumen.registry.sign_in.NameOrPhoneBackend"
        )
        for path in NO_SEALED:
            rows = re.sub(r"<(form|select)\b.*?</\1>", "", words_in(client, f"/s/hill/{path}"), flags=re.S)
            assert "心理关爱" not in rows, (path, sorted(person.posts))
