"""URLs of care, a file per noun. Those of the public door stand in `public`."""

from django.urls import URLPattern, URLResolver

from koumen.care.urls import cases, dropout, extracts, harm, ledger, opinions, referrals, tasks, transfers

app_name = "care"
urlpatterns: list[URLPattern | URLResolver] = [
    *cases.urlpatterns,
    *dropout.urlpatterns,
    *extracts.urlpatterns,
    *harm.urlpatterns,
    *ledger.urlpatterns,
    *opinions.urlpatterns,
    *referrals.urlpatterns,
    *tasks.urlpatterns,
    *transfers.urlpatterns,
]
