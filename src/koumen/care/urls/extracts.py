"""URLs of extracts."""

from django.urls import path

from koumen.care.views import extracts

urlpatterns = [
    path("extracts/", extracts.extracts, name="extracts"),
    path("extracts/<int:pk>/", extracts.extract, name="extract"),
    path("extracts/<int:pk>/reader/", extracts.extract_reader, name="extract_reader"),
    path("extracts/<int:pk>/read/", extracts.extract_read, name="extract_read"),
    path("extracts/<int:pk>/consent/", extracts.extract_consent, name="extract_consent"),
    path("extracts/<int:pk>/withdraw/", extracts.extract_withdraw, name="extract_withdraw"),
    path("cases/<int:pk>/extract/", extracts.extract_new, name="extract_new"),
]
