"""From an account and an org's slug to the actor of a request."""

from dataclasses import dataclass

from koumen.core import clock, scope
from koumen.core.actor import Actor, OrgRef, Post
from koumen.registry.models import Account, Membership, Org, Role


@dataclass(frozen=True)
class Member:
    """An account's place in one org, and the other orgs it may switch to."""

    account: Account
    org: OrgRef
    staff_id: int | None
    others: tuple[OrgRef, ...] = ()


def org_ref(org: Org) -> OrgRef:
    """The org as pages and the gate know it."""
    return OrgRef(id=org.pk, slug=org.slug, name=org.name, kind=org.kind)


def memberships_of(account: Account) -> list[Membership]:
    """The orgs an account may enter now, by name."""
    return list(
        Membership.objects.select_related("org")
        .filter(account=account, org__is_active=True, ended_at=None)
        .order_by("org__name", "org_id")
    )


def member_of(account: Account, slug: str) -> Member | None:
    """The account's place in that org; None when it does not belong there. Asked before a scope is open: one query."""
    mine = memberships_of(account)
    here = next((m for m in mine if m.org.slug == slug), None)
    if here is None:
        return None
    others = tuple(org_ref(m.org) for m in mine if m is not here)
    return Member(account=account, org=org_ref(here.org), staff_id=here.staff_id, others=others)


def actor_of(member: Member) -> Actor:
    """Who that member is today. Asked inside the org's scope: one query."""
    return Actor(
        account_id=member.account.pk,
        display_name=member.account.display_name,
        org=member.org,
        member_id=member.staff_id,
        posts=tuple(posts_of(member.staff_id)) if member.staff_id else (),
    )


def actor_for(account: Account, slug: str) -> Actor | None:
    """Who this account is in that org today; None when it does not belong there. Opens the scope itself."""
    member = member_of(account, slug)
    if member is None:
        return None
    with scope.enter(member.org.id):
        return actor_of(member)


def posts_of(staff_id: int) -> list[Post]:
    """The posts a member of staff holds today."""
    held = (
        Role.objects.current(clock.today())
        .filter(staff_id=staff_id, staff__is_active=True)
        .values_list("post", "school_class_id", "grade_id", "subject", "school_class__name", "grade__name")
    )
    return [
        Post(
            code=post,
            unit="class" if class_id else "grade" if grade_id else "",
            unit_id=class_id or grade_id,
            subject=subject,
            label=class_name or grade_name or "",
        )
        for post, class_id, grade_id, subject, class_name, grade_name in held
    ]
