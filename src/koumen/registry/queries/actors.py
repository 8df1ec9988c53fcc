"""From an account and an org's slug to the actor of a request."""

from koumen.core import clock, scope
from koumen.core.actor import Actor, OrgRef, Post
from koumen.registry.models import Account, Membership, Org, Role


def org_ref(org: Org) -> OrgRef:
    """The org as pages and the gate know it."""
    return OrgRef(id=org.pk, slug=org.slug, name=org.name, kind=org.kind)


def actor_for(account: Account, slug: str) -> Actor | None:
    """Who this account is in that org today; None when it does not belong there."""
    member = (
        Membership.objects.select_related("org")
        .filter(account=account, org__slug=slug, org__is_active=True, ended_at=None)
        .first()
    )
    if member is None:
        return None
    with scope.enter(member.org_id):
        posts = tuple(posts_of(member.staff_id)) if member.staff_id else ()
    return Actor(
        account_id=account.pk,
        display_name=account.display_name,
        org=org_ref(member.org),
        member_id=member.staff_id,
        posts=posts,
    )


def posts_of(staff_id: int) -> list[Post]:
    """The posts a member of staff holds today."""
    return [
        Post(code=post, unit="class" if class_id else "grade" if grade_id else "", unit_id=class_id or grade_id, subject=subject)
        for post, class_id, grade_id, subject in Role.objects.current(clock.today())
        .filter(staff_id=staff_id)
        .values_list("post", "school_class_id", "grade_id", "subject")
    ]
