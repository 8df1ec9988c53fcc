"""Whatever is sent to the recorder's interface, the answer is one that its description names, and never a 5xx."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode

from koumen.core import clock, scope
from koumen.visits.api import api
from tests.cast import Cast
from tests.visits.phones import Phone, announced
from tests.visits.stories import LATER, planned

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R8", "R45")]
BASE = "/s/hill/api/"
VOICE = b"\x1aE\xdf\xa3voice"
SCHEMA = schemathesis.openapi.from_dict(api.get_openapi_schema(path_prefix=BASE))
FOUND: list[Any] = [one.ok() for one in SCHEMA.get_all_operations()]  # type: ignore[union-attr]
OPERATIONS = {f"{one.method} {one.path}": one for one in FOUND}


@pytest.fixture
def world(cast: Cast, client_of: Callable[[str], Client]) -> tuple[Phone, UUID, dict[str, Any]]:
    """A signed-in phone, a kept record with a file on its way, and a body that would be accepted."""
    phone, record = Phone(client_of("teacher1")), uuid4()
    with scope.enter(cast.hill.pk), clock.at(LATER):
        phone.send(record, planned(cast, "阿虎"), files=[announced(VOICE, "voice")])
        body = phone.body(planned(cast, "阿宝"))
    return phone, record, body


def answered(phone: Phone, case: Any) -> tuple[int, set[str]]:
    """The status of what was sent, and the statuses its description names."""
    body = case.body if isinstance(case.body, bytes | dict | list | str | int | float | bool | type(None)) else b""
    headers = {str(k): str(v) for k, v in (case.headers or {}).items() if str(v).isprintable() and str(v).isascii()}
    path = case.formatted_path if case.formatted_path.startswith(BASE) else BASE + case.formatted_path.lstrip("/")
    send = getattr(phone.client, case.method.lower())
    kwargs: dict[str, Any] = {"headers": headers}
    if case.method.lower() in ("put", "post"):
        raw = isinstance(body, bytes)
        kwargs |= {"data": body, "content_type": "application/octet-stream" if raw else "application/json"}
    elif case.query:
        kwargs["data"] = {str(k): str(v) for k, v in case.query.items()}
    with clock.at(LATER):
        response = send(path, **kwargs)
    assert response.headers["Content-Type"].startswith("application/json"), (path, response.content[:200])
    return response.status_code, set(case.operation.definition.raw["responses"])


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_answer_is_described(world: tuple[Phone, UUID, dict[str, Any]], name: str, mode: GenerationMode) -> None:
    phone, record, body = world
    operation = OPERATIONS[name]

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
    @given(case=operation.as_strategy(generation_mode=mode), real=st.booleans(), data=st.data())
    def sends(case: Any, real: bool, data: st.DataObject) -> None:
        if real and "record" in (case.path_parameters or {}):
            # Half of the time the address is one that exists, and the body is nearly right.
            case.path_parameters["record"] = str(record)
            if isinstance(case.body, dict) and "entry" in body:
                keys = data.draw(st.sets(st.sampled_from(sorted(body))))
                case.body = case.body | {key: body[key] for key in keys}
        status, described = answered(phone, case)
        assert status < 500
        assert str(status) in described or status in (400, 404, 405), (name, status)

    sends()
