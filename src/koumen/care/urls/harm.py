"""URLs of 强制报告."""

from django.urls import path

from koumen.care.views import harm

urlpatterns = [
    path("harm/", harm.harms, name="harms"),
    path("harm/new/", harm.harm_new, name="harm_new"),
    path("harm/<int:pk>/", harm.harm, name="harm"),
    path("harm/own/<int:pk>/", harm.harm_own, name="harm_own"),
]
