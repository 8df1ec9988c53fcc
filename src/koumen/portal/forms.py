"""Forms of the portal."""

import re
from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from koumen.core.models import AuditEntry

MONTH = r"^20\d\d-(0[1-9]|1[0-2])$"


class LogForm(forms.Form):
    """Which lines of the log: a month, writes or reads, whose."""

    month = forms.RegexField(MONTH, label=_("月份"), required=False, widget=forms.TextInput(attrs={"type": "month"}))
    kind = forms.ChoiceField(
        label=_("类别"),
        required=False,
        choices=[("", _("全部")), (AuditEntry.WRITE, _("操作")), (AuditEntry.READ, _("查看个人资料"))],
    )
    who = forms.CharField(label=_("姓名"), max_length=60, required=False)

    def first_day(self, today: date) -> date:
        """The month asked for; this one when nothing readable was."""
        text = self.data.get("month", "") if self.is_bound else ""
        return date.fromisoformat(f"{text}-01") if re.fullmatch(MONTH, text) else today.replace(day=1)
