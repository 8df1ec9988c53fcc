"""URLs of opinions."""

from django.urls import path

from koumen.care.views import opinion_family, opinion_work, opinions

# its purpose of personal links is registered with the pages
FAMILY_PAGE = opinion_family.own

urlpatterns = [
    path("opinions/", opinions.listing, name="opinions"),
    path("opinions/new/", opinions.enter, name="opinion_new"),
    path("opinions/figures/", opinions.figures, name="opinion_figures"),
    path("opinions/export/", opinions.export, name="opinion_export"),
    path("opinions/poster/", opinions.poster, name="opinion_poster"),
    path("opinions/limits/", opinions.limits, name="opinion_limits"),
    path("opinions/invite/", opinions.invite, name="opinion_invite"),
    path("opinions/invite/<int:pk>/", opinions.invite_child, name="opinion_invite_child"),
    path("opinions/<int:pk>/", opinion_work.opinion, name="opinion"),
    path("opinions/<int:pk>/voice/", opinion_work.voice, name="opinion_voice"),
    path("opinions/<int:pk>/letters/", opinion_work.letters, name="opinion_letters"),
    path("opinions/<int:pk>/<str:deed>/", opinion_work.deed, name="opinion_deed"),
]
