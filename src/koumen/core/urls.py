"""Pages of the kernel: background jobs and the log."""

from django.urls import path

from koumen.core import views

app_name = "core"
urlpatterns = [
    path("jobs/<uuid:pk>/", views.job, name="job"),
    path("jobs/<uuid:pk>/cancel/", views.cancel_job, name="cancel_job"),
    path("files/<uuid:pk>/", views.file, name="file"),
]
