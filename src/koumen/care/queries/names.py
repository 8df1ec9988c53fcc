"""Names that may not stand in a text the school shows to others."""

from koumen.care.models import Opinion
from koumen.registry.models import Guardian, Staff, Student

SHORTEST = 2


def names_in(text: str, opinion: Opinion) -> list[str]:
    """Names of the school's people, of its children, and of this family that stand in the text, each once."""
    known = set(Staff.objects.values_list("name", flat=True))
    known |= set(Student.objects.enrolled().values_list("name", flat=True))
    if opinion.household_id:
        ties = Guardian.objects.filter(guardianships__student__household=opinion.household_id)
        known |= set(ties.values_list("name", flat=True))
    known.add(opinion.sender_name)
    return sorted(name for name in known if len(name) >= SHORTEST and name in text)
