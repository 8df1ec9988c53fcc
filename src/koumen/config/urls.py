"""The root of the URL table. Everything below `/s/<org>/` runs inside that org's scope."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", include("allauth.urls")),
    path("s/<slug:org>/", include("koumen.core.urls")),
    path("s/<slug:org>/", include("koumen.registry.urls")),
    path("s/<slug:org>/", include("koumen.visits.urls")),
    path("s/<slug:org>/", include("koumen.reporting.urls")),
    path("", include("koumen.portal.urls")),
]

handler400 = "koumen.core.web.bad_request"
handler403 = "koumen.core.web.forbidden"
handler404 = "koumen.core.web.not_found"
handler500 = "koumen.core.web.broken"
