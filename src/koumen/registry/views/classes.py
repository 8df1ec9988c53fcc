"""The school's classes and the children of one class."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from koumen.core import panels
from koumen.core.gate import fetch
from koumen.core.refusals import Forbidden
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.registry import policies
from koumen.registry.forms.people import SearchForm
from koumen.registry.models import SchoolClass
from koumen.registry.queries import people

CLASS_SIZE = 80  # a class is one page; larger ones are paged


@require_GET
def overview(request: Request) -> HttpResponse:
    """Classes in sight by grade with their numbers; children found by name."""
    if not policies.may_see_classes(request.actor, request.actor.org):
        raise Forbidden
    form = SearchForm(request.GET or None)
    words = form.cleaned_data["q"].strip() if form.is_valid() else ""
    found = paged(request, people.children_named(request.actor, words)) if words else None
    classes = [] if words else list(people.classes_in_sight(request.actor))
    context = {
        "form": form,
        "words": words,
        "found": found,
        "classes": classes,
        "on_roll": sum(c.on_roll for c in classes),
        "newcomers": sum(c.newcomers for c in classes),
    }
    return show(request, "registry/classes", context)


@require_GET
def school_class(request: Request, pk: int) -> HttpResponse:
    """The children of one class, as much as the asker may see."""
    rows = SchoolClass.objects.select_related("grade").prefetch_related(people.class_teachers())
    row = fetch(request.actor, rows, pk, to=policies.may_see_class)
    sight = policies.sight_of(request.actor, row)
    page = paged(request, people.with_family(people.children_of(row), sight), size=CLASS_SIZE)
    context = {
        "class": row,
        "page": page,
        "children": people.lines(page, sight, panels.marks_of("children", request.actor, [c.pk for c in page])),
        "full": sight == policies.Sight.FULL,
        "shared": sight >= policies.Sight.SHARED,
    }
    return show(request, "registry/class", context)
