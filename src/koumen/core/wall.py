"""The wall: every row of an org carries its org, and queries see the scope's org alone.

The filter is an expression that reads the scope when SQL is compiled, so a queryset written in one scope and used in
another follows the second; nobody types the tenant filter. There is no door out: work on many orgs enters each.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models.expressions import Expression

from koumen.core import scope
from koumen.core.scope import NoScope

M = TypeVar("M", bound="OrgModel")


class CurrentOrg(Expression):
    """The scope's org id, read when the SQL is compiled, not when the query is written."""

    output_field: Any = models.BigIntegerField()

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        return "%s", (scope.org_id(),)


@cache
def walled_links(model: type[models.Model]) -> list[Any]:
    """The foreign keys of `model` that point at other walled rows."""
    return [
        f
        for f in model._meta.concrete_fields
        if f.many_to_one and f.name != "org" and issubclass(f.related_model, OrgModel)  # type: ignore[arg-type]
    ]


class OrgQuerySet(models.QuerySet[M]):
    """Writes in bulk pass the same checks as single ones."""

    def bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        rows = list(objs)
        for row in rows:
            row.claim()
        return super().bulk_create(rows, *args, **kwargs)

    def bulk_update(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> int:
        rows = list(objs)
        for row in rows:
            row.claim()
        return super().bulk_update(rows, *args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        if {"org", "org_id"} & kwargs.keys():
            raise NoScope("a row never changes hands")
        for link in walled_links(self.model):
            for name in {link.name, link.attname} & kwargs.keys():
                other = kwargs[name]
                if other is not None and getattr(other, "org_id", None) != scope.org_id():
                    raise NoScope(f"point {name} at a row of this org, not at an id")
        return super().update(**kwargs)

    def raw(self, *args: Any, **kwargs: Any) -> Any:
        raise NoScope("raw SQL steps around the wall; use a cursor, which row-level security holds")


_AnyOrgManager = models.Manager.from_queryset(OrgQuerySet)


class OrgManager(_AnyOrgManager[M]):
    """The only kind of manager a walled model may have; `OrgManager.from_queryset(…)` makes one that speaks more."""

    def get_queryset(self) -> OrgQuerySet[M]:
        rows: Any = super().get_queryset()
        walled: OrgQuerySet[M] = rows.filter(org_id=CurrentOrg())
        return walled


class OrgModel(models.Model):
    """A row that belongs to one org. Subclasses inherit `class Meta(OrgModel.Meta)`."""

    org = models.ForeignKey("registry.Org", models.PROTECT, editable=False, related_name="+")
    org_id: int
    objects = OrgManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def claim(self) -> None:
        """Take the scope's org, or refuse to be written in somebody else's name. Raises NoScope."""
        here = scope.org_id()
        if self.org_id is None:
            self.org_id = here
        elif self.org_id != here:
            raise NoScope(f"{type(self).__name__} {self.pk} belongs to another org")
        for link in walled_links(type(self)):
            other = getattr(self, link.name) if getattr(self, link.attname) else None
            if other is not None and other.org_id != self.org_id:
                raise NoScope(f"{type(self).__name__} may not point across the wall")

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.claim()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self.claim()
        return super().delete(*args, **kwargs)

    def refreshed(self) -> Self:
        """The same row, read again."""
        self.refresh_from_db()
        return self
