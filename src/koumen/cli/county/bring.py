"""Bringing the county in as a bureau would: orgs and an administrator first, then every roster through the importer.

Jobs are done here and now, by the functions the worker calls; the engine's copy of each is withdrawn, so that a
worker running beside us does not do it as well.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.db import connection

from koumen.cli.county.shapes import County, SchoolShape
from koumen.cli.say import Stop, say
from koumen.core import clock, files, jobs, scope
from koumen.core.actor import Actor
from koumen.core.models import Job
from koumen.registry import jobs as registry_jobs
from koumen.registry.models import Account, ImportBatch, Membership, Org, Role, Staff
from koumen.registry.queries.actors import actor_for
from koumen.registry.services.accounts import open_account, open_accounts
from koumen.registry.services.households import join_all
from koumen.registry.services.imports import batches
from koumen.registry.services.terms import ensure_year

assert registry_jobs  # importing it tells the engine its jobs
PASSWORD = "koumen-demo"  # noqa: S105  (told to everybody: the county does not exist)
ADMIN = "yl-admin"
BATCH = {"places": "村组/社区", "staff": "教职工", "students": "学生"}


@dataclass(frozen=True)
class Login:
    """One line of the table shown at the end."""

    username: str
    name: str
    org: str
    post: str


def withdraw(job: Job) -> None:
    """Take a job that was just asked for out of the engine's queue. Part of the transaction that asked for it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE task_name = 'core.run' AND args->>'job_id' = %s", [str(job.pk)]
        )


def run_here(job: Job | None) -> Job:
    """Do a job now. Raises Stop with its sentence when it was not done. Call it inside the org's scope."""
    assert job is not None
    job = jobs.run_here(job)
    if job.state != Job.State.DONE:
        raise Stop(f"{job.title}没有完成：{job.text or job.state}")
    return job


def import_file(path: Path, kind: str, *, by: Actor, label: str = "", add_classes: bool = False) -> ImportBatch:
    """Upload a file and check it. Nothing is applied yet. Call it inside the org's scope."""
    file = files.keep(
        iter([path.read_bytes()]), purpose="import", label=label or path.name, content_type="application/octet-stream",
        owner_id=by.account_id,
    )  # fmt: skip
    batch = batches.upload(kind, by=by, file=file, add_classes=add_classes)
    run_here(batch.job)
    return ImportBatch.objects.select_related("file", "marked_file").get(pk=batch.pk)


def apply_batch(batch: ImportBatch, *, by: Actor, partly: bool = False) -> ImportBatch:
    """Confirm a checked file and apply it."""
    batch = batches.confirm(batch, by=by, partly=partly)
    run_here(batch.job)
    return ImportBatch.objects.get(pk=batch.pk)


def found_county(county: County) -> dict[str, Org]:
    """The bureau with its officer, the schools, and administrators for all of them. Slug → org."""
    bureau = Org.objects.create(kind="county_bureau", name=county.name, slug=county.slug, area_code=county.area_code)
    orgs = {county.slug: bureau}
    for school in county.schools:
        orgs[school.slug] = Org.objects.create(
            kind=school.kind, name=school.name, slug=school.slug, parent=orgs[school.parent], code=school.code,
            area_code=county.area_code, school_type=school.school_type, town_type=school.town_type,
            lng=school.lng, lat=school.lat,
        )  # fmt: skip
    since = clock.today()
    admin = new_account(ADMIN, "系统管理员", "10099999901")
    auditor = new_account("yl-audit", "审计管理员", "10099999903")
    for org in orgs.values():
        with scope.enter(org.pk):
            place(admin, org, "system_admin", since)
            place(auditor, org, "audit_admin", since)
    officer = new_account("yl-officer", "钱业务员", "10099999902")
    with scope.enter(bureau.pk):
        place(officer, bureau, "bureau_officer", since)
    return orgs


def new_account(username: str, name: str, phone: str) -> Account:
    """An account with the demo's password."""
    made = Account(username=username, display_name=name, phone=phone, password=make_password(PASSWORD))
    made.save()
    return made


def place(account: Account, org: Org, post: str, since: date) -> None:
    """The very first posts of an org have nobody who could appoint: as an installation makes them."""
    staff = Staff.objects.create(name=account.display_name, account_id=account.pk)
    Membership.objects.create(account=account, org=org, staff_id=staff.pk)
    Role.objects.create(staff=staff, post=post, starts=since)


def acting(username: str, slug: str) -> Actor:
    """Who that account is in that org."""
    actor = actor_for(Account.objects.get(username=username), slug)
    assert actor is not None
    return actor


def bring(school: SchoolShape, org: Org, folder: Path) -> None:
    """Import one school: places, leaders, students with their classes, the other staff; accounts; siblings joined."""
    admin = acting(ADMIN, school.slug)
    with scope.enter(org.pk):
        ensure_year(clock.today())
        _bring("places", folder / f"{school.slug}-places.csv", admin)
        _bring("staff", folder / f"{school.slug}-leaders.xlsx", admin)
        _leaders(school, admin)
    office = acting(f"{school.short}-office", school.slug)
    with scope.enter(org.pk):
        _bring("students", folder / f"{school.slug}-students.xlsx", office, add_classes=True)
        pairs = join_all(office.org, by=office, reason="phone_address")
        _bring("staff", folder / f"{school.slug}-staff.xlsx", admin)
        opened = _teachers(school, admin)
    say(f"    兄弟姐妹 {pairs} 对已确认为一家；开通 {opened} 个教师账号")


def _bring(kind: str, path: Path, by: Actor, *, add_classes: bool = False) -> None:
    batch = import_file(path, kind, by=by, add_classes=add_classes)
    if batch.state != ImportBatch.State.CHECKED or batch.counts["error"]:
        raise Stop(f"{path.name} 没有通过检查：{batch.message or batch.counts}")
    batch = apply_batch(batch, by=by)
    counts = batch.counts
    say(f"    {BATCH[kind]} {path.name}：新增 {counts['new']}，变更 {counts['changed']}，不变 {counts['same']}")


def _leaders(school: SchoolShape, admin: Actor) -> None:
    for post, name in (("principal", "principal"), ("moral_office", "office")):
        role = Role.objects.filter(post=post).select_related("staff").order_by("pk").first()
        assert role is not None
        open_account(role.staff, by=admin, username=f"{school.short}-{name}")
    _settle_passwords()


def _teachers(school: SchoolShape, admin: Actor) -> int:
    """An account for every class teacher; the first of them, and a subject teacher, under names easy to remember."""
    heads = list(Staff.objects.filter(roles__post="class_teacher").order_by("roles__school_class__name"))
    open_account(heads[0], by=admin, username=f"{school.short}-teacher")
    others = Staff.objects.filter(roles__post="subject_teacher", account_id=None).exclude(roles__post="class_teacher")
    subject = others.order_by("number").last()
    if subject is not None:
        open_account(subject, by=admin, username=f"{school.short}-subject")
    lines = open_accounts(heads[1:], by=admin)
    _settle_passwords()
    return len(lines) + 2


def _settle_passwords() -> None:
    """Demo accounts keep one known password and are not asked for a new one."""
    Account.objects.filter(must_change_password=True, pk__in=Staff.objects.values("account_id")).update(
        password=make_password(PASSWORD), must_change_password=False
    )


def logins(county: County) -> list[Login]:
    """The accounts worth trying, read from the database."""
    names = dict(Account.objects.values_list("username", "display_name"))
    orgs: list[tuple[str, str, tuple[tuple[str, str], ...]]] = [
        (county.name, "yl", (("officer", "业务员"), ("admin", "系统管理员（各校）"), ("audit", "审计管理员（各校）")))
    ]
    orgs += [
        (s.name, s.short, (("office", "德育处"), ("principal", "校长"), ("teacher", "班主任"), ("subject", "科任")))
        for s in county.schools
    ]
    found = [(f"{short}-{key}", org, post) for org, short, posts in orgs for key, post in posts]
    return [Login(username, names[username], org, post) for username, org, post in found if username in names]
