"""URLs of portal."""

from django.urls import URLPattern, URLResolver, path

from koumen.portal.views import home, inbox, log

app_name = "portal"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.root, name="root"),
    path("account/", home.account, name="account"),
    path("account/sessions/<int:pk>/end/", home.end_session, name="end_session"),
    path("s/<slug:org>/", home.home, name="home"),
    path("s/<slug:org>/inbox/", inbox.inbox, name="inbox"),
    path("s/<slug:org>/inbox/read/", inbox.read_all, name="read_all"),
    path("s/<slug:org>/inbox/<int:pk>/", inbox.open_note, name="open_note"),
    path("s/<slug:org>/log/", log.log, name="log"),
    path("s/<slug:org>/log/check/", log.check, name="check_log"),
]
