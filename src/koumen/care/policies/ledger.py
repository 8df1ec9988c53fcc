"""Who sees the ledger of problems, and who works in it; who asks for lists with names, and who approves them."""

from typing import Any

from koumen.care.models import Finding, NameList
from koumen.care.policies.help import STAFF_OF_CARE
from koumen.core.actor import Actor
from koumen.registry.policies import LEADERS, Sight, sight_of

APPROVERS = ("moral_office", "principal", "vice_principal")


def may_list(actor: Actor, target: Any = None) -> bool:
    """Problems with names: class teachers their class, the office the school."""
    return actor.holds("moral_office") or bool(actor.units("class", "class_teacher"))


def may_count(actor: Actor, target: Any = None) -> bool:
    """Numbers without names: whoever sees the list, leaders, and heads of a grade."""
    return may_list(actor) or actor.holds(*LEADERS, "grade_head")


def may_settle(actor: Actor, finding: Finding) -> bool:
    """Close a problem, hand it on, take it up again: whoever has the child's file by post."""
    return actor.member_id is not None and sight_of(actor, finding.student.school_class) == Sight.FULL


def may_ask_names(actor: Actor, kind: str) -> bool:
    """The school's people; whose right each kind of list is stands with the kind."""
    return kind in NameList.Kind.values and actor.member_id is not None and actor.holds(*STAFF_OF_CARE)


def may_decide_names(actor: Actor, names: NameList) -> bool:
    """Another person than the one who asked: the office or who heads the school."""
    return actor.member_id is not None and actor.holds(*APPROVERS) and names.asked_by_id != actor.member_id


def may_download_names(actor: Actor, names: NameList) -> bool:
    """Whoever asked, and nobody else."""
    return names.asked_by_id == actor.member_id
