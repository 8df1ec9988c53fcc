"""What there is of care about a child, asked once for all panels of its page: most children have nothing."""

from dataclasses import dataclass

from django.db.models import Exists

from koumen.care.models import Case, DropoutEntry, Finding, Measure
from koumen.care.queries.ledger import SEALED_CODES
from koumen.registry.models import Student

KEPT = "_what_there_is"


@dataclass(frozen=True)
class Present:
    """Whether a panel need look at all; who may read what is found is asked there."""

    case: bool
    help: bool
    dropout: bool
    sealed: bool


def present(child: Student) -> Present:
    """One statement for a page, kept with its child."""
    if KEPT not in vars(child):
        rows = Student.objects.filter(pk=child.pk).values_list(
            Exists(Case.objects.live().ordinary().filter(student=child)),
            Exists(Measure.objects.open().filter(student=child)),
            Exists(DropoutEntry.objects.live().filter(student=child)),
            Exists(Finding.objects.filter(student=child, category__in=SEALED_CODES)),
        )
        vars(child)[KEPT] = Present(*rows.get())
    found: Present = vars(child)[KEPT]
    return found
