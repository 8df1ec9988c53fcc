"""`koumen plan-county`: plans the current campaign of every school below a bureau, with as many workers as wished.

Schools are asked for like the office asks, so whatever runs `koumen worker` helps. Ended in the middle and run again,
it goes on: what is planned stays, what is under way is waited for, what failed is asked for anew.
"""

import argparse
import subprocess
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from koumen.cli.operator import find_org, operator
from koumen.cli.say import Stop, say, warn
from koumen.cli.table import lines
from koumen.cli.up import start, stop
from koumen.core import clock, scope
from koumen.core.refusals import Refusal
from koumen.registry.models import Org
from koumen.visits.models import Campaign, Plan, PlanPart
from koumen.visits.services.plans import compute

LOOK_EVERY = 2.0  # seconds between two looks at the schools
TELL_EVERY = 30.0  # seconds without news after which the terminal hears how far it is
BEHIND_OFFICES = -1  # whoever asks on a page does not wait behind a whole county
MOST_WORKERS = 64
EFFORTS = {"first": Plan.Effort.FIRST, "deep": Plan.Effort.DEEP}


@dataclass(frozen=True)
class Standing:
    """How far a school is. Without a state nothing was to be asked for; `said` tells why, or why it failed."""

    org: Org
    plan: int = 0
    state: str = ""
    said: str = ""
    drawn: int = 0
    classes: int = 0
    families: int = 0
    left_out: int = 0
    outings: int = 0
    cost: int = 0
    greedy: int = 0
    bound: int = 0

    @property
    def is_waited_for(self) -> bool:
        return self.state == Plan.State.COMPUTING

    @property
    def is_planned(self) -> bool:
        return self.state in (Plan.State.DRAFT, Plan.State.ADOPTED)

    @property
    def row(self) -> tuple[str, ...]:
        """The school's line of the table."""
        if not self.is_planned:
            return (self.org.name, "", "", "", "", "", self.said or "没有排成")
        saved = f"{100 * (1 - self.cost / self.greedy):.0f}%" if self.greedy else ""
        gap = f"{100 * (self.cost / self.bound - 1):.1f}%" if self.bound else ""
        families, left = str(self.families), str(self.left_out)
        return (self.org.name, families, left, str(self.outings), saved, gap, self.said)


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `koumen plan-county`."""
    parser.add_argument("--org", required=True, help="教育局、学区或学校的短名（网址 /s/ 后面的一段）")
    parser.add_argument("--effort", choices=EFFORTS, default="first", help="first 快速（默认），deep 精细")
    parser.add_argument("--workers", type=int, default=1, help="另开几个后台进程，默认 1；0 表示只用已在运行的")


def run(options: argparse.Namespace) -> int:
    """Ask, wait, tell. 0 when every school with a campaign has its plan, else 1."""
    if not 0 <= options.workers <= MOST_WORKERS:
        raise Stop(f"--workers 应在 0 到 {MOST_WORKERS} 之间。")
    schools = schools_below(find_org(options.org))
    begun = time.monotonic()
    found = [ask(school, EFFORTS[options.effort]) for school in schools]
    waiting = sum(one.is_waited_for for one in found)
    say(f"{len(found)} 所学校：要排 {waiting} 所，已排好 {sum(one.is_planned for one in found)} 所。")
    with ExitStack() as stack:
        crew = Crew(options.workers if waiting else 0)
        stack.callback(crew.stop)
        found = wait(found, crew)
    say("")
    for line in lines(("学校", ">户", ">没排上", ">外出", ">省", ">差距", "说明"), [one.row for one in found]):
        say(line)
    say(f"\n用时 {time.monotonic() - begun:.0f} 秒。")
    return int(any(one.state == Plan.State.FAILED for one in found))


def schools_below(org: Org) -> list[Org]:
    """The schools of a bureau and of the bureaus below it; a school alone is itself. Raises Stop when there is none."""
    level, found = [org], []
    while level:
        found += [one for one in level if not one.is_bureau]
        level = list(Org.objects.filter(parent__in=[one.pk for one in level], is_active=True).order_by("slug"))
    if not found:
        raise Stop(f"{org.name}下面没有学校。")
    return found


def ask(school: Org, effort: Plan.Effort) -> Standing:
    """Ask for the school's plan, unless there is one as thorough, or one is being computed."""
    with scope.enter(school.pk):
        today = clock.today()
        campaign = Campaign.objects.exclude(state="closed").filter(ends__gte=today).order_by("-starts", "-pk").first()
        if campaign is None:
            return Standing(school, said="没有进行中的家访活动")
        plans = list(campaign.plans.select_related("job").order_by("-pk"))
        thorough = (effort, Plan.Effort.DEEP)
        known = [one for one in plans if one.standing in (Plan.State.DRAFT, Plan.State.ADOPTED)]
        under_way = [one for one in plans if one.standing == Plan.State.COMPUTING]
        plan = next((one for one in [*under_way, *known] if one.effort in thorough), None)
        try:
            by = operator(school, "moral_office")
            plan = plan or compute(campaign, by=by, effort=effort, priority=BEHIND_OFFICES)
        except Refusal as refusal:
            return Standing(school, state=Plan.State.FAILED, said=str(refusal))
    return look(school, plan.pk)


def look(school: Org, plan_id: int) -> Standing:
    """How far this plan is."""
    with scope.enter(school.pk):
        plan = Plan.objects.select_related("job").get(pk=plan_id)
        parts = list(PlanPart.objects.filter(plan=plan).values_list("cost", flat=True))
        drawn = PlanPart.objects.filter(plan=plan).drawn().count()
    figures = plan.figures.get("plan", {})
    failed = plan.standing == Plan.State.FAILED
    return Standing(
        school,
        plan.pk,
        plan.standing,
        said=(plan.job.text or plan.job.get_state_display()) if failed and plan.job else "",
        drawn=drawn,
        classes=len(parts),
        families=figures.get("planned", 0),
        left_out=len(plan.unplanned),
        outings=figures.get("outings", 0),
        cost=figures.get("cost", 0),
        greedy=plan.figures.get("greedy", {}).get("cost", 0),
        bound=plan.figures.get("bound", 0),
    )


class Crew:
    """Workers of our own; one that ends by itself is replaced."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.workers = [self._one() for _ in range(size)]

    def _one(self) -> "subprocess.Popen[bytes]":
        return start("worker", "--concurrency", "1")

    def look_after(self) -> None:
        """Put a new worker where one has died."""
        for place, worker in enumerate(self.workers):
            if worker.poll() is not None:
                warn(f"后台进程 {worker.pid} 意外退出，另开一个；它没做完的班半分钟后重做。")
                self.workers[place] = self._one()

    def stop(self) -> None:
        """End them; what they were at is left for the next run."""
        stop(self.workers)


def wait(found: Sequence[Standing], crew: Crew) -> list[Standing]:
    """Until every school asked for is planned or failed; tells each as it comes."""
    schools, told = list(found), time.monotonic()
    while any(one.is_waited_for for one in schools):
        time.sleep(LOOK_EVERY)
        crew.look_after()
        for place, one in enumerate(schools):
            if not one.is_waited_for:
                continue
            schools[place] = now = look(one.org, one.plan)
            if not now.is_waited_for:
                say(_done(now, schools))
                told = time.monotonic()
        if time.monotonic() - told > TELL_EVERY:
            told = time.monotonic()
            say(_how_far(schools))
    return schools


def _done(one: Standing, schools: Sequence[Standing]) -> str:
    over = sum(not each.is_waited_for for each in schools)
    what = f"{one.families} 户，{one.outings} 次外出" if one.is_planned else f"没有排成：{one.said}"
    return f"[{over}/{len(schools)}] {one.org.name}：{what}"


def _how_far(schools: Iterable[Standing]) -> str:
    under_way = [one for one in schools if one.is_waited_for]
    drawn, classes = sum(one.drawn for one in under_way), sum(one.classes for one in under_way)
    return f"还有 {len(under_way)} 所学校，其中 {drawn}/{classes} 个班的路线已排好。"
