"""URLs of reporting."""

from django.urls import URLPattern, URLResolver, path

from koumen.reporting.views import month, schools

app_name = "reporting"
urlpatterns: list[URLPattern | URLResolver] = [
    path("reports/month/", month.month, name="month"),
    path("reports/month/excel/", month.excel, name="month_excel"),
    path("reports/month/word/", month.word, name="month_word"),
    path("reports/month/deliver/", month.deliver, name="deliver"),
    path("reports/month/reopen/", month.reopen, name="reopen"),
    path("reports/month/list/<slug:column>/", month.behind, name="behind"),
    path("reports/schools/", schools.schools, name="schools"),
]
