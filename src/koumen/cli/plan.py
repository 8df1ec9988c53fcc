"""`koumen plan ROSTER --out DIR`: a schedule of visits straight from a roster file, without site or database."""

import argparse
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from koumen import planner
from koumen.cli.offline import crews, days, homes, page, sheets
from koumen.cli.offline.work import Work
from koumen.cli.say import Progress, Stop, say, warn
from koumen.core import clock
from koumen.registry.services.roster import Roster, read_students

SCHEDULE, ROUTES = "家访日程.xlsx", "家访路线.html"
NOWHERE = planner.Point(105.0, 35.0)  # neither a school nor a home is known: all distances are 0
MOST_WEEKS = 26
SHOWN = 20  # lines of a list


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `koumen plan`."""
    parser.add_argument("roster", type=Path, help="学生名单，.xlsx 或 .csv，格式见 docs/import.md")
    parser.add_argument("--out", type=Path, required=True, help=f"存放 {SCHEDULE} 和 {ROUTES} 的文件夹")
    parser.add_argument("--seed", type=int, default=1, help="随机种子；同样的名单和种子得到同样的日程")
    parser.add_argument("--weeks", type=int, default=4, help="安排几周，从后天起，默认 4")
    parser.add_argument("--school", help="学校的位置：经度,纬度（WGS-84）；不写就取各家的中心")
    parser.add_argument("--staff", type=Path, help="教职工名单；不写就每班按班主任和 4 位同行老师排")


def run(options: argparse.Namespace) -> int:
    """Read, plan, write. Raises Stop or Unreadable with a sentence that says what to do."""
    if not settings.configured:
        settings.configure(USE_I18N=False, USE_TZ=True)  # no database, no apps: the reader is plain
    if not 1 <= options.weeks <= MOST_WEEKS:
        raise Stop(f"--weeks 应在 1 到 {MOST_WEEKS} 之间。")
    roster = _read(options.roster)
    try:
        work = _solve(roster, options)
    except planner.ProblemError as error:
        raise Stop(str(error)) from error
    options.out.mkdir(parents=True, exist_ok=True)
    sheets.write(work, options.out / SCHEDULE)
    page.write(work, options.out / ROUTES)
    _tell(work)
    say(f"已写好：{options.out / SCHEDULE}、{options.out / ROUTES}")
    return 0


def _read(path: Path) -> Roster:
    if not path.is_file():
        raise Stop(f"找不到名单文件 {path}。")
    roster = read_students(path, today=clock.today())
    wrong = {(p.sheet, p.row) for p in roster.problems}
    say(f"读入 {len(roster.rows)} 名学生" + (f"，另有 {len(wrong)} 行有误，没有排入：" if wrong else "。"))
    for one in roster.problems[:SHOWN]:
        warn(f"    {one.sheet} {one.cell} {one.column}“{one.shown}”：{one.allowed}")
    if len(roster.problems) > SHOWN:
        warn(f"    …… 共 {len(roster.problems)} 处")
    if not roster.rows:
        raise Stop("名单里没有一行可以用，请按上面的说明改好后再运行。")
    return roster


def _solve(roster: Roster, options: argparse.Namespace) -> Work:
    today = clock.today()
    slots = days.slots(today, options.weeks)
    all_slots = frozenset(slot.id for slot in slots)
    classes = list(dict.fromkeys(row.class_label for row in roster.rows))
    if options.staff:
        if not options.staff.is_file():
            raise Stop(f"找不到教职工名单 {options.staff}。")
        team = crews.from_file(options.staff, classes, all_slots, today)
    else:
        team = crews.placeholders(classes, all_slots)
    found = homes.homes(roster.rows)
    numbers = {id(row): str(number) for number, row in enumerate(roster.rows)}
    problem = planner.Problem(
        _school(options.school, found),
        slots,
        tuple(homes.household(home, numbers, slots) for home in found),
        tuple(team.people),
        tuple(team.teams),
    )
    progress = Progress("已排班级", len(classes))

    def tell(now: planner.Progress) -> None:
        if now.stage == "routes":
            progress.at(now.done)

    plan = planner.solve(problem, seed=options.seed, progress=tell)
    return Work(problem, plan, {home.id: home for home in found}, team.names)


def _school(text: str | None, found: list[homes.Home]) -> planner.Point:
    if text is None:
        known = [home.point for home in found if home.point]
        if not known:
            return NOWHERE
        return planner.Point(sum(p.lng for p in known) / len(known), sum(p.lat for p in known) / len(known))
    try:
        lng, lat = (float(part) for part in text.replace("，", ",").split(","))
    except ValueError as error:
        raise Stop("--school 请写成 经度,纬度，例如 --school 110.5,27.2。") from error
    return planner.Point(lng, lat)


def _tell(work: Work) -> None:
    own, greedy = work.plan.figures.plan, work.plan.figures.greedy
    children = sum(len(home.rows) for home in work.homes.values())
    say(f"{children} 名学生，合为 {len(work.homes)} 户，{len(work.classes)} 个班。")
    say(f"　　　　　  {'本方案':>8}{'就近排':>8}")
    for what, one, other in (
        ("安排户数　", f"{own.planned}", f"{greedy.planned}"),
        ("出访次数　", f"{own.outings}", f"{greedy.outings}"),
        ("路上小时　", f"{own.travel / 3600:.1f}", f"{greedy.travel / 3600:.1f}"),
    ):
        say(f"  {what}{one:>12}{other:>11}")
    if work.plan.estimated:
        say(f"{len(work.plan.estimated)} 户没有坐标，路程为估算：")
        _some(f"{work.homes[one].lead} {work.homes[one].children}" for one in work.plan.estimated)
    left = [f"{home.lead} {home.children}：{reason}" for home, reason in work.left_out()]
    if left:
        say(f"{len(left)} 户没有排上：")
        _some(left)
    if short := list(work.short()):
        say(f"{len(short)} 项要求没有达到：")
        _some(short)


def _some(lines: Iterable[str]) -> None:
    listed = list(lines)
    for line in listed[:SHOWN]:
        say(f"    {line}")
    if len(listed) > SHOWN:
        say(f"    …… 共 {len(listed)} 行")
