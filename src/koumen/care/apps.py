from importlib import import_module

from django.apps import AppConfig


class CareConfig(AppConfig):
    name = "koumen.care"

    def ready(self) -> None:
        import_module("koumen.care.views.panels")
        import_module("koumen.care.views.panels_dropout")
        import_module("koumen.care.views.panels_harm")
