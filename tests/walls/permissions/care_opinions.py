"""Who gets which answer from the pages of opinions, and from the public door."""

from typing import Any
from uuid import uuid4

from tests.cast import Cast

from koumen.care.models import Opinion
from koumen.care.services.opinions import Sending, keep
from koumen.core import clock
from koumen.core.models import StoredFile
from koumen.registry.queries.actors import org_ref

EVERYONE = ("office", "principal", "middle", "teacher1", "teacher2", "subject1", "sysadmin", "stranger", "nobody")
# school's people may look at the list; what is in it is for each
LIST = {
    "office": 200, "principal": 200, "middle": 200, "teacher1": 200, "teacher2": 200, "subject1": 200,
    "sysadmin": 403, "stranger": 404, "nobody": 302,
}  # fmt: skip
LEADS = LIST | {"middle": 403, "teacher1": 403, "teacher2": 403, "subject1": 403}
RECEIVE = LIST | {"middle": 404, "teacher1": 404, "teacher2": 404, "subject1": 404, "sysadmin": 404}
ABOVE = RECEIVE | {"office": 404}
DONE = RECEIVE | {"office": 302, "principal": 302}
OWN_CLASS = LIST | {"middle": 403, "teacher2": 404, "subject1": 403, "sysadmin": 404}


def everybody(status: int) -> dict[str, int]:
    return dict.fromkeys(EVERYONE, status)


def an_opinion(cast: Cast, text: str = "食堂的菜凉了", **more: Any) -> Opinion:
    sending = Sending(
        text=text,
        token=uuid4(),
        channel=Opinion.Channel.BOX,
        identity=Opinion.Identity.NAMED,
        sender_name="家长",
        **more,
    )
    return keep(org_ref(cast.hill), sending)[0]


def one(cast: Cast) -> dict[str, Any]:
    return {"pk": an_opinion(cast).pk}


def integrity(cast: Cast) -> dict[str, Any]:
    return {"pk": an_opinion(cast, "老师收了红包").pk}


def handed(cast: Cast) -> dict[str, Any]:
    row = an_opinion(cast)
    row.handler, row.state = cast.staff("subject1"), Opinion.State.FORWARDED
    row.save()
    return {"pk": row.pk}


def spoken(cast: Cast) -> dict[str, Any]:
    row = an_opinion(cast)
    row.voice = StoredFile.objects.create(
        purpose="opinion", label="v", content_type="audio/webm", size=1, sha256="0" * 64
    )
    row.save()
    return {"pk": row.pk}


def deed(name: str, **fields: Any) -> Any:
    def kwargs(cast: Cast) -> dict[str, Any]:
        row = an_opinion(cast)
        Opinion.objects.filter(pk=row.pk).update(**fields)
        return {"pk": row.pk, "deed": name}

    return kwargs


def to_subject(cast: Cast, kwargs: dict[str, Any]) -> dict[str, Any]:
    return {"to": cast.staff("subject1").pk}


def into(cast: Cast, kwargs: dict[str, Any]) -> dict[str, Any]:
    return {"into": an_opinion(cast).pk}


def answered(name: str) -> Any:
    return deed(name, publishing="agreed", state="settled", answer="已改", answered_at=clock.now(), face=3)


def child(cast: Cast) -> dict[str, Any]:
    return {"pk": cast.student("阿虎").pk}


ANSWER = {"text": "已换保温餐箱", "gist": "食堂菜凉"}
TABLE: dict[str, tuple[Any, ...]] = {
    "care:opinions": ({}, LIST),
    "care:opinions @bureau": ({}, everybody(404) | {"nobody": 302, "officer": 200}),
    "care:opinion_figures @bureau": ({}, everybody(404) | {"nobody": 302, "officer": 200}),
    "care:opinion_new @bureau": ({}, everybody(404) | {"nobody": 302, "officer": 403}),
    "care:opinion_poster @bureau": ({}, everybody(404) | {"nobody": 302, "officer": 403}),
    "care:opinion_new": ({}, LIST),
    "care:opinion_new POST": ({}, LIST, {"token": str(uuid4()), "channel": "phone", "text": "菜凉", "topic": "meals",
                                         "identity": "anonymous"}),
    "care:opinion_figures": ({}, LEADS),
    "care:opinion_export": ({}, LEADS),
    "care:opinion_poster": ({}, LEADS),
    "care:opinion_limits": ({}, LEADS),
    "care:opinion_limits POST": (
        {}, LEADS | {"office": 302, "principal": 302}, {"topic": "meals", "days": 4, "extra_days": 2}
    ),
    "care:opinion_invite": ({}, LEADS | {"teacher1": 200, "teacher2": 200}),
    "care:opinion_invite_child POST": (child, OWN_CLASS),
    "care:opinion": (one, RECEIVE),
    "care:opinion (above)": (integrity, ABOVE),
    "care:opinion (handed over)": (handed, RECEIVE | {"subject1": 200}),
    # its row is there, the file behind it is not: those it is for are told so, as nobody else is
    "care:opinion_voice": (spoken, everybody(404) | {"nobody": 302}),
    "care:opinion_letters POST": (one, RECEIVE),
    "care:opinion_deed (accept) POST": (deed("accept"), DONE, {"topic": "meals"}),
    "care:opinion_deed (forward) POST": (deed("forward"), DONE, to_subject),
    "care:opinion_deed (merge) POST": (deed("merge"), DONE, into),
    "care:opinion_deed (refuse) POST": (deed("refuse"), DONE, {"because": "请找村委会"}),
    "care:opinion_deed (extend) POST": (deed("extend"), DONE, {"because": "等设备"}),
    "care:opinion_deed (answer) POST": (deed("answer"), DONE, ANSWER),
    "care:opinion_deed (write, without a voice) POST": (
        deed("write"), RECEIVE | {"office": 422, "principal": 422}, {"text": "菜凉"}
    ),
    "care:opinion_deed (concern) POST": (deed("concern"), DONE, to_subject),
    "care:opinion_deed (lift) POST": (deed("lift"), DONE, {"because": "要县里定"}),
    "care:opinion_deed (publish) POST": (answered("publish"), DONE, {"said": "菜凉", "done": "换了餐箱"}),
    "care:opinion_deed (unpublish) POST": (answered("unpublish"), DONE),
    "care:opinion_deed (no such deed) POST": (deed("shred"), everybody(404) | {"nobody": 302}),
    # The public door is the same for everybody; it knows nobody.
    "box:write": ({"school": "hill"}, everybody(200)),
    "box:write POST": ({"school": "hill"}, everybody(200), {"token": str(uuid4()), "text": "菜凉", "topic": "meals",
                                                             "identity": "anonymous"}),
    "box:write (empty) POST": ({"school": "hill"}, everybody(422), {"token": str(uuid4())}),
    "box:write (a bureau has none)": ({"school": "bureau"}, everybody(404)),
    "box:follow": ({"school": "hill"}, everybody(200)),
    "box:follow POST": ({"school": "hill"}, everybody(422), {"code": "0000 0000 0000"}),
    "box:done": ({"school": "hill"}, everybody(200)),
}  # fmt: skip
