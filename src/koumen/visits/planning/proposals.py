"""Which classes of a campaign to pair, as the planner sees it."""

from koumen import planner
from koumen.core.refusals import Invalid
from koumen.visits.models import Campaign
from koumen.visits.planning.homes import families
from koumen.visits.planning.problem import problem_of


def proposed_pairs(campaign: Campaign) -> list[tuple[int, int]]:
    """Pairs of classes whose families share far places; none while the campaign cannot be planned at all."""
    slots = list(campaign.slots.open())
    wanted, _homeless = families(campaign)
    if not slots or not wanted:
        return []
    try:
        problem, _without_teacher = problem_of(campaign, slots, wanted)
    except (Invalid, planner.ProblemError):
        return []
    return [(int(pair.first), int(pair.second)) for pair in planner.propose_pairs(problem)]
