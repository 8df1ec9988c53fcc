"""One believable record: who was met, what was said, what was agreed."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from koumen.care.presets.measures import Kind
from koumen.cli.county import words
from koumen.registry.models import Staff, Student
from koumen.visits.models import Mode
from koumen.visits.presets.record import Fallback, Material
from koumen.visits.presets.topics import Purpose, Topic
from koumen.visits.services.entries import Entry

MINUTES = {Mode.DOOR: (22, 45), Mode.PHONE: (6, 15), Mode.VIDEO: (10, 25), Mode.AT_SCHOOL: (15, 40)}
_TOPICS = {"study": 9, "conduct": 6, "home": 6, "safety": 5, "mood": 4, "screens": 4, "parenting": 4, "health": 2,
           "praise": 3, "policy": 2, "future": 1}  # fmt: skip
_HELP = {"A": (Kind.PARENTING, Kind.COUNSEL), "B": (Kind.HARDSHIP,), "D": (Kind.STUDY, Kind.PARENTING),
         "E": (Kind.STUDY,)}  # fmt: skip
assert set(_TOPICS) <= set(Topic.values)
assert set(words.CONTENT) == set(Topic.values)


def entry(
    rng: Random, children: tuple[Student, ...], *, mode: str, starts: datetime, relations: tuple[str, ...],
    categories: frozenset[str], companions: tuple[Staff, ...] = (),
) -> Entry:  # fmt: skip
    """What a visitor would type. `categories` are those of the children that may be written down."""
    low, high = MINUTES.get(Mode(mode), (10, 30))
    topics = _some(rng, _TOPICS, rng.randint(1, 4))
    said: dict[str, Any] = _needs(rng, categories, starts) | _extras(rng)
    return Entry(
        met_relation=rng.choice(relations or ("52",)),
        mode=mode,
        topics=topics,
        starts_at=starts,
        ends_at=starts + timedelta(minutes=rng.randint(low, high) + 8 * (len(children) - 1)),
        students=children,
        companions=companions,
        content="".join(rng.choice(words.CONTENT[topic]) for topic in topics) if rng.random() < 0.85 else "",
        fallback_reason="" if mode == Mode.DOOR else rng.choices(Fallback.values, (35, 30, 12, 3, 18, 2))[0],
        satisfaction=rng.choices((5, 4, 3, 2), (62, 30, 7, 1))[0] if rng.random() < 0.7 else None,
        **said,
    )


def _some(rng: Random, weights: dict[str, int], count: int) -> tuple[str, ...]:
    found = rng.choices(list(weights), list(weights.values()), k=count)
    return tuple(dict.fromkeys(found))


def _needs(rng: Random, categories: frozenset[str], starts: datetime) -> dict[str, Any]:
    """Difficulties seen, help agreed and what comes next; families without any give none."""
    known = sorted(code for code in categories if code in words.PROBLEMS)
    if not known or rng.random() < 0.35:
        return {"purposes": tuple(rng.sample(("know", "tell", "listen", "agree"), rng.randint(1, 3)))}
    code = rng.choice(known)
    measures = tuple(str(one) for one in _HELP[code[0]] if rng.random() < 0.75)
    again = rng.random() < 0.5
    return {
        "purposes": (str(Purpose.KNOW), str(Purpose.CARE)),
        "problem_categories": (code,),
        "problem": words.PROBLEMS[code],
        "measures": measures,
        "next_step": rng.choice(words.NEXT) if measures else "",
        "follow_up_on": (starts + timedelta(days=rng.randint(10, 30))).date() if again else None,
    }


def _extras(rng: Random) -> dict[str, Any]:
    return {
        "family_words": rng.choice(words.FAMILY) if rng.random() < 0.7 else "",
        "opinion": rng.choice(words.OPINIONS) if rng.random() < 0.35 else "",
        "materials": tuple(rng.sample((str(Material.LETTER), str(Material.SAFETY), str(Material.CARD)), 2))
        if rng.random() < 0.5
        else (),
        "reflection": rng.choice(words.REFLECTION) if rng.random() < 0.2 else "",
    }
