"""System checks: forgetting the wall is found at start."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register
from django.db.models import Model

from koumen.core.wall import OrgManager, OrgModel


def problems(among: Iterable[type[Model]]) -> Iterator[CheckMessage]:
    """What is wrong with the walls of these models."""
    for model in among:
        if not model.__module__.startswith("koumen.") or getattr(model, "shared_because", False):
            continue
        walled = issubclass(model, OrgModel) and all(
            isinstance(m, OrgManager) for m in [model._base_manager, *model._meta.managers]
        )
        if not walled:
            yield Error(
                f"{model._meta.label} is neither an OrgModel nor marked shared_because.",
                id="koumen.E001",
                obj=model,
            )
        for field in model._meta.local_many_to_many:
            if field.remote_field.through._meta.auto_created:  # type: ignore[union-attr]
                yield Error(
                    f"{field} has no named link model, so its rows stand outside the wall.",
                    id="koumen.E002",
                    obj=model,
                )


@register()
def every_model_is_walled(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E001: a model of ours that is neither walled nor marked shared. E002: an unnamed link table."""
    return list(problems(apps.get_models()))
