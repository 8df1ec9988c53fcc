"""What the recorder and the server say to each other. Times are ISO 8601 with a zone."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field

Short = Annotated[str, Field(max_length=300)]
Long = Annotated[str, Field(max_length=2000)]
Code = Annotated[str, Field(max_length=20)]
Codes = Annotated[list[Code], Field(max_length=40)]
Ids = Annotated[list[int], Field(max_length=40)]
# One moment, one text: a receipt read again equals the first one, byte by byte.
Moment = Annotated[datetime, AfterValidator(lambda moment: moment.astimezone(UTC))]
Name = Annotated[str, Field(max_length=40)]
Answers = Annotated[dict[Name, Long | Annotated[list[Name], Field(max_length=200)]], Field(max_length=60)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Strict(Schema):
    """Unknown fields are refused: a field the server would drop is a field the phone would lose."""

    model_config = ConfigDict(extra="forbid")


class EntryIn(Strict):
    """The answers of a record."""

    mode: Code
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    students: Ids
    companions: Ids = Field(default_factory=list)
    met_relation: Code | Annotated[list[Code], Field(min_length=1, max_length=12)]  # one of them, or all
    topics: Codes
    purposes: Codes = Field(default_factory=list)
    content: Long = ""
    family_words: Long = ""
    opinion: Long = ""
    problem_categories: Codes = Field(default_factory=list)
    problem: Annotated[str, Field(max_length=1000)] = ""
    measures: Codes = Field(default_factory=list)
    materials: Codes = Field(default_factory=list)
    next_step: Short = ""
    follow_up_on: date | None = None
    reflection: Long = ""
    fallback_reason: Code = ""
    satisfaction: Annotated[int, Field(ge=1, le=5)] | None = None
    question_form: Annotated[int, Field(ge=1, le=2**62)] | None = None  # the version of the campaign's questions
    answers: Answers = Field(default_factory=dict)  # to them, by name; numbers and days as text


class FileIn(Strict):
    """A file that belongs to the record; its bytes follow."""

    hash: Hash
    kind: Literal["photo", "signature", "voice"]
    size: Annotated[int, Field(ge=1, le=12 * 1_048_576)]


class RecordIn(Strict):
    """A record on its way. `visit` is what was planned; `student` instead, for a visit nobody planned;
    both, for one of its siblings who has a record of its own.

    `base_version` is the version the phone last got a receipt for, 0 for none. `times_from` "clock": start and end
    were taken from the phone's clock, and are corrected by how wrong it is.
    """

    visit: UUID | None = None
    student: Annotated[int, Field(ge=1, le=2**62)] | None = None
    base_version: Annotated[int, Field(ge=0, le=32_000)] = 0
    device: Annotated[str, Field(max_length=40)] = ""
    client_time: AwareDatetime
    times_from: Literal["clock", "plan", "hand"] = "hand"
    entry: EntryIn
    files: Annotated[list[FileIn], Field(max_length=12)] = Field(default_factory=list)


class ResolveIn(Strict):
    """What a person decided after seeing both versions."""

    base_version: Annotated[int, Field(ge=1, le=32_000)]
    entry: EntryIn


class FileOut(Schema):
    """How far a file is. `kept`: whole and safe. `refused`: why it cannot be kept; it need not be sent again."""

    hash: str
    kept: bool
    have: int
    refused: str = ""


class Receipt(Schema):
    """What is safe on the server, and nothing else."""

    record: UUID
    visit: UUID
    version: int
    content_hash: str
    kept_at: Moment
    skew_seconds: int
    files: list[FileOut]


class Kept(Schema):
    """The other version of a conflict."""

    record: UUID
    version: int
    by: str
    at: Moment
    entry: dict[str, Any]


class ConflictOut(Schema):
    """There is a record with other content. Both are kept; a person decides."""

    code: str = "conflict"
    sentence: str
    kept: Kept


class RefusalOut(Schema):
    """Why not, in a sentence for people. `fields`: which answers are meant, with a sentence each."""

    code: str
    sentence: str
    fields: dict[str, str] = Field(default_factory=dict)


class GapOut(RefusalOut):
    """Where to go on."""

    have: int
