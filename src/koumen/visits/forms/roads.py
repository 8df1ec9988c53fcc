"""A measured route."""

from django import forms
from django.utils.translation import gettext_lazy as _

MOST_MINUTES = 600


class MeasuredRouteForm(forms.Form):
    """How long one way between the school and a village took."""

    minutes = forms.IntegerField(label=_("单程分钟"), min_value=1, max_value=MOST_MINUTES)
    note = forms.CharField(
        label=_("说明"), max_length=60, required=False, help_text=_("如“骑摩托，雨后”。不要写学生或家长的姓名。")
    )
