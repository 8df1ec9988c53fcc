"""The recorder's interface: JSON for everybody, 401 instead of the sign-in page. Writing is tested in test_api_*.py."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.cast import Cast
from tests.visits.stories import recorded

from koumen.core import clock
from koumen.registry.queries.actors import actor_for

SIGNED_IN = ("office", "principal", "middle", "teacher1", "teacher2", "subject1", "sysadmin")
# a method the address does not know is told before anybody is asked for a name
NO_GET = dict.fromkeys(SIGNED_IN, 405) | {"stranger": 404, "nobody": 405}
OPEN = dict.fromkeys(SIGNED_IN, 200) | {"stranger": 404, "nobody": 401}
TEACHER1 = dict.fromkeys(SIGNED_IN, 404) | {"teacher1": 200, "stranger": 404, "nobody": 401}
# leaders see that a visit was made, and may not write to it
RECEIPT = TEACHER1 | {"office": 403, "principal": 403, "middle": 403}
NONE = {"record": UUID(int=0)}


def kept(cast: Cast) -> dict[str, Any]:
    by = actor_for(cast.account("teacher1"), "hill")
    assert by is not None
    return {"record": recorded(cast, by, "阿虎", at=clock.now() - timedelta(days=1)).pk}


def file(cast: Cast) -> dict[str, Any]:
    return kept(cast) | {"name": "0" * 64}


PAGE = OPEN | {"nobody": 302}

TABLE: dict[str, Any] = {
    "visits:recorder": ({}, PAGE | {"sysadmin": 403}),
    "visits:recorder_worker": ({}, PAGE),
    "visits:recorder_app": ({}, PAGE),
    "visits:api:api-root": ({}, OPEN | dict.fromkeys(SIGNED_IN, 404) | {"nobody": 404}),
    "visits:api:openapi": ({}, OPEN),
    "visits:api:sync": ({}, OPEN | {"sysadmin": 403}),
    "visits:api:put_record": (NONE, NO_GET),
    "visits:api:receipt": (kept, RECEIPT),
    "visits:api:accept": ({}, NO_GET),
    "visits:api:resolve": (NONE, NO_GET),
    "visits:api:resolve (unread) POST": (NONE, OPEN | dict.fromkeys(SIGNED_IN, 400)),
    "visits:api:put_piece": (file, TEACHER1 | {"teacher1": 404}),
    "visits:api:how_far": (file, dict.fromkeys(SIGNED_IN, 404) | {"stranger": 404, "nobody": 401}),
}
