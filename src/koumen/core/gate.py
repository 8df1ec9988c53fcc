"""The one gate every write passes: may they, all or nothing, written down; and the one way from an id to a row."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.db import models, transaction

from koumen.core import audit, scope
from koumen.core.actor import Actor
from koumen.core.refusals import Forbidden, NotFound

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S")
M = TypeVar("M", bound=models.Model)

REGISTRY: dict[str, Callable[..., Any]] = {}


def action(
    verb: str, *, may: Callable[[Actor, S], bool]
) -> Callable[[Callable[Concatenate[S, P], T]], Callable[Concatenate[S, P], T]]:
    """Make a service an action: `fn(target, *, by: Actor, …)`.

    The gate asks `may(by, target)` (Forbidden when not), runs the service in one transaction, and adds a row to the
    log in the same transaction. A keyword `because` of the service is logged as the reason. What the service returns
    is the row the log names, when it is a saved row; else the target.
    """

    def wrap(fn: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
        if verb in REGISTRY:
            raise ValueError(f"two actions are called {verb}")

        @wraps(fn)
        def gate(target: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
            by = kwargs["by"]
            assert isinstance(by, Actor)
            if by.org.id != scope.org_id() or not may(by, target):
                raise Forbidden
            with transaction.atomic():
                result = fn(target, *args, **kwargs)
                named = result if isinstance(result, models.Model) and result.pk else target
                audit.write(by, verb, named, reason=str(kwargs.get("because") or ""))
            return result

        REGISTRY[verb] = gate
        return gate

    return wrap


def fetch(
    actor: Actor,
    rows: type[M] | models.QuerySet[M],
    pk: object,
    *,
    to: Callable[[Actor, M], bool] | None = None,
    lock: bool = False,
) -> M:
    """The row, or a refusal: unseen → NotFound, seen but not allowed → Forbidden.

    `rows` is a model or a queryset (say, with select_related); where it has `visible_to`, only those rows exist.
    """
    found: Any = rows._default_manager.all() if isinstance(rows, type) else rows
    if hasattr(found, "visible_to"):
        found = found.visible_to(actor)
    if lock:
        found = found.select_for_update(of=("self",))
    try:
        row: M = found.get(pk=pk)
    except (found.model.DoesNotExist, ValueError, OverflowError) as error:
        raise NotFound from error
    if to is not None and not to(actor, row):
        raise Forbidden
    return row
