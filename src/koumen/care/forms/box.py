"""What a family fills in at the public door or behind its own link."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koumen.care.models import Opinion
from koumen.care.models.opinions import LONGEST
from koumen.care.presets.promises import PROMISES
from koumen.care.presets.topics import Topic
from koumen.care.services.opinions import VOICE_LIMIT
from koumen.core import files
from koumen.core.refusals import Invalid
from koumen.core.voices import voice_type


class TextField(forms.CharField):
    """Many words: too many are told by number, and nothing typed is cut off."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea({"rows": 5}), **kwargs)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and len(value) > LONGEST:
            told = {"most": LONGEST, "now": len(value)}
            raise forms.ValidationError(_("最多写 %(most)d 字，现在有 %(now)d 字。请删短一些，写好的都还在。") % told)


class VoiceField(forms.FileField):
    """A voice note of at most a minute; the value is its bytes, empty when there is none."""

    def clean(self, data: Any, initial: Any = None) -> bytes:
        upload = super().clean(data, initial)
        if not upload:
            return b""
        if upload.size > VOICE_LIMIT:
            told = {"mb": VOICE_LIMIT // files.MEGABYTE}
            raise forms.ValidationError(_("语音最多 60 秒、%(mb)d MB，请重新录短一些。写好的字都还在。") % told)
        content: bytes = upload.read()
        try:
            voice_type(content)
        except Invalid as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return content


class BoxForm(forms.Form):
    """意见箱: words or a voice; nothing else has to be filled in."""

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    text = TextField(label=gettext_lazy("您想说什么？"), required=False)
    voice = VoiceField(
        label=gettext_lazy("不想打字，可以录音"),
        required=False,
        widget=forms.FileInput({"accept": "audio/*", "capture": "user"}),
    )
    topic = forms.ChoiceField(label=gettext_lazy("是哪方面的事？"), choices=Topic.choices, initial=Topic.OTHER)
    about_words = forms.CharField(
        label=gettext_lazy("说的是哪位老师？"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("写了，这条意见就不会先交给这位老师。"),
    )
    identity = forms.ChoiceField(
        label=gettext_lazy("要留名吗？"),
        choices=[(key, short) for key, (short, _long) in PROMISES.items()],
        initial=Opinion.Identity.ANONYMOUS,
        widget=forms.RadioSelect,
    )
    sender_name = forms.CharField(
        label=gettext_lazy("怎么称呼您？"),
        max_length=30,
        required=False,
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    sender_phone = forms.CharField(
        label=gettext_lazy("手机号"),
        max_length=20,
        required=False,
        help_text=gettext_lazy("有了答复，发短信告诉您。"),
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "tel"}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("text", "").strip() and not data.get("voice") and not self.errors:
            self.add_error("text", _("请写几句，或者录一段语音。"))
        named = data.get("identity") in (Opinion.Identity.NAMED, Opinion.Identity.HIDDEN)
        if named and "sender_name" in self.fields and not data.get("sender_name", "").strip():
            self.add_error("sender_name", _("留名的话，请写怎么称呼您；不想留名，请选“不留名”。"))
        return data


class OwnForm(BoxForm):
    """The same behind an own link: who it is, is known."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("sender_name", "sender_phone"):
            del self.fields[name]
        self.fields["identity"].initial = Opinion.Identity.NAMED


class CodeForm(forms.Form):
    """查询码: twelve digits, with or without spaces."""

    code = forms.CharField(
        label=gettext_lazy("查询码"),
        max_length=30,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        help_text=gettext_lazy("提交以后给您的 12 位数字。"),
    )
