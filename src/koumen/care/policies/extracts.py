"""Who may write, read and agree to an extract."""

from koumen.care.models import Case, Extract
from koumen.care.models.extracts import OF_THE_SCHOOL
from koumen.care.policies.cases import may_work_on_case
from koumen.core.actor import Actor
from koumen.registry.models import Guardianship

CONSENT = "extract_consent"  # the purpose of its personal link


def may_see_extracts(actor: Actor) -> bool:
    """The school's people who work with children."""
    return actor.member_id is not None and actor.holds(*OF_THE_SCHOOL)


def may_extract(actor: Actor, case: Case) -> bool:
    """Whoever works on a case may write one; suspected harm is never told."""
    return case.kind == Case.Kind.CARE and (may_work_on_case(actor, case) or _may_after_its_end(actor, case))


def _may_after_its_end(actor: Actor, case: Case) -> bool:
    return case.state == Case.State.CLOSED and actor.holds("moral_office")


def may_write(actor: Actor, extract: Extract) -> bool:
    """Its writer, until it is withdrawn."""
    return extract.made_by_id == actor.member_id and extract.state != Extract.State.WITHDRAWN


def may_second_read(actor: Actor, extract: Extract) -> bool:
    """The second reader is never the writer."""
    return extract.reader_id == actor.member_id and extract.made_by_id != actor.member_id


def may_take_back(actor: Actor, extract: Extract) -> bool:
    """Its writer and the office; the family, through its own link."""
    return may_consent(actor, extract) or extract.made_by_id == actor.member_id or actor.holds("moral_office")


def may_consent(actor: Actor, extract: Extract) -> bool:
    """The adult the link was made for, as long as they may sign for the child."""
    told = actor.visitor
    if told is None or told.purpose != CONSENT or told.object_id != str(extract.pk):
        return False
    return tie_of(extract, told.person_id) is not None


def tie_of(extract: Extract, guardian_id: int | None) -> Guardianship | None:
    """What lets this adult sign for the child today, or None."""
    rows = Guardianship.objects.filter(
        student=extract.case.student_id, guardian=guardian_id or 0, ends=None, is_guardian=True, may_sign=True
    )
    return rows.select_related("guardian").first()
