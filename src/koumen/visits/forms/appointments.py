"""What a family, or the teacher on its behalf, sends."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from koumen.registry.presets.codes import RELATIONS
from koumen.visits.models import Mode
from koumen.visits.services.appointments import KINDS, OTHER_MODES, Reply

PROXIES = ("61", "62", "63", "64", "97")  # who usually answers in an adult's stead


class ReplyForm(forms.Form):
    """One press of a button: every field is hidden in it."""

    kind = forms.ChoiceField(choices=[(one, one) for one in KINDS])
    at = forms.CharField(required=False, max_length=40)
    offer = forms.IntegerField(required=False, min_value=0, max_value=9)
    mode = forms.ChoiceField(required=False, choices=[("", ""), *((one, Mode(one).label) for one in OTHER_MODES)])
    proxy = forms.ChoiceField(required=False, choices=[("", ""), *((one, RELATIONS[one]) for one in PROXIES)])

    def clean_at(self) -> datetime | None:
        typed = self.cleaned_data["at"]
        if not typed:
            return None
        try:
            found = datetime.fromisoformat(typed)
        except ValueError as error:
            raise forms.ValidationError(_("时间不对，请返回重选。")) from error
        if found.tzinfo is None:
            raise forms.ValidationError(_("时间不对，请返回重选。"))
        return found

    def reply(self) -> Reply:
        """What was said. Ask only when valid."""
        said: dict[str, Any] = self.cleaned_data
        return Reply(said["kind"], said["at"], said["offer"] or 0, said["mode"])
