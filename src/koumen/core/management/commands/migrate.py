"""Django's migrate, as the owner role, followed by the wall: rights and row-level security for every table."""

from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands import migrate

from koumen.core import rls


class Command(migrate.Command):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        options["database"] = "owner"
        super().handle(*args, **options)
        if options.get("app_label") is None and not options.get("plan") and not options.get("check_unapplied"):
            rls.apply("owner")
