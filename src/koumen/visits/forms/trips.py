"""What is said before leaving, and when plans change."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koumen.core import clock
from koumen.registry.models import Place, Staff
from koumen.visits.models import Outing, SafetyContact
from koumen.visits.presets.trips import Risk, Transport, Why
from koumen.visits.queries import trips as queries
from koumen.visits.services.trips import LONGEST_ROUTE, Filing, route_of

PHONE = r"^\+?[0-9][0-9 -]{4,18}[0-9]$"
WRONG_PHONE = gettext_lazy("请填一个能打通的电话号码。")


def _time(label: Any) -> forms.TimeField:
    return forms.TimeField(label=label, widget=forms.TimeInput({"type": "time"}, "%H:%M"))


def _because(label: Any) -> forms.CharField:
    errors = {"required": gettext_lazy("请写一句原因。")}
    return forms.CharField(label=label, max_length=100, error_messages=errors)


def _phone() -> forms.RegexField:
    tel = forms.TextInput({"type": "tel", "autocomplete": "tel"})
    return forms.RegexField(
        PHONE, label=gettext_lazy("联系方式"), max_length=20, widget=tel, error_messages={"invalid": WRONG_PHONE}
    )


class TripForm(forms.Form):
    """报备表; everything is filled in from the plan."""

    buddy = forms.ChoiceField(
        label=gettext_lazy("知悉人"), help_text=gettext_lazy("留在学校或家里，超时 30 分钟先提醒他。")
    )
    duty_leader = forms.ChoiceField(label=gettext_lazy("值班领导"), help_text=gettext_lazy("超时 60 分钟提醒。"))
    transport = forms.ChoiceField(label=gettext_lazy("交通工具"), choices=Transport.choices, widget=forms.RadioSelect)
    contact = _phone()
    leaves = _time(gettext_lazy("出发"))
    arrives = _time(gettext_lazy("到达"))
    back = _time(gettext_lazy("预计返回"))
    route = forms.CharField(label=gettext_lazy("路线"), max_length=LONGEST_ROUTE)
    risks = forms.MultipleChoiceField(
        label=gettext_lazy("路上要留心的事"),
        choices=Risk.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    risk_note = forms.CharField(label=gettext_lazy("说明"), max_length=200, required=False)

    def __init__(self, *args: Any, outing: Outing, me: Staff, **kwargs: Any) -> None:
        self.outing = outing
        buddies, leaders = queries.buddies(outing), queries.leaders(outing)
        self.known = {str(one.pk): one for one in (*buddies, *leaders)}
        super().__init__(*args, **({"initial": self._filled(me, buddies, leaders)} | kwargs))
        for name, people in (("buddy", buddies), ("duty_leader", leaders)):
            field: Any = self.fields[name]
            field.choices = [(str(one.pk), one.name) for one in people]

    def _filled(self, me: Staff, buddies: list[Staff], leaders: list[Staff]) -> dict[str, Any]:
        outing, stops = self.outing, list(self.outing.stops.all())
        leader = leaders[0] if leaders else None
        buddy = next((one for one in buddies if one != leader), None)
        risks = [Risk.REMOTE.value] if queries.needs_two(outing) else []
        if clock.local(outing.back_at).hour >= 19:
            risks.append(Risk.DARK.value)
        return {
            "buddy": str(buddy.pk) if buddy else "",
            "duty_leader": str(leader.pk) if leader else "",
            "transport": Transport.WALK if outing.travel_metres < 4_000 else Transport.CAR,
            "contact": queries.phone_of(me),
            "leaves": clock.local(outing.leaves_at).time(),
            "arrives": clock.local(stops[0].arrives_at if stops else outing.back_at).time(),
            "back": clock.local(outing.back_at).time(),
            "route": route_of(outing),
            "risks": risks,
        }

    def filing(self) -> Filing:
        """The typed answers; times belong to the outing's day, after midnight to the next. Asks for a valid form."""
        given = self.cleaned_data
        leaves = datetime.combine(clock.local(self.outing.leaves_at).date(), given["leaves"], clock.ZONE)

        def at(name: str) -> datetime:
            moment = datetime.combine(leaves.date(), given[name], clock.ZONE)
            return moment if moment >= leaves else moment + timedelta(days=1)

        return Filing(
            buddy=self.known[given["buddy"]],
            duty_leader=self.known[given["duty_leader"]],
            transport=given["transport"],
            contact=given["contact"],
            route=given["route"],
            leaves_at=leaves,
            arrives_at=at("arrives"),
            back_at=at("back"),
            risks=given["risks"],
            risk_note=given["risk_note"],
        )


class ChangeForm(forms.Form):
    """改时间."""

    back = _time(gettext_lazy("新的返回时间"))
    because = _because(gettext_lazy("原因"))

    def __init__(self, *args: Any, back_at: datetime, **kwargs: Any) -> None:
        later = clock.local(max(back_at, clock.now()) + timedelta(minutes=30))
        super().__init__(*args, **({"initial": {"back": later.time()}} | kwargs))
        self.day = clock.local(back_at).date()

    def back_at(self) -> datetime:
        """On the day it was expected; after midnight counts as the next day."""
        at = datetime.combine(self.day, self.cleaned_data["back"], clock.ZONE)
        return at if at > clock.now() else at + timedelta(days=1)


class CancelForm(forms.Form):
    """取消这次外出."""

    why = forms.ChoiceField(label=gettext_lazy("为什么"), choices=Why.choices, widget=forms.RadioSelect)
    because = _because(gettext_lazy("告诉老师的话"))


class CallOffForm(CancelForm):
    """因天气或安全取消一天或一个村的外出."""

    day = forms.ChoiceField(label=gettext_lazy("哪一天"))
    place = forms.ModelChoiceField(
        Place.objects.none(), label=gettext_lazy("哪个村组/社区"), required=False, empty_label=gettext_lazy("全部")
    )
    field_order = ("day", "place", "why", "because")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days: Any = self.fields["day"]
        days.choices = [
            (one.isoformat(), _("%(m)d月%(d)d日") % {"m": one.month, "d": one.day}) for one in queries.days_to_come()
        ]
        places: Any = self.fields["place"]
        places.queryset = Place.objects.all()


class ContactForm(forms.Form):
    """校方应急联系人."""

    name = forms.CharField(label=gettext_lazy("姓名"), max_length=60)
    phone = _phone()
    note = forms.CharField(
        label=gettext_lazy("另外的提醒"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("如最近的卫生院、派出所的电话。会印在应急卡上。"),
    )

    def __init__(self, *args: Any, known: SafetyContact | None, **kwargs: Any) -> None:
        initial = {"name": known.name, "phone": known.phone, "note": known.note} if known else {}
        super().__init__(*args, **({"initial": initial} | kwargs))
