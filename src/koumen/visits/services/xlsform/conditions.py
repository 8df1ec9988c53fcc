"""A condition of a row: understood, and about questions that were asked before it."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from koumen.core.expressions import BadExpression, Tree, parse, walk

Question = dict[str, Any]


def condition(text: str, earlier: Mapping[str, Question | None], asked: Question | None) -> Tree:
    """The parsed condition. Only earlier questions can be named, so that nothing turns in a circle.

    `asked` is the question a constraint stands at, None for a relevant. Raises BadExpression.
    """
    tree = parse(text)
    for part, where in _parts(tree):
        if part[0] not in ("ref", "here"):
            continue
        if part[0] == "here" and asked is None:
            raise BadExpression(_("relevant 里不能用“.”，请写题目的名字，例如 ${study_place}。"))
        question = earlier.get(part[1]) if part[0] == "ref" else asked
        if question is None:
            raise BadExpression(_("“${%(name)s}”不是前面的题。只能用前面问过的题。") % {"name": part[1]})
        _check_use(part, where, question)
    return tree


def _check_use(part: Tree, where: Tree | None, question: Question) -> None:
    """Several choices are a list, one choice is one of its names; misspelt, the condition would never be met."""
    picks = where is not None and where[0] in ("selected", "count-selected") and where[1] is part
    if question["type"] == "select_multiple" and not picks:
        raise BadExpression(_("多选题要写成 selected(${%(name)s}, '选项')。") % {"name": question["name"]})
    if picks and not question["type"].startswith("select"):
        raise BadExpression(_("selected 和 count-selected 只用于选择题。"))
    compared = where is not None and where[0] in ("selected", "=", "!=")
    others = [one for one in where[1:] if one is not part] if where is not None and compared else []
    known = {one[0] for one in question["choices"]}
    for other in others:
        if known and other[0] == "text" and other[1] and other[1] not in known:
            told = _("“%(name)s”的选项里没有“%(value)s”。")
            raise BadExpression(told % {"name": question["name"], "value": other[1][:40]})


def _parts(tree: Tree) -> Iterator[tuple[Tree, Tree | None]]:
    """Every part of a condition with the part it stands in."""
    yield tree, None
    for whole in walk(tree):
        yield from ((part, whole) for part in whole[1:] if isinstance(part, list))
