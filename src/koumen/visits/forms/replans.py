"""What has happened since the plan was made, told by the office."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koumen.core.words import listed
from koumen.registry.models import Place, Staff
from koumen.registry.models import SchoolClass as Room
from koumen.visits.models import Plan, Slot
from koumen.visits.planning.replans import Away, Happening, Lost, Other
from koumen.visits.queries import replans as queries

MOST_SLOTS = 400
NOT, ONLY = "not", "only"  # what ticked slots mean


def _day() -> forms.DateInput:
    return forms.DateInput({"type": "date"}, "%Y-%m-%d")


def _choice(label: Any, *, required: bool = True) -> forms.ChoiceField:
    errors = {"required": gettext_lazy("请选择一项。"), "invalid_choice": gettext_lazy("没有这一项，请重新选择。")}
    return forms.ChoiceField(label=label, required=required, error_messages=errors)


class HappeningForm(forms.Form):
    """`happening()` is what the planner is told; it asks for a valid form."""

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan
        self.coming = queries.coming(plan)
        self.offer()

    def offer(self) -> None:
        """Fill in the choices."""

    def choose(self, name: str, choices: queries.Choices, empty: str = "---------") -> None:
        field: Any = self.fields[name]
        field.choices = [("", empty), *choices]

    def between(self, first: Any, last: Any) -> tuple[Slot, ...]:
        return tuple(slot for slot in self.coming if first <= slot.date <= last)

    def happening(self) -> Happening:
        raise NotImplementedError


class AwayForm(HappeningForm):
    """老师请假."""

    staff = _choice(gettext_lazy("哪位老师"))
    first = forms.DateField(label=gettext_lazy("从哪天"), widget=_day())
    last = forms.DateField(label=gettext_lazy("到哪天"), widget=_day())

    def offer(self) -> None:
        self.choose("staff", queries.staff_going(self.plan))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            self.add_error("last", _("结束日期不能早于开始日期。"))
        elif first and last and not self.between(first, last):
            self.add_error("last", _("这几天没有家访时段，不需要调整。"))
        return cleaned

    def happening(self) -> Happening:
        given = self.cleaned_data
        return Away(Staff.objects.get(pk=given["staff"]), self.between(given["first"], given["last"]))


class LostForm(HappeningForm):
    """停课或天气."""

    day = _choice(gettext_lazy("取消哪一天"))
    place = _choice(gettext_lazy("只影响哪个村组/社区"), required=False)
    school_class = _choice(gettext_lazy("只影响哪个班"), required=False)

    def offer(self) -> None:
        days = [(one.isoformat(), _("%(m)d月%(d)d日") % {"m": one.month, "d": one.day}) for one in self.days()]
        self.choose("day", days)
        self.choose("place", queries.places(), _("全部"))
        self.choose("school_class", queries.classes_of(self.plan), _("全部"))

    def days(self) -> list[Any]:
        return queries.days_to_come(self.plan)

    def happening(self) -> Happening:
        given = self.cleaned_data
        slots = tuple(slot for slot in self.coming if slot.date.isoformat() == given["day"])
        place = Place.objects.filter(pk=given["place"] or 0).first()
        return Lost(slots, place, Room.objects.filter(pk=given["school_class"] or 0).first())


class OtherForm(HappeningForm):
    """家长改时间或搬家."""

    household = _choice(gettext_lazy("哪个家庭"))
    times = forms.ChoiceField(
        label=gettext_lazy("方便的时间"),
        required=False,
        choices=[
            ("", gettext_lazy("不变")),
            (NOT, gettext_lazy("勾选的时段不方便")),
            (ONLY, gettext_lazy("只有勾选的时段方便")),
        ],
    )
    slots = forms.MultipleChoiceField(label=gettext_lazy("时段"), widget=forms.CheckboxSelectMultiple, required=False)
    moves = forms.BooleanField(label=gettext_lazy("搬家了"), required=False)
    address = forms.CharField(label=gettext_lazy("新住址"), max_length=200, required=False)
    place = _choice(gettext_lazy("新的村组/社区"), required=False)
    lng = forms.FloatField(label=gettext_lazy("经度"), required=False, min_value=73, max_value=136)
    lat = forms.FloatField(label=gettext_lazy("纬度"), required=False, min_value=3, max_value=54)

    def offer(self) -> None:
        self.choose("household", queries.homes_to_come(self.plan))
        self.choose("place", queries.places())
        self.rows = {str(slot.pk): slot for slot in self.coming[:MOST_SLOTS] if slot.is_open}
        field: Any = self.fields["slots"]
        field.choices = [(pk, slot.label) for pk, slot in self.rows.items()]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("times") and not cleaned.get("moves"):
            raise forms.ValidationError(_("请说明方便的时间怎么变了，或勾选“搬家了”。"))
        if cleaned.get("times") and not cleaned.get("slots"):
            self.add_error("slots", _("请勾选时段。"))
        if cleaned.get("moves") and not (cleaned.get("address") and cleaned.get("place")):
            self.add_error("address", _("搬家了，请填写新住址，并选择村组/社区。"))
        if (cleaned.get("lng") is None) != (cleaned.get("lat") is None):
            self.add_error("lat", _("经度和纬度要一起填写。"))
        return cleaned

    def happening(self) -> Happening:
        given = self.cleaned_data
        home = queries.home(int(given["household"]))
        assert home is not None
        times = tuple(self.rows[pk] for pk in given["slots"]) if given["times"] else None
        only = given["times"] == ONLY
        if not given["moves"]:
            return Other(home, times, only=only)
        place = Place.objects.get(pk=given["place"])
        lng, lat = (given["lng"], given["lat"]) if given["lng"] is not None else (place.lng, place.lat)
        return Other(home, times, given["address"], place, lng, lat, only=only)


class NewForm(HappeningForm):
    """新增家庭. The service turns the chosen households into the planner's."""

    households = forms.MultipleChoiceField(
        label=gettext_lazy("新来的家庭"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("请至少选择一个家庭。")},
    )

    def offer(self) -> None:
        field: Any = self.fields["households"]
        field.choices = [
            (str(home), listed(f"{child.name}({child.school_class})" for child in children))
            for home, children in queries.joined_since(self.plan).items()
        ]
        field.initial = [value for value, _label in field.choices]

    def chosen(self) -> frozenset[int]:
        return frozenset(map(int, self.cleaned_data["households"]))
