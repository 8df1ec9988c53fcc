"""Forms of those who work on opinions."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from koumen.care.forms.box import TextField
from koumen.care.models import Opinion
from koumen.care.models.opinions import LONGEST
from koumen.care.presets.promises import PROMISES
from koumen.care.presets.topics import Topic
from koumen.core import clock
from koumen.registry.models import Staff

ENTERED = (
    Opinion.Channel.MEETING,
    Opinion.Channel.HEARING,
    Opinion.Channel.PHONE,
    Opinion.Channel.PAPER,
    Opinion.Channel.VISIT,
)


def _day() -> forms.DateInput:
    return forms.DateInput({"type": "date"}, "%Y-%m-%d")


class StaffField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A colleague; which ones is said by the view, inside the scope."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Staff.objects.none(), **kwargs)


class EntryForm(forms.Form):
    """An opinion somebody was told at a meeting, a hearing, by phone or on paper."""

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    channel = forms.ChoiceField(
        label=_("怎么收到的"), choices=[(c.value, c.label) for c in ENTERED], widget=forms.RadioSelect, initial="phone"
    )
    text = TextField(label=_("家长的话"))
    topic = forms.ChoiceField(label=_("类别"), choices=Topic.choices, initial=Topic.OTHER)
    about = StaffField(label=_("说的是哪位同事"), required=False, empty_label=_("没有说到谁"))
    identity = forms.ChoiceField(
        label=_("家长要留名吗"),
        choices=[(key, short) for key, (short, _long) in PROMISES.items()],
        widget=forms.RadioSelect,
        initial=Opinion.Identity.NAMED,
    )
    sender_name = forms.CharField(label=_("家长称呼"), max_length=30, required=False)
    sender_phone = forms.CharField(label=_("联系电话"), max_length=20, required=False)

    def __init__(self, *args: Any, staff: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        about = self.fields["about"]
        assert isinstance(about, StaffField)
        about.queryset = staff


class AcceptForm(forms.Form):
    topic = forms.ChoiceField(label=_("类别"), choices=Topic.choices)


class ForwardForm(forms.Form):
    to = StaffField(label=_("交给谁办"), empty_label=_("请选择"))
    words = forms.CharField(
        label=_("交代一句"),
        max_length=300,
        required=False,
        help_text=_("只有同事看得到。"),
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(self, *args: Any, staff: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        to = self.fields["to"]
        assert isinstance(to, StaffField)
        to.queryset = staff


class ConcernForm(ForwardForm):
    """Whom else it is about."""

    def __init__(self, *args: Any, staff: Any, **kwargs: Any) -> None:
        super().__init__(*args, staff=staff, **kwargs)
        del self.fields["words"]
        self.fields["to"].label = _("还说到谁")


class OpinionField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Another opinion, by number, topic and its first words."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Opinion.objects.none(), **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.code} {obj.get_topic_display()} {obj.text[:20]}"


class MergeForm(forms.Form):
    into = OpinionField(label=_("和哪一条一起办"), empty_label=_("请选择"))

    def __init__(self, *args: Any, rows: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        into = self.fields["into"]
        assert isinstance(into, OpinionField)
        into.queryset = rows


class ReasonForm(forms.Form):
    because = forms.CharField(label=_("原因"), max_length=200, widget=forms.Textarea({"rows": 3}))


class AnswerForm(forms.Form):
    text = forms.CharField(
        label=_("答复"),
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 6}),
        help_text=_("写清楚怎么办的、结果怎样。家长看得到，也能听。"),
    )
    gist = forms.CharField(
        label=_("主要内容"), max_length=100, help_text=_("一句话说是什么事，不写姓名，用在统计表里。例如：食堂菜凉了。")
    )


class WrittenForm(forms.Form):
    text = TextField(label=_("录音里说的话"), help_text=_("写好以后，录音就删除了。"))


class PublishForm(forms.Form):
    said = forms.CharField(label=_("您说"), max_length=300, widget=forms.Textarea({"rows": 3}))
    done = forms.CharField(label=_("我们做"), max_length=300, widget=forms.Textarea({"rows": 3}))


class PeriodForm(forms.Form):
    """Two days; this month by default."""

    first = forms.DateField(label=_("从"), widget=_day())
    last = forms.DateField(label=_("到"), widget=_day())

    def __init__(self, data: Any = None) -> None:
        today = clock.today()
        usual = {"first": today.replace(day=1), "last": today}
        given = {key: data.get(key) or usual[key] for key in usual} if data is not None else usual
        super().__init__(given)


class LimitForm(forms.Form):
    topic = forms.ChoiceField(choices=Topic.choices, widget=forms.HiddenInput)
    days = forms.IntegerField(label=_("答复期限（上学日）"), min_value=1, max_value=60)
    extra_days = forms.IntegerField(label=_("可再延（上学日）"), min_value=1, max_value=60)
