"""A campaign's own questions."""

from typing import Any

from tests.cast import Cast
from tests.visits.stories import recorded
from tests.visits.workbooks import workbook

from koumen.core import clock
from koumen.registry.models import Account
from koumen.registry.queries.actors import actor_for
from koumen.visits.models import Campaign, QuestionForm, VisitRecord
from koumen.visits.services.campaigns import start_campaign
from koumen.visits.services.questions import publish_questions, upload_questions

MANAGED = {"office": 200, "principal": 200, "middle": 200}
CLOSED = {"sysadmin": 404, "stranger": 404, "nobody": 302}
TEACHERS = {"teacher1": 403, "teacher2": 403, "subject1": 403}
MANAGERS = {**MANAGED, **TEACHERS, **CLOSED}
SAVED = {who: 302 if status == 200 else status for who, status in MANAGERS.items()}
# an id of which nobody can say whether it exists: whoever may not manage sees 403, other schools 404
BY_ID = {**MANAGERS, "sysadmin": 403}
PUBLISHED = {who: 302 if status == 200 else status for who, status in BY_ID.items()}


def _campaign() -> Campaign:
    office = actor_for(Account.objects.get(username="office"), "hill")
    assert office is not None
    day = clock.today()
    return start_campaign(office.org, by=office, name="家访", theme="", starts=day, ends=day)


def campaign(cast: Cast) -> dict[str, Any]:
    return {"pk": _campaign().pk}


def form(cast: Cast) -> dict[str, Any]:
    return {"pk": _form().pk}


def _form() -> QuestionForm:
    office = actor_for(Account.objects.get(username="office"), "hill")
    assert office is not None
    return upload_questions(_campaign(), by=office, content=workbook(), name="题.xlsx")


def answered(cast: Cast) -> dict[str, Any]:
    """One answer, of teacher1's class."""
    found = _form()
    by, office = (actor_for(Account.objects.get(username=name), "hill") for name in ("teacher1", "office"))
    assert by is not None
    assert office is not None
    publish_questions(found, by=office)
    record = recorded(cast, by, "阿虎", at=clock.now().replace(hour=0, minute=1))
    VisitRecord.objects.filter(pk=record.pk).update(question_form=found, answers={"has_desk": "yes"})
    return {"pk": found.campaign_id}


def example(cast: Cast) -> dict[str, Any]:
    return {"pk": _campaign().pk, "name": "template"}


TABLE: dict[str, tuple[Any, ...]] = {
    "visits:questions": (campaign, MANAGERS | {"teacher1": 200, "teacher2": 200, "subject1": 200}),
    # 422: no file was chosen
    "visits:questions POST": (campaign, {who: 422 if status == 200 else status for who, status in MANAGERS.items()}),
    "visits:questions_end POST": (campaign, SAVED),
    "visits:questions_publish POST": (form, PUBLISHED),
    "visits:question_file": (form, BY_ID),
    "visits:question_example": (example, MANAGERS),
    # 422: the class has no answers yet
    "visits:question_answers POST": (answered, MANAGERS | {"teacher1": 200, "teacher2": 422}),
}
