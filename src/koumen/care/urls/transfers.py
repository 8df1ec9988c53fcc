"""URLs of 转接."""

from django.urls import path

from koumen.care.views import transfers

urlpatterns = [
    path("cases/<int:pk>/transfer/", transfers.transfer_new, name="transfer_new"),
    path("transfers/<int:pk>/", transfers.transfer, name="transfer"),
]
