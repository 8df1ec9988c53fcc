"""The pieces every page is made of. Each has an example in docs/look.md."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BoundField
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from koumen.core.templatetags import assets
from koumen.core.templatetags.fields import describe

register = template.Library()

STATES = ("plain", "accent", "ok", "warn", "bad", "info")


def _piece(name: str, **values: Any) -> SafeString:
    return render_to_string(f"core/pieces/{name}.html", values)


def _bare(content: str) -> SafeString:
    """A block's rendered content without the white space around it; `strip` alone would lose that it is safe."""
    return mark_safe(content.strip())  # noqa: S308  (rendered by the template engine)


def _state(state: str) -> str:
    if state not in STATES:
        raise template.TemplateSyntaxError(f"{state!r} is not one of {', '.join(STATES)}")
    return state


@register.simple_tag
def asset(name: str) -> SafeString:
    return assets.tags(name)


@register.simple_tag
def asset_url(source: str) -> str:
    return assets.file_url(source)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite; without a label it is decoration and hidden from readers."""
    href = f"{assets.file_url('sprite.svg')}#{name}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, href)
    return format_html('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}"/></svg>', href)


@register.simple_block_tag
def page_head(content: str, title: str, lead: str = "", back: str = "", back_label: str = "") -> SafeString:
    return _piece("page_head", title=title, lead=lead, back=back, back_label=back_label, actions=_bare(content))


@register.simple_block_tag
def card(content: str, title: str = "", lead: str = "", url: str = "", link: str = "", id: str = "") -> SafeString:
    return _piece("card", title=title, lead=lead, url=url, link=link, id=id, body=content)


@register.simple_block_tag
def table(content: str, caption: str, headers: str | Sequence[str], stack: bool = False, empty: str = "") -> SafeString:
    """Headers: "姓名|班级|>次数|-操作"; ">" is a number column, "-" a heading only readers hear."""
    names = headers.split("|") if isinstance(headers, str) else headers
    columns = [
        {"label": name.lstrip(">-"), "number": name.startswith(">"), "hidden": name.startswith("-")} for name in names
    ]
    return _piece("table", caption=caption, columns=columns, stack=stack, empty=empty, rows=_bare(content))


@register.inclusion_tag("core/pieces/pager.html", takes_context=True)
def pager(context: template.Context, page: "Page[Any]", param: str = "page", target: str = "") -> dict[str, Any]:
    query = context["request"].GET.copy()

    def address(number: int) -> str:
        query[param] = str(number)
        return f"?{query.urlencode()}"

    return {
        "page": page,
        "target": target,
        "previous": address(page.number - 1) if page.has_previous() else "",
        "following": address(page.number + 1) if page.has_next() else "",
    }


@register.simple_tag
def field(bound: BoundField, label: str = "", help: str = "", kind: str = "") -> SafeString:
    return _piece("field", **describe(bound, label=label, help_text=help, kind=kind))


@register.inclusion_tag("core/pieces/form_actions.html")
def form_actions(
    submit: str, cancel: str = "", danger: bool = False, name: str = "", value: str = "", note: str = ""
) -> dict[str, Any]:
    return {"submit": submit, "cancel": cancel, "danger": danger, "name": name, "value": value, "note": note}


@register.simple_block_tag
def empty_state(content: str, title: str, text: str = "", icon: str = "inbox") -> SafeString:
    return _piece("empty_state", title=title, text=text, icon=icon, actions=_bare(content))


@register.inclusion_tag("core/pieces/stat.html")
def stat(
    label: str, number: object, of: object = "", url: str = "", hint: str = "", state: str = "plain", unit: str = ""
) -> dict[str, Any]:
    return {
        "label": label, "number": number, "of": of, "url": url, "hint": hint, "state": _state(state), "unit": unit,
    }  # fmt: skip


@register.inclusion_tag("core/pieces/progress.html")
def progress(label: str, done: float, total: float, unit: str = "", missing: str = "", url: str = "") -> dict[str, Any]:
    met = done >= total
    return {
        "label": label, "done": done, "total": total, "shown": min(done, total), "most": total or 1,
        "unit": unit, "missing": missing, "url": url, "met": met,
    }  # fmt: skip


@register.inclusion_tag("core/pieces/badge.html")
def badge(text: str, state: str = "plain", icon: str = "") -> dict[str, Any]:
    return {"text": text, "state": _state(state), "icon": icon}


@register.inclusion_tag("core/pieces/tabs.html")
def tabs(items: Iterable[Any], label: str, target: str = "") -> dict[str, Any]:
    """Items have .label and .url, and may have .active and .count."""
    return {"items": items, "label": label, "target": target}


@register.inclusion_tag("core/pieces/steps.html")
def steps(items: str | Sequence[Any], current: int, label: str = "") -> dict[str, Any]:
    """Steps before `current` (counted from 1) are done; items are words, or have .label and .url."""
    rows = items.split("|") if isinstance(items, str) else items
    return {"items": rows, "current": current, "label": label}


@register.simple_block_tag
def filters(content: str, target: str = "", submit: str = "", label: str = "") -> SafeString:
    return _piece("filters", target=target, submit=submit, label=label, body=content)


@register.simple_block_tag
def dialog(content: str, id: str, title: str) -> SafeString:
    return _piece("dialog", id=id, title=title, body=content)


@register.simple_block_tag
def notice(content: str, state: str = "info", title: str = "", live: bool = False) -> SafeString:
    return _piece("notice", state=_state(state), title=title, live=live, body=content)
