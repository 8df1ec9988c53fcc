"""Selects are written without a template for each option, and read like Django's own."""

import re
from typing import Any

import pytest
from django.forms import Select, SelectMultiple
from django.forms.renderers import DjangoTemplates, TemplatesSetting
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

PLAIN = [("", "请选择"), (1, "陈老师"), ("<b>", 'a & "b" <script>'), (2, gettext_lazy("数学")), (3, mark_safe("&amp;"))]
GROUPED = [("三年级", [(1, "1班"), (2, "2班")]), ("“<四>”", [(3, "1班")]), (9, "其他")]


def written(widget: Select, value: Any, renderer: Any) -> str:
    """Without the white space around tags, which is nobody's business."""
    return re.sub(r"\s*\n\s*", "", widget.render("to", value, {"id": "to", "required": True}, renderer=renderer))


@pytest.mark.parametrize("choices", [PLAIN, GROUPED])
@pytest.mark.parametrize(("kind", "value"), [(Select, 1), (Select, None), (SelectMultiple, ["1", "<b>"])])
def test_a_select_reads_like_djangos_own(kind: type[Select], value: Any, choices: Any) -> None:
    widget = kind(choices=choices)
    assert written(widget, value, TemplatesSetting()) == written(widget, value, DjangoTemplates())
    assert "<option" in written(widget, value, TemplatesSetting())


def test_what_is_chosen_or_closed_stands_at_its_option() -> None:
    class Closed(Select):
        def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
            return super().create_option(*args, **kwargs) | {"attrs": {"disabled": True, "data-of": 'a"b', "x": False}}

    widget = Closed(choices=[(1, "一")])
    assert '<option value="1" disabled data-of="a&quot;b">一</option>' in written(widget, 1, TemplatesSetting())
    assert written(widget, 1, TemplatesSetting()) == written(widget, 1, DjangoTemplates())
