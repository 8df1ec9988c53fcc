"""A page that asks one thing and does one thing: what was typed stays when it is refused."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect

from koumen.core.refusals import Conflict, Invalid
from koumen.core.requests import Request
from koumen.core.web import show


def ask(
    request: Request,
    form: forms.Form,
    act: Callable[[Any], object],
    *,
    title: str,
    back: str,
    submit: str,
    done: str = "",
    lead: str = "",
    draft: str = "",
    is_danger: bool = False,
) -> HttpResponse:
    """Show `form`; sent and valid, do `act(form)` and go `back` with the word `done`."""
    if request.method == "POST" and form.is_valid():
        try:
            act(form)
        except (Invalid, Conflict) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, done or submit)
            return HttpResponseRedirect(back)
    context = {
        "form": form, "title": title, "back": back, "submit": submit, "lead": lead, "draft": draft,
        "is_danger": is_danger,
    }  # fmt: skip
    return show(request, "care/ask", context, status=422 if form.is_bound and form.errors else 200)
