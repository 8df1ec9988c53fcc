from importlib import import_module

from django.apps import AppConfig


class VisitsConfig(AppConfig):
    name = "koumen.visits"

    def ready(self) -> None:
        import_module("koumen.visits.services.named_timetables")  # a kind of list that two persons let out
