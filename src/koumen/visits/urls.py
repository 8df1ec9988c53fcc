"""URLs of visits."""

from django.urls import URLPattern, URLResolver, path

from koumen.visits.views import papers, records, visits

app_name = "visits"
urlpatterns: list[URLPattern | URLResolver] = [
    path("visits/mine/", visits.mine, name="mine"),
    path("visits/new/", visits.new, name="new"),
    path("visits/new/<int:pk>/", records.new_record, name="new_record"),
    path("visits/<uuid:pk>/", visits.visit, name="visit"),
    path("visits/<uuid:pk>/record/", records.record, name="record"),
    path("visits/<uuid:pk>/revise/", records.revise, name="revise"),
    path("visits/<uuid:pk>/decline/", visits.decline, name="decline"),
    path("visits/<uuid:pk>/paper/", papers.paper, name="paper"),
    path("classes/<int:pk>/records/", papers.records, name="records"),
    path("classes/<int:pk>/papers/", papers.papers, name="papers"),
]
