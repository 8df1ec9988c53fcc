"""A record in words: for its page, for paper, and for two versions side by side."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from koumen.care.presets.measures import Kind
from koumen.core import clock
from koumen.core.words import listed
from koumen.registry.presets import categories
from koumen.registry.presets.codes import RELATIONS
from koumen.visits.models import Mode
from koumen.visits.presets.record import Fallback, Material, Satisfaction
from koumen.visits.presets.topics import Purpose, Topic
from koumen.visits.services.answers import spoken_answers
from koumen.visits.services.entries import Entry


def words(codes: Iterable[Any], names: Mapping[Any, Any]) -> str:
    """Codes as their names, joined; an unknown code is shown as it is."""
    return listed(names.get(code, code) for code in codes)


def moment(at: datetime | None) -> str:
    """2026年9月12日 19:05, as clocks in China show it."""
    if at is None:
        return ""
    here = clock.local(at)
    return f"{formats.date_format(here, 'DATE_FORMAT')} {here:%H:%M}"


def span(start: datetime | None, end: datetime | None) -> str:
    """From–to on one line."""
    return f"{moment(start)}–{clock.local(end):%H:%M}" if start and end else moment(start)


def spoken(entry: Entry) -> dict[str, str]:
    """Each answer of an entry by the name of its field, in words; empty text where nothing was said."""
    return {
        "met_relation": words(entry.met, RELATIONS),
        "mode": words([entry.mode], dict(Mode.choices)),
        "fallback_reason": words([entry.fallback_reason] if entry.fallback_reason else [], dict(Fallback.choices)),
        "time": span(entry.starts_at, entry.ends_at),
        "students": listed(f"{s.name}({s.school_class})" for s in entry.students),
        "companions": listed(s.name for s in entry.companions),
        "purposes": words(entry.purposes, dict(Purpose.choices)),
        "topics": words(entry.topics, dict(Topic.choices)),
        "content": entry.content,
        "family_words": entry.family_words,
        "opinion": entry.opinion,
        "problem_categories": listed(categories.name(c) for c in entry.problem_categories),
        "problem": entry.problem,
        "measures": words(entry.measures, dict(Kind.choices)),
        "next_step": entry.next_step,
        "follow_up_on": formats.date_format(entry.follow_up_on, "DATE_FORMAT") if entry.follow_up_on else "",
        "satisfaction": words([entry.satisfaction] if entry.satisfaction else [], dict(Satisfaction.choices)),
        "materials": words(entry.materials, dict(Material.choices)),
        "reflection": entry.reflection,
    }


def labels() -> dict[str, str]:
    """The heading of each answer, in the order of the paper form."""
    return {
        "students": _("孩子"), "time": _("时间"), "mode": _("家访方式"), "fallback_reason": _("未入户原因"),
        "met_relation": _("见到了谁"), "companions": _("同行老师"), "purposes": _("家访目的"),
        "topics": _("交流内容"), "content": _("交流情况"), "family_words": _("家长的话"),
        "opinion": _("意见建议"), "problem_categories": _("发现的困难"), "problem": _("困难说明"),
        "measures": _("商定的帮扶"), "next_step": _("下一步"), "follow_up_on": _("随访日期"),
        "satisfaction": _("家长满意度"), "materials": _("发放材料"), "reflection": _("访后分析"),
    }  # fmt: skip


def said(entry: Entry) -> list[tuple[str, str]]:
    """(heading, words) of what was answered, in the order of the paper form."""
    text = spoken(entry)
    own = spoken_answers(entry.question_form, entry.answers)
    return [(label, text[name]) for name, label in labels().items() if text[name]] + own


def side_by_side(kept: Entry, other: Entry) -> list[tuple[str, str, str, bool]]:
    """(heading, kept, other, whether they differ) for every answer either of them gives."""
    left, right = spoken(kept), spoken(other)
    rows = [(label, left[name], right[name]) for name, label in labels().items()]
    ours, theirs = (dict(spoken_answers(entry.question_form, entry.answers)) for entry in (kept, other))
    rows += [(label, ours.get(label, ""), theirs.get(label, "")) for label in ours | theirs]
    return [(label, one, two, one != two) for label, one, two in rows if one or two]
