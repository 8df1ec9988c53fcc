"""URLs of cases and of measures."""

from django.urls import path

from koumen.care.views import agreements, cases, casework, measures

urlpatterns = [
    path("cases/", cases.cases, name="cases"),
    path("cases/candidates/", cases.candidates, name="case_candidates"),
    path("cases/renewals/", casework.renewals, name="case_renewals"),
    path("students/<int:pk>/case/", cases.case_new, name="case_new"),
    path("cases/<int:pk>/", cases.case, name="case"),
    path("cases/<int:pk>/edit/", cases.case_edit, name="case_edit"),
    path("cases/<int:pk>/confirm/", cases.case_confirm, name="case_confirm"),
    path("cases/<int:pk>/paper/", cases.paper, name="case_paper"),
    path("cases/<int:pk>/no-action/", casework.no_action, name="case_no_action"),
    path("cases/<int:pk>/note/", casework.note, name="case_note"),
    path("cases/<int:pk>/review/", casework.review, name="case_review"),
    path("cases/<int:pk>/close/", casework.close, name="case_close"),
    path("cases/<int:pk>/close/confirm/", casework.close_confirm, name="case_close_confirm"),
    path("cases/<int:pk>/close/refuse/", casework.close_refuse, name="case_close_refuse"),
    path("cases/<int:pk>/reopen/", casework.reopen, name="case_reopen"),
    path("cases/<int:pk>/team/new/", casework.seat_new, name="case_seat_new"),
    path("cases/<int:pk>/team/<int:staff>/end/", casework.seat_end, name="case_seat_end"),
    path("cases/<int:pk>/team/renew/", casework.renew, name="case_renew"),
    path("cases/<int:pk>/agreement/", agreements.agreement, name="case_agreement"),
    path("cases/<int:pk>/agreement/letters/", agreements.agreement_letters, name="case_agreement_letters"),
    path("cases/<int:pk>/measures/new/", measures.measure_new, name="measure_new"),
    path("measures/<int:pk>/", measures.measure, name="measure"),
    path("measures/<int:pk>/progress/", measures.measure_progress, name="measure_progress"),
    path("measures/<int:pk>/finish/", measures.measure_finish, name="measure_finish"),
    path("measures/<int:pk>/drop/", measures.measure_drop, name="measure_drop"),
    path("measures/<int:pk>/hand-over/", measures.measure_hand_over, name="measure_hand_over"),
]
