"""The staff layer of a generated school against what people do: whoever is free and first on the list (P8).

Run as `python benchmarks/plan_staff.py` with `src` on the path; SEED, KIND and CLASSES in the environment. Prints the
seconds, whether the optimum is proved, quota misses nobody could avoid and others, and the busiest person of either.
Last line: `plan_staff: value V goal 0.4 met|short`, V the ratio of the busiest persons' outings.
"""

import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import cast

from koumen.planner import Problem, make_school
from koumen.planner.assemble import Drawn
from koumen.planner.generate import SchoolKind
from koumen.planner.route import search
from koumen.planner.staff import Draft, Teams, assign
from koumen.planner.task import free_people, make_task
from koumen.planner.travel import GreatCircle

GOAL, SECONDS = 0.4, 3.0


def main() -> int:
    """Draw routes, staff them twice, compare."""
    kind, seed = cast(SchoolKind, os.environ.get("KIND", "town")), int(os.environ.get("SEED", "1"))
    school = make_school(kind, int(os.environ.get("CLASSES", "40")), seed=seed)
    drafts = routes_of(school)
    started = time.process_time()
    ours = assign(school, drafts)
    seconds = time.process_time() - started
    human = Teams(by_hand(school, drafts), proved=False)
    loads = []
    for name, teams in (("by hand", human), ("model", ours)):
        load = companions(school, drafts, teams)
        loads.append(max(load.values()))
        missed, alone = misses(school, drafts, teams), sum(not people for people in teams.people)
        print(f"{name}: busiest companion {loads[-1]} outings, quota misses {missed}, outings without two {alone}")
    avoidable = misses(school, drafts, ours) - unavoidable(school, drafts)
    ratio = loads[1] / loads[0]
    print(f"model: {seconds:.2f} s, proved {ours.proved}, avoidable misses {avoidable}, {len(drafts)} outings")
    met = ratio <= GOAL and seconds <= SECONDS and ours.proved and avoidable <= 0
    print(f"plan_staff: value {ratio:.3f} goal {GOAL} {'met' if met else 'short'}")
    return 0 if met else 1


def routes_of(school: Problem) -> list[Draft]:
    """The outings of a quick plan, without companions."""
    free, roads, drafts = free_people(school), GreatCircle(school), list[Draft]()
    for team in school.classes:
        task = make_task(school, team.id, roads, free)
        drafts += Drawn(task, search(task, seed=1, iterations=300, cancelled=lambda: False)).drafts
    return drafts


def by_hand(school: Problem, drafts: Sequence[Draft]) -> tuple[tuple[str, ...], ...]:
    """Each outing in turn takes the first free person of the class team, else the first free person at all."""
    busy = {(school.class_by_id[one.class_id].teacher, one.slot) for one in drafts if one.led}
    teams = []
    for draft in drafts:
        team = school.team_of[draft.class_id]
        staff = [school.class_by_id[draft.class_id].teacher] if draft.led else []
        able = [p.id for p in school.people if draft.slot in p.slots and (p.id, draft.slot) not in busy]
        able.sort(key=lambda person: person not in team)
        staff += able[: 2 - len(staff)]
        busy.update((person, draft.slot) for person in staff)
        teams.append(tuple(staff) if len(staff) == 2 and staff[0] in team else ())
    return tuple(teams)


def companions(school: Problem, drafts: Sequence[Draft], teams: Teams) -> Counter[str]:
    """Outings of everybody but the class teachers, whose own class decides theirs."""
    return Counter(
        person for people in teams.people for person in people if school.person_by_id[person].role != "class_teacher"
    )


def misses(school: Problem, drafts: Sequence[Draft], teams: Teams) -> int:
    """Students missing from all quotas together."""
    seen: Counter[str] = Counter()
    for draft, people in zip(drafts, teams.people, strict=True):
        for person in people:
            seen[person] += draft.students
    return sum(max(0, school.quotas.of(one) - one.done - seen[one.id]) for one in school.people)


def unavoidable(school: Problem, drafts: Sequence[Draft]) -> int:
    """Students missing even if everybody joined every outing of their free slots."""
    in_slot: Counter[str] = Counter()
    for draft in drafts:
        in_slot[draft.slot] = max(in_slot[draft.slot], draft.students)
    most = {one.id: sum(in_slot[slot] for slot in one.slots) for one in school.people}
    return sum(max(0, school.quotas.of(one) - one.done - most[one.id]) for one in school.people)


if __name__ == "__main__":
    sys.exit(main())
