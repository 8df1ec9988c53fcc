"""URLs of the ledger and of lists with names."""

from django.urls import path

from koumen.care.views import ledger, names

urlpatterns = [
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/numbers/", ledger.ledger_numbers, name="ledger_numbers"),
    path("ledger/file/", ledger.ledger_file, name="ledger_file"),
    path("ledger/<int:pk>/", ledger.finding, name="finding"),
    path("names/", names.names, name="names"),
    path("names/<int:pk>/decide/", names.names_decide, name="names_decide"),
    path("names/<int:pk>/download/", names.names_download, name="names_download"),
]
