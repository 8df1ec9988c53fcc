"""Who may see which numbers."""

from datetime import date

from koumen.core.actor import Actor

WHOLE = ("moral_office", "principal", "vice_principal", "middle_leader")


def may_see_school(actor: Actor, target: object = None) -> bool:
    """The whole school's table, with the lists behind it."""
    return actor.holds(*WHOLE)


def classes_of(actor: Actor) -> frozenset[int]:
    """The classes whose line, with its lists, this person sees."""
    return actor.units("class", "class_teacher")


def may_see_month(actor: Actor, target: object = None) -> bool:
    """The table, or the lines of own classes."""
    return may_see_school(actor) or bool(classes_of(actor))


def may_see_list(actor: Actor, class_id: int | None) -> bool:
    """The list behind a number: of the school, or of an own class."""
    return may_see_school(actor) or class_id in classes_of(actor)


def may_see_categories(actor: Actor, target: object = None) -> bool:
    """Names behind a category: restricted to the office for moral education, which leads the care team."""
    return actor.holds("moral_office")


def may_deliver(actor: Actor, month: date) -> bool:
    """Handing in the school's figures."""
    return actor.holds("moral_office", "principal", "vice_principal")


def is_machine(actor: Actor, month: date) -> bool:
    """Nightly work that nobody started by hand."""
    return actor.account_id is None and actor.member_id is None


def may_see_schools(actor: Actor, target: object = None) -> bool:
    """The figures of all schools of a bureau."""
    return actor.holds("bureau_officer")
