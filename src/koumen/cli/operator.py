"""Who works at the command line: somebody with a shell on the server, named so in the log."""

import getpass

from koumen.cli.say import Stop
from koumen.core.actor import Actor, Post
from koumen.registry.models import Org
from koumen.registry.queries.actors import org_ref


def find_org(slug: str) -> Org:
    """The org of that short name. Raises Stop, naming those there are."""
    org = Org.objects.filter(slug=slug).first()
    if org is None:
        known = "、".join(Org.objects.order_by("slug").values_list("slug", flat=True)[:20]) or "（还没有）"
        raise Stop(f"没有“{slug}”这个机构。现有：{known}")
    return org


def operator(org: Org, *posts: str) -> Actor:
    """An actor without an account who holds these posts in the org for this command."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in containers
        name = "?"
    return Actor(None, f"命令行({name})", org_ref(org), posts=tuple(Post(post) for post in posts))
