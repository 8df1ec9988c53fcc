"""What the form field piece needs to know about a bound field."""

from typing import Any

from django.forms import (
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    FileInput,
    RadioSelect,
    Select,
    Textarea,
)

GROUPS = (RadioSelect, CheckboxSelectMultiple)


def layout(bound: BoundField) -> str:
    """Which of the field piece's five shapes fits the widget."""
    widget = bound.field.widget
    if isinstance(widget, GROUPS):
        return "group"
    if isinstance(widget, CheckboxInput):
        return "check"
    if isinstance(widget, FileInput):
        return "file"
    # A date and time in two boxes needs one legend and two labels of its own.
    return "parts" if hasattr(widget, "widgets") else "line"


def _css(bound: BoundField, shape: str) -> str:
    own = str(bound.field.widget.attrs.get("class", ""))
    if shape in ("check", "group"):
        return own
    base = "form-select" if isinstance(bound.field.widget, Select) else "form-control"
    return f"{base} {own}".strip()


def describe(bound: BoundField, *, label: str = "", help_text: str = "", kind: str = "") -> dict[str, Any]:
    """`kind` is a look: "" (usual), "buttons" (choices side by side) or "pictures" (large, for families)."""
    shape = layout(bound)
    text = help_text or bound.help_text
    described = [f"{bound.auto_id}_help"] if text else []
    described += [f"{bound.auto_id}_error"] if bound.errors else []
    attrs: dict[str, Any] = {"class": _css(bound, shape)}
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if bound.errors:
        attrs["aria-invalid"] = "true"
    if isinstance(bound.field.widget, Textarea):
        attrs["data-autosize"] = ""
    if shape in ("group", "parts"):
        # The fieldset carries the description; repeating it at each choice is noise.
        attrs.pop("aria-describedby", None)
    return {
        "bound": bound,
        "shape": shape,
        "kind": kind,
        "label": label or bound.label,
        "help": text,
        "described": " ".join(described),
        "widget": bound.as_widget(attrs=attrs),
        "required": bound.field.required,
    }
