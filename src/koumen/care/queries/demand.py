"""What families said about village schools, by village."""

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from koumen.care.models import PointDemand
from koumen.core.words import listed
from koumen.registry.models import Place

GRADES = range(1, 10)


@dataclass
class Village:
    """One village's answers. `children` and `grades` are those of families that want the school."""

    name: str
    families: int = 0
    wanted: int = 0
    children: int = 0
    grades: Counter[int] = field(default_factory=Counter)

    @property
    def unwanted(self) -> int:
        """Families that do not want it."""
        return self.families - self.wanted

    @property
    def grade_words(self) -> str:
        """Such as 1 年级 3、2 年级 1."""
        said = [_("%(level)d 年级 %(n)d") % {"level": k, "n": self.grades[k]} for k in GRADES if self.grades[k]]
        return listed(said)

    @property
    def by_grade(self) -> list[int]:
        """How many families have a child for each of the nine years."""
        return [self.grades[level] for level in GRADES]


def villages() -> tuple[list[Village], Village]:
    """Every village asked, most wanted first, and their sum (one statement)."""
    found: dict[str, Village] = {}
    total = Village("")
    rows = PointDemand.objects.order_by().values_list("place_name", "wanted", "children", "grades")
    for name, wanted, children, grades in rows:
        for line in (found.setdefault(name, Village(name)), total):
            line.families += 1
            if wanted:
                line.wanted += 1
                line.children += children
                line.grades.update(grades)
    return sorted(found.values(), key=lambda one: (-one.wanted, one.name)), total


def answers(place: str) -> QuerySet[PointDemand]:
    """A village's answers, as they were signed."""
    rows: QuerySet[PointDemand] = PointDemand.objects.filter(place_name=place)
    return rows.select_related("signature", "asked_by").order_by("signed_at", "id")


def place_names() -> list[str]:
    """Villages the school knows, to choose from."""
    return list(Place.objects.order_by("name").values_list("name", flat=True).distinct()[:500])
