"""`POST commitment`: somebody accepts this term's commitment on the phone, at home or on the road."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from koumen.core.actor import Actor
from koumen.core.refusals import Forbidden
from koumen.visits.api.schemas import RefusalOut, Strict
from koumen.visits.policies.visits import may_keep_records
from koumen.visits.services import integrity

router = Router()


class CommitmentIn(Strict):
    """Which text was read."""

    version: Annotated[str, Field(max_length=10)]


class CommitmentOut(Strict):
    """Accepted for the term."""

    version: str


REFUSED = {status: RefusalOut for status in (401, 403, 404, 409, 422)}


@router.post("commitment", response={200: CommitmentOut, **REFUSED})
def accept(request: HttpRequest, body: CommitmentIn) -> Any:
    """The person read this text and accepts it. Safe to repeat; 409 when the text has changed: it is shown anew."""
    by: Actor = request.actor  # type: ignore[attr-defined]
    if not may_keep_records(by):
        raise Forbidden
    return CommitmentOut(version=integrity.accept(by.org, by=by, version=body.version).text_version)
