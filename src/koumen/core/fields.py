"""Model fields that keep a value encrypted, and masks for the screen."""

from typing import TYPE_CHECKING, Any

from django.db import models

from koumen.core import crypto

# Django's fields take type arguments for the type checker alone.
if TYPE_CHECKING:
    _Text = models.BinaryField[str, str]
    _Bytes = models.BinaryField[bytes, bytes]
else:
    _Text = _Bytes = models.BinaryField


class SealedField(_Text):
    """Text that is encrypted in the database; the attribute is plain `str`. Empty text is stored as empty bytes."""

    def _column(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        sealed = crypto.seal(value, self._column()) if value else b""
        return super().get_db_prep_value(sealed, connection, prepared)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str:
        return crypto.open_sealed(bytes(value), self._column()) if value else ""

    def get_default(self) -> str:
        return ""

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))

    def to_python(self, value: Any) -> str:
        return value or ""


class LookupField(_Bytes):
    """The keyed hash of a sealed value; set it with `crypto.lookup(text)`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        settled: dict[str, Any] = {"max_length": 16, "default": b"", "editable": False, "db_index": True}
        super().__init__(*args, **(settled | kwargs))


def masked(text: str, *, head: int = 3, tail: int = 4) -> str:
    """`13800001234` → `138****1234`; short texts are hidden whole."""
    if len(text) <= head + tail:
        return "*" * len(text)
    return f"{text[:head]}****{text[-tail:]}"
