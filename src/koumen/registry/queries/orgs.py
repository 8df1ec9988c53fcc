"""The tree of orgs: who is above a school, which schools lie below a bureau."""

from django.db.models import Q, QuerySet

from koumen.registry.models import Org


def bureau_above(school_id: int) -> Org | None:
    """The nearest bureau above a school, which receives its figures."""
    org = Org.objects.select_related("parent__parent").get(pk=school_id)
    while org.parent is not None:
        org = org.parent
        if org.is_bureau:
            return org
    return None


def schools_below(bureau_id: int) -> QuerySet[Org]:
    """Its schools and teaching points, also those of its districts and schools, by name."""
    below = Q(parent=bureau_id) | Q(parent__parent=bureau_id, parent__kind__in=(Org.Kind.SCHOOL, Org.Kind.DISTRICT))
    kinds = (Org.Kind.SCHOOL, Org.Kind.TEACHING_POINT)
    return Org.objects.filter(below, kind__in=kinds, is_active=True).order_by("name", "pk")
