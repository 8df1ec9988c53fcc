"""URLs of the public door of a school: no account, no personal link."""

from django.urls import path

from koumen.care.views import box

app_name = "box"
urlpatterns = [
    path("", box.write, name="write"),
    path("follow/", box.follow, name="follow"),
    path("done/", box.done, name="done"),
]
