"""`koumen demo`: a county that does not exist, brought in through the importer, with a month of home visits."""

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from unicodedata import east_asian_width

from django.db import connections, transaction

from koumen.cli.county import bring, campaign, care, many, shapes, story
from koumen.cli.county.faculty import Faculty
from koumen.cli.county.families import Settlement
from koumen.cli.county.rosters import files
from koumen.cli.county.shapes import County
from koumen.cli.say import Step, Stop, say
from koumen.config import env
from koumen.core import clock, scope
from koumen.registry.models import Org, Student
from koumen.registry.queries.actors import org_ref
from koumen.registry.services.terms import first_calendar_year
from koumen.visits.models import Plan, Visit

SEED = 1


@dataclass(frozen=True)
class Built:
    """What there is now. `students` and `visits` (recorded) by school."""

    county: County
    students: dict[str, int]
    visits: dict[str, int]


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `koumen demo`."""
    parser.add_argument("--seed", type=int, default=SEED, help="种子：同一个种子得到同样的名单")
    parser.add_argument("--scale", action="store_true", help="另建一个十万学生、80 所学校的县，用来测速")


def run(options: argparse.Namespace) -> int:
    """Build the county once; afterwards only tell how to sign in."""
    if options.scale:
        return _scale(options.seed)
    county = shapes.full()
    if is_there(county):
        say("演示县已经建好。")
    else:
        with Step("建立演示县"):
            built = build(env.data_folder(), options.seed, county=county)
        say(f"在读学生 {sum(built.students.values())} 名，已记录家访 {sum(built.visits.values())} 次。")
    show_logins(bring.logins(county))
    say("  其他班主任的账号是工号，如 QS010。")
    return 0


def _scale(seed: int) -> int:
    if many.is_there():
        say("测速用的县已经建好。")
    else:
        with Step("建立测速用的县"), transaction.atomic():
            children = many.build(seed)
        _analyze()
        say(f"{len(children)} 所学校，在读学生 {sum(children.values())} 名。")
    show_logins(many.logins())
    return 0


def is_there(county: County) -> bool:
    """Whether the demo was built. It is built whole or not at all."""
    return Org.objects.filter(slug=county.slug).exists()


def build(data: Path, seed: int, *, county: County | None = None, now: datetime | None = None) -> Built:
    """Write the rosters under `data`/demo and bring the county in, in one transaction. Same seed, same rosters.

    Raises Stop when an org of that name is there already, or a file does not pass the importer.
    """
    county = county or shapes.full()
    now = now or clock.now()
    if is_there(county) or Org.objects.filter(slug__in=[s.slug for s in county.schools]).exists():
        raise Stop("系统里已有同名的机构，请换一个空的数据文件夹（KOUMEN_DATA）再建演示县。")
    monday = clock.local(now) - timedelta(days=clock.local(now).weekday(), weeks=county.weeks_before)
    enrolling = monday.replace(hour=9, minute=0) - timedelta(days=10)
    folder = data / "demo"
    with Step("  生成名单文件"):
        write_rosters(folder, seed, county, first_calendar_year(enrolling.date()))
    with transaction.atomic():
        with clock.at(enrolling):
            orgs = bring.found_county(county)
            for school in county.schools:
                with Step(f"  导入{school.name}"):
                    bring.bring(school, orgs[school.slug], folder)
        _season(county, orgs, seed, now)
        built = _count(county, orgs)
    _analyze()
    return built


def write_rosters(folder: Path, seed: int, county: County, year: int) -> list[Path]:
    """The files, as the schools would hand them in; `year` is the school year's first."""
    town = Settlement(county, seed, year)
    faculty = Faculty(town.people, town.rng)
    staff = {school.slug: faculty.of(school) for school in county.schools}
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name, content in files(town, staff).items():
        made.append(folder / name)
        made[-1].write_bytes(content)
    return made


def _season(county: County, orgs: dict[str, Org], seed: int, now: datetime) -> None:
    for number, school in enumerate(county.schools):
        org, rng = orgs[school.slug], Random(f"{seed} {school.slug}")  # noqa: S311
        office = bring.acting(f"{school.short}-office", school.slug)
        with scope.enter(org.pk), clock.at(clock.local(now) - timedelta(weeks=county.weeks_before, days=8)):
            campaign.know_families(rng)
        if number == 0:
            with Step(f"  为{school.name}排程并采用"):
                plan = campaign.plan_campaign(
                    office, today=now, weeks_before=county.weeks_before, weeks_after=county.weeks_after
                )
            say(f"    {_said(plan, org)}")
        with Step(f"  记录{school.name}的家访"), scope.enter(org.pk):
            told = story.School(org_ref(org), rng)
            acts = list(story.campaign_visits(told, now)) if number == 0 else []
            acts += story.unplanned_visits(told, 2 if number == 0 else 4, 7 * county.weeks_before, now)
            acts += story.deliveries(office, now)
            story.tell(org.pk, acts, f"    {school.name}")
            if number == 0:
                story.tell(org.pk, list(care.follow_up(told, office, now)), f"    {school.name}")


def _said(plan: Plan, org: Org) -> str:
    with scope.enter(org.pk):
        return f"{plan.outings.count()} 次外出，{plan.campaign.visits.count()} 户，没排上 {len(plan.unplanned)} 户"


def _count(county: County, orgs: dict[str, Org]) -> Built:
    students, visits = {}, {}
    for school in county.schools:
        with scope.enter(orgs[school.slug].pk):
            students[school.slug] = Student.objects.enrolled().count()
            visits[school.slug] = Visit.objects.recorded().count()
    return Built(county, students, visits)


def _analyze() -> None:
    """Tell PostgreSQL about the new rows, when nothing surrounds us."""
    if not connections["default"].in_atomic_block:
        with connections["owner"].cursor() as cursor:
            cursor.execute("ANALYZE")


def show_logins(logins: Iterable[bring.Login]) -> None:
    """A table of accounts to try."""
    lines = [("账号", "姓名", "职务", "单位")]
    lines += [(one.username, one.name, one.post, one.org) for one in logins]
    widths = [max(_width(line[n]) for line in lines) for n in range(4)]
    say("")
    for line in lines:
        say("  " + "  ".join(text + " " * (width - _width(text)) for text, width in zip(line, widths, strict=True)))
    say(f"\n  密码都是 {bring.PASSWORD}。")
    if env.read("KOUMEN_MFA_REQUIRED") != "0":
        say("  管理员首次登录要设置双重验证；只想看一看时，可在启动前设 KOUMEN_MFA_REQUIRED=0。")


def _width(text: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)
