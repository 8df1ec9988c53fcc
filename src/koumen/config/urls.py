"""The root of the URL table. Everything below `/s/<org>/` runs inside that org's scope."""

from allauth.account import views as account
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.usersessions import views as sessions
from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from koumen.core.views import link, open_link, renew_link

# Only what we use of allauth: no sign-up, no e-mail addresses, no reset by mail, no foreign sign-in.
account_urls = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/", account.password_change, name="account_change_password"),
    path("sessions/", sessions.list_usersessions, name="usersessions_list"),
    path("2fa/", second_factor.index, name="mfa_index"),
    path("2fa/authenticate/", second_factor.authenticate, name="mfa_authenticate"),
    path("2fa/reauthenticate/", second_factor.reauthenticate, name="mfa_reauthenticate"),
    path("2fa/app/activate/", totp.activate_totp, name="mfa_activate_totp"),
    path("2fa/app/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("2fa/codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("2fa/codes/generate/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("2fa/codes/download/", recovery_codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("2fa/keys/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("2fa/keys/add/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("2fa/keys/login/", login_not_required(passkeys.login_webauthn), name="mfa_login_webauthn"),
    path("2fa/keys/reauthenticate/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("2fa/keys/<int:pk>/remove/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    path("2fa/keys/<int:pk>/edit/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", include(account_urls)),
    path("language/", login_not_required(require_POST(set_language)), name="set_language"),
    path("s/<slug:org>/", include("koumen.core.urls")),
    path("s/<slug:org>/", include("koumen.registry.urls")),
    path("s/<slug:org>/", include("koumen.care.urls")),
    path("s/<slug:org>/", include("koumen.visits.urls")),
    path("s/<slug:org>/", include("koumen.reporting.urls")),
    path("b/<slug:school>/", include("koumen.care.urls.public")),
    path("l/<str:secret>/", link, name="link"),
    path("l/<str:secret>/open/", open_link, name="open_link"),
    path("l/<str:secret>/new/", renew_link, name="renew_link"),
    path("", include("koumen.portal.urls")),
]

handler400 = "koumen.core.web.bad_request"
handler403 = "koumen.core.web.forbidden"
handler404 = "koumen.core.web.not_found"
handler500 = "koumen.core.web.broken"
handler429 = "koumen.core.web.too_many"
