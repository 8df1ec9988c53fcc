"""Carrying an import through without a browser, for tests."""

from typing import Any

from koumen.core import files
from koumen.core.actor import Actor
from koumen.registry.models import ImportBatch
from koumen.registry.services.imports import batches
from koumen.registry.services.imports.watch import Watch


def checked(content: bytes, by: Actor, *, kind: str = "students", **options: Any) -> ImportBatch:
    """Upload and check; nothing is applied."""
    file = files.keep(iter([content]), purpose="import", label="名单.xlsx", content_type="application/octet-stream")
    batch = batches.upload(kind, by=by, file=file, **options)
    batches.check(batch, by=by, watch=Watch())
    return ImportBatch.objects.get(pk=batch.pk)


def applied(
    content: bytes, by: Actor, *, kind: str = "students", confirm: dict[str, Any] | None = None, **options: Any
) -> ImportBatch:
    """Upload, check, confirm and apply."""
    batch = checked(content, by, kind=kind, **options)
    assert batch.state == ImportBatch.State.CHECKED, batch.message
    batches.confirm(batch, by=by, **(confirm or {}))
    batches.apply(batch, by=by, watch=Watch())
    return ImportBatch.objects.get(pk=batch.pk)
