from importlib import import_module

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "koumen.core"

    def ready(self) -> None:
        import_module("koumen.core.checks")
