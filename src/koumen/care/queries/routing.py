"""Whom an opinion is about, and which level it goes to: never first to the person concerned."""

from dataclasses import dataclass, field

from koumen.care.models import Opinion
from koumen.care.models.opinions import OFFICE
from koumen.care.presets.promises import CLASS_TEACHER_WORDS, POINTING
from koumen.care.presets.topics import TITLES, goes_above
from koumen.core import clock
from koumen.registry.models import Household, Role, SchoolClass, Staff

SHORTEST_NAME = 2


@dataclass(frozen=True)
class Route:
    """Where an opinion goes. `up`: the bureau gets it too; `concerned`: ids of the staff it is about."""

    level: Opinion.Level
    up: bool = False
    concerned: frozenset[int] = field(default_factory=frozenset)


def recognised(text: str, words: str = "", household: Household | None = None) -> set[int]:
    """Ids of the staff a text is about: by whole names, by surname or given name with a title, and in `words`, the
    answer to "who is it about", by post. A surname shared by several means all of them: rather too many are kept out.
    """
    said = f"{text}\n{words}"
    staff = dict(Staff.objects.filter(is_active=True).values_list("pk", "name"))
    found = {pk for pk, name in staff.items() if len(name) >= SHORTEST_NAME and name in said}
    called = {call for name in staff.values() for call in _calls(name) if any(call + title in said for title in TITLES)}
    if called:
        found |= _so_called(called, staff, _teachers_of(household) if household else set())
    for word, posts in POINTING.items():
        if word in words:
            found |= _holders(*posts)
    if household and any(word in words for word in CLASS_TEACHER_WORDS):
        found |= _teachers_of(household, "class_teacher")
    return found


def route(*, topic: str, text: str, concerned: set[int], has_bureau: bool) -> Route:
    """The level that may handle it. Integrity goes above with a copy to the bureau; what is about the office goes to
    the principal; what is about the principal to the bureau. Without a bureau, about the principal: to the office.
    """
    about_principal = bool(concerned & _holders("principal"))
    about_office = bool(concerned & _holders(*OFFICE))
    is_integrity = goes_above(topic, text)
    if about_principal and not has_bureau:
        return Route(Opinion.Level.SCHOOL, concerned=frozenset(concerned))
    above = is_integrity or about_principal or about_office
    level = Opinion.Level.ABOVE if above else Opinion.Level.SCHOOL
    return Route(level, has_bureau and (is_integrity or about_principal), frozenset(concerned))


def _calls(name: str) -> set[str]:
    """How families call somebody before a title: surname of one or two characters, or the given name."""
    return {name[0], name[:2], name[1:]} - {""}


def _so_called(called: set[str], staff: dict[int, str], near: set[int]) -> set[int]:
    """Staff called like this: the child's own teachers where one fits, else everybody so called."""
    found: set[int] = set()
    for call in called:
        alike = {pk for pk, name in staff.items() if call in _calls(name)}
        found |= alike & near or alike
    return found


def _teachers_of(household: Household, *posts: str) -> set[int]:
    """Who teaches the household's children."""
    classes = SchoolClass.objects.filter(students__household=household)
    roles = Role.objects.current(clock.today()).filter(school_class__in=classes)
    if posts:
        roles = roles.filter(post__in=posts)
    return set(roles.values_list("staff_id", flat=True))


def _holders(*posts: str) -> set[int]:
    roles = Role.objects.current(clock.today()).filter(post__in=posts, staff__is_active=True)
    return set(roles.values_list("staff_id", flat=True))
