"""URLs of 控辍保学."""

from django.urls import path

from koumen.care.views import demand, dropout, dropout_numbers, returns

urlpatterns = [
    path("dropout/", dropout.dropout_lists, name="dropout_lists"),
    path("dropout/find/", dropout.dropout_find, name="dropout_find"),
    path("dropout/names/", dropout.dropout_names, name="dropout_names"),
    path("dropout/new/<int:pk>/", dropout.dropout_new, name="dropout_new"),
    path("dropout/<int:pk>/", dropout.dropout, name="dropout"),
    path("dropout/<int:pk>/describe/", dropout.dropout_describe, name="dropout_describe"),
    path("dropout/<int:pk>/attempt/", dropout.dropout_attempt, name="dropout_attempt"),
    path("dropout/<int:pk>/verify/", dropout.dropout_verify, name="dropout_verify"),
    path("dropout/<int:pk>/close/", dropout.dropout_close, name="dropout_close"),
    path("dropout/<int:pk>/record/", dropout.dropout_word, name="dropout_word"),
    path("dropout/<int:pk>/signature/", dropout.dropout_signature, name="dropout_signature"),
    path("dropout/returns/", returns.returns, name="returns"),
    path("dropout/returns/<int:pk>/", returns.return_check, name="return_check"),
    path("dropout/month/", dropout_numbers.dropout_month, name="dropout_month"),
    path("dropout/month/file/", dropout_numbers.dropout_month_file, name="dropout_month_file"),
    path("dropout/month/submit/", dropout_numbers.dropout_submit, name="dropout_submit"),
    path("dropout/schools/", dropout_numbers.dropout_schools, name="dropout_schools"),
    path("dropout/schools/file/", dropout_numbers.dropout_schools_file, name="dropout_schools_file"),
    path("dropout/schools/<int:pk>/check/", dropout_numbers.dropout_check, name="dropout_check"),
    path("demand/", demand.demands, name="demands"),
    path("demand/new/", demand.demand_new, name="demand_new"),
    path("demand/file/", demand.demand_file, name="demand_file"),
    path("demand/list/", demand.demand_list, name="demand_list"),
]
