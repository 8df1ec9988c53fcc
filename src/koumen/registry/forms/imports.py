"""Forms of the import and of homes on the map."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from koumen.registry.services.roster.workbook import SIZE_LIMIT

MEGABYTES = SIZE_LIMIT // 1_048_576


class UploadForm(forms.Form):
    """A file and what kind it is."""

    kind = forms.ChoiceField(label=_("名单种类"), widget=forms.RadioSelect)
    file = forms.FileField(
        label=_("文件"),
        max_length=200,
        help_text=_("Excel(.xlsx)或 csv，不超过 20 MB。列的顺序不限，也可以直接用学籍系统导出的文件。"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xlsm,.csv,.txt"}),
        error_messages={"required": _("请选择要上传的文件。"), "empty": _("文件是空的，请重新选择。")},
    )
    add_classes = forms.BooleanField(
        label=_("自动新建班级"), required=False, help_text=_("名单里有、系统里还没有的班级会自动建好。首次导入时勾选。")
    )

    def __init__(self, *args: Any, kinds: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["kind"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = kinds
        self.initial.setdefault("kind", kinds[0][0] if kinds else "")


class ConfirmForm(forms.Form):
    """How a checked file is to be applied."""

    partly = forms.BooleanField(required=False)
    leave = forms.BooleanField(label=_("把不在名单的学生视为转出"), required=False)
    leave_many = forms.BooleanField(label=_("确认大量转出(超过在读学生的五分之一)"), required=False)


class PointForm(forms.Form):
    """Where a home is."""

    lng = forms.FloatField(
        label=_("经度"), min_value=73, max_value=136, widget=forms.NumberInput(attrs={"step": "any"})
    )
    lat = forms.FloatField(label=_("纬度"), min_value=3, max_value=54, widget=forms.NumberInput(attrs={"step": "any"}))
    is_remote = forms.BooleanField(label=_("偏远"), required=False, help_text=_("外出时必须两人以上同行"))
    is_risky = forms.BooleanField(label=_("路途需注意"), required=False)
