"""The orgs, logins and figures around the large county of `scale`."""

from collections.abc import Iterator

from koumen.cli.county.bring import Login, new_account, place
from koumen.cli.county.scale import AREA, SLUG, Writer
from koumen.cli.county.scale_care import fill
from koumen.cli.say import Progress
from koumen.core import clock, scope
from koumen.registry.models import Account, Membership, Org, Role, Staff
from koumen.reporting.jobs import deliver

SCHOOLS, SHARE_JUNIOR = 80, 4  # every fourth is a junior school
CLASSES = {2: 29, 3: 27}
POSTS = (
    ("moral_office", "office", "德育处"),
    ("principal", "principal", "校长"),
    ("class_teacher", "teacher", "班主任"),
)


def is_there() -> bool:
    """Whether the large county was built; each school of it is whole or missing."""
    return Org.objects.filter(slug=SLUG).exists()


def build(seed: int, schools: int = SCHOOLS) -> dict[str, int]:
    """The bureau, its schools with their people and visits, and both months' figures. Returns children by school."""
    bureau = Org.objects.create(kind="county_bureau", name="万名县教育局（测速用）", slug=SLUG, area_code=AREA)
    with scope.enter(bureau.pk):
        place(new_account(f"{SLUG}-officer", "测速业务员", "10099999801"), bureau, "bureau_officer", clock.today())
    writer, progress, found = Writer(seed), Progress("  建立学校", schools), {}
    for n in range(1, schools + 1):
        stage = 3 if n % SHARE_JUNIOR == 0 else 2
        name = f"第{n}{'中学' if stage == 3 else '小学'}"
        org = Org.objects.create(
            kind="school", name=name, slug=f"{SLUG}-{n:02d}", parent=bureau, code=f"9909{n:06d}", area_code=AREA,
            school_type="311" if stage == 3 else "211", town_type="121", lng=102.7, lat=25.0,
        )  # fmt: skip
        found[org.slug] = writer.school(org, stage, CLASSES[stage])
        fill(org)
        if n == 1:
            _open_accounts(org)
        deliver(org)
        progress.at(n)
    return found


def fill_care() -> None:
    """Care for the schools of a county that was built before there was any; the month's figures follow it."""
    for org in Org.objects.filter(kind="school", parent__slug=SLUG).order_by("pk"):
        if fill(org):
            deliver(org)


def _open_accounts(org: Org) -> None:
    """Logins of the first school."""
    with scope.enter(org.pk):
        place(new_account(f"{SLUG}-audit", "测速审计员", "10099999802"), org, "audit_admin", clock.today())
        for post, key, _label in POSTS:
            role = Role.objects.filter(post=post).select_related("staff").order_by("pk")[0]
            account = new_account(f"{SLUG}-{key}", role.staff.name, role.staff.phone)
            Membership.objects.create(account=account, org=org, staff_id=role.staff_id)
            Staff.objects.filter(pk=role.staff_id).update(account_id=account.pk)


def logins() -> Iterator[Login]:
    """Accounts to look at it with."""
    labels = {f"{SLUG}-{key}": (label, f"{SLUG}-01") for _post, key, label in POSTS}
    labels |= {f"{SLUG}-officer": ("业务员", SLUG), f"{SLUG}-audit": ("审计管理员", f"{SLUG}-01")}
    names = dict(Org.objects.filter(slug__in=(SLUG, f"{SLUG}-01")).values_list("slug", "name"))
    for account in Account.objects.filter(username__in=labels).order_by("username"):
        label, slug = labels[account.username]
        yield Login(account.username, account.display_name, names[slug], label)
