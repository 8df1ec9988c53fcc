"""`GET sync`: one's own visits of the coming days, and the words of the form. Never somebody else's."""

from hashlib import blake2b
from json import dumps
from typing import Annotated, Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.translation import get_language
from django.views.decorators.gzip import gzip_page
from ninja import Query, Router, Schema
from ninja.decorators import decorate_view
from pydantic import Field

from koumen.core import audit, clock
from koumen.core.actor import Actor
from koumen.core.refusals import Forbidden
from koumen.visits.api.schemas import Moment, RefusalOut
from koumen.visits.forms.record import RecordForm, known_relations, problem_choices
from koumen.visits.models import Mode
from koumen.visits.policies.visits import may_keep_records
from koumen.visits.presets.commitment import TEXTS, VERSION
from koumen.visits.queries.questions import whole_forms
from koumen.visits.queries.sync import held
from koumen.visits.services.integrity import lacks_commitment

router = Router()
CHIPS = ("topics", "measures", "materials", "purposes", "fallback_reason", "satisfaction")


class Sync(Schema):
    """`visits` and `forms` the phone does not hold yet, `gone` those to forget, `choices` when its words changed."""

    server_time: Moment
    cursor: str
    words: str
    csrf: str
    me: dict[str, Any]
    visits: list[dict[str, Any]]
    gone: list[str]
    choices: dict[str, Any] | None
    forms: list[dict[str, Any]]
    commitment: dict[str, Any] | None  # this term's text, while it is asked for and not accepted


class Since(Schema):
    """What the phone holds: the cursor and the version of the words of its last sync, the ids of its forms."""

    since: Annotated[str, Field(max_length=5_000)] = ""
    words: Annotated[str, Field(max_length=20)] = ""
    forms: Annotated[str, Field(max_length=400, pattern=r"^[0-9,]*$")] = ""


@router.get("sync", response={200: Sync, 401: RefusalOut, 403: RefusalOut, 404: RefusalOut, 422: RefusalOut})
@decorate_view(gzip_page)
def sync(request: HttpRequest, asked: Query[Since]) -> Any:
    """Own visits from yesterday to a week ahead, and those of two weeks nobody recorded."""
    by: Actor = request.actor  # type: ignore[attr-defined]
    if not may_keep_records(by):
        raise Forbidden
    found = held(by, asked.since)
    choices = _choices()
    version = blake2b(dumps(choices, sort_keys=True).encode(), digest_size=6).hexdigest()
    if found.visits:
        audit.write(by, "visit.to_phone", kind="read", changes={"visits": len(found.visits)})
    return Sync(
        server_time=clock.now(),
        cursor=found.cursor,
        words=version,
        csrf=get_token(request),
        me={"id": by.member_id, "name": by.display_name, "language": get_language()},
        visits=found.visits,
        gone=found.gone,
        choices=None if asked.words == version else choices,
        forms=whole_forms(found.forms - {int(pk) for pk in asked.forms.split(",") if 0 < len(pk) < 19}),
        commitment=_commitment(by),
    )


def _commitment(by: Actor) -> dict[str, Any] | None:
    if not lacks_commitment(by, None):
        return None
    return {"version": VERSION, "lines": [str(line) for line in TEXTS[VERSION]]}


def _choices() -> dict[str, Any]:
    """The words of the record's form, as the page shows them."""
    fields = RecordForm.base_fields
    chips = {name: _pairs(fields[name].choices) for name in CHIPS}  # type: ignore[attr-defined]
    return chips | {
        "modes": _pairs(Mode.choices),
        "relations": _pairs(known_relations()),
        "problems": _pairs(problem_choices()),
    }


def _pairs(choices: Any) -> list[tuple[str, str]]:
    return [(str(value), str(label)) for value, label in choices if value != ""]
