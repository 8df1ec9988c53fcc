"""The options of a select, as Django's templates write them, without a template for each: lists of staff are long."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
OptGroups = Iterable[tuple[str | None, list[dict[str, Any]], int]]


def _option(option: dict[str, Any]) -> str:
    named = (
        f" {name}" if value is True else f' {name}="{conditional_escape(str(value))}"'
        for name, value in option["attrs"].items()
        if value is not False
    )
    value, label = conditional_escape(str(option["value"])), conditional_escape(option["label"])
    return f'\n  <option value="{value}"{"".join(named)}>{label}</option>'


@register.simple_tag
def options(optgroups: OptGroups) -> SafeString:
    """Every value and label escaped, each group in its own `optgroup`."""
    parts = []
    for name, choices, _index in optgroups:
        inside = "".join(map(_option, choices))
        head = f'\n  <optgroup label="{conditional_escape(name)}">' if name else ""
        parts.append(f"{head}{inside}\n  </optgroup>" if name else inside)
    return mark_safe("".join(parts))  # noqa: S308  (each part is escaped above)
