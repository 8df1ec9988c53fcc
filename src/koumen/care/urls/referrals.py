"""URLs of referrals."""

from django.urls import path

from koumen.care.views import referrals

urlpatterns = [
    path("referrals/", referrals.referrals, name="referrals"),
    path("referrals/<int:pk>/", referrals.referral, name="referral"),
    path("referrals/<int:pk>/letter/", referrals.referral_letter, name="referral_letter"),
    path("cases/<int:pk>/refer/", referrals.referral_new, name="referral_new"),
]
