"""Homes, inbox, log."""

from typing import Any

from tests.cast import YEAR_START, Cast

from koumen.core.models import InboxNote
from koumen.registry.models import Account, Membership, Role, Staff

Row = tuple[Any, ...]
HILL = ("office", "principal", "middle", "teacher1", "teacher2", "subject1", "sysadmin")
EVERYBODY_HERE = {name: 200 for name in HILL} | {"stranger": 404, "officer": 404, "nobody": 302}


def a_note(cast: Cast) -> dict[str, object]:
    note = InboxNote.objects.create(account_id=cast.account("office").pk, subject="名单已检查", body="请确认")
    return {"pk": note.pk}


def an_auditor(cast: Cast) -> dict[str, object]:
    """The cast has no audit administrator; this row brings one."""
    account = Account.objects.create_user("auditor", display_name="审计管理员")
    staff = Staff.objects.create(name="审计管理员", account_id=account.pk)
    Membership.objects.create(account=account, org=cast.hill, staff_id=staff.pk)
    Role.objects.create(staff=staff, post="audit_admin", starts=YEAR_START)
    return {}


AUDIT = {name: 403 for name in HILL} | {"stranger": 404, "nobody": 302}

TABLE: dict[str, Row] = {
    "portal:root": ({}, {name: 302 for name in EVERYBODY_HERE}),
    # Anybody may choose the language of the pages, before signing in too (tests/portal/test_language.py).
    "set_language POST": ({}, {name: 302 for name in EVERYBODY_HERE}, {"language": "en"}),
    "portal:account": ({}, {name: 200 for name in EVERYBODY_HERE} | {"nobody": 302}),
    # Somebody else's session, or none: not found. Ending one's own is in tests/portal/test_account.py.
    "portal:end_session POST": ({"pk": 1}, {name: 404 for name in EVERYBODY_HERE} | {"nobody": 302}),
    "portal:home": ({}, EVERYBODY_HERE),
    "portal:home @bureau": ({}, {name: 404 for name in HILL} | {"officer": 200, "stranger": 404, "nobody": 302}),
    "portal:home @river": ({}, {name: 404 for name in HILL} | {"officer": 404, "stranger": 200, "nobody": 302}),
    "portal:inbox": ({}, EVERYBODY_HERE),
    "portal:read_all POST": ({}, {name: 302 for name in HILL} | {"stranger": 404, "nobody": 302}),
    "portal:open_note POST": (a_note, {n: 404 for n in HILL} | {"office": 302, "stranger": 404, "nobody": 302}),
    "portal:log": (an_auditor, AUDIT | {"auditor": 200}),
    "portal:check_log POST": (an_auditor, AUDIT | {"auditor": 302}),
}
