"""Who acts: an account in one org, with the posts it holds there today."""

from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Post:
    """One post held: `code` of the post, and the unit it is held in (`unit` is "" for the whole org).

    `label` is the unit's name, so that pages need not ask for it.
    """

    code: str
    unit: str = ""
    unit_id: int | None = None
    subject: str = ""
    label: str = ""


@dataclass(frozen=True)
class OrgRef:
    """The org an actor stands in, as pages need it."""

    id: int
    slug: str
    name: str
    kind: str
    today: date | None = None


@dataclass(frozen=True)
class Visitor:
    """Somebody without an account behind a personal link: who it was made for, for what, about which object."""

    person_id: int | None
    purpose: str
    object_id: str


@dataclass(frozen=True)
class Actor:
    """The person behind an act. `member_id` is the person's row inside the org, if there is one.

    `visitor` is set for a person behind a personal link, who has no account and holds no post.
    """

    account_id: int | None
    display_name: str
    org: OrgRef
    member_id: int | None = None
    posts: tuple[Post, ...] = field(default=())
    visitor: Visitor | None = None

    def holds(self, *codes: str) -> bool:
        """Whether any of these posts is held, in whatever unit."""
        return any(p.code in codes for p in self.posts)

    def units(self, unit: str, *codes: str) -> frozenset[int]:
        """Ids of the units of this kind in which one of these posts (any, when none is named) is held."""
        return frozenset(
            p.unit_id for p in self.posts if p.unit == unit and p.unit_id is not None and (not codes or p.code in codes)
        )


def machine(org: OrgRef) -> Actor:
    """The actor of jobs that nobody started by hand."""
    return Actor(account_id=None, display_name=_("系统"), org=org)
