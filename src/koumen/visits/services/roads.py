"""How a school finds its travel times: the map service allowed or not, one way tried, measured routes."""

from datetime import timedelta

from koumen.core import clock
from koumen.core.actor import Actor, OrgRef
from koumen.core.gate import action
from koumen.core.refusals import TooMany
from koumen.registry.models import Place
from koumen.visits.models import MeasuredRoute, RoadChoice
from koumen.visits.planning import Trial, try_service
from koumen.visits.policies.roads import may_arrange_roads

BETWEEN_TRIALS = timedelta(seconds=5)


@action("roads.choose", may=may_arrange_roads)
def choose_service(org: OrgRef, *, by: Actor, asks: bool) -> RoadChoice:
    """Allow or forbid asking the map service from the next plan on. Plans already made keep their ways."""
    choice = _choice()
    choice.asks, choice.chosen_by, choice.chosen_at = asks, by.display_name, clock.now()
    choice.save()
    return choice


@action("roads.try", may=may_arrange_roads)
def try_way(place: Place, *, by: Actor) -> Trial:
    """Ask the map service for the way to one village. Raises TooMany when asked again within seconds."""
    choice = _choice()
    if choice.tried_at is not None and clock.now() - choice.tried_at < BETWEEN_TRIALS:
        raise TooMany
    choice.tried_at = clock.now()
    choice.save()
    return try_service(place)


@action("roads.measure", may=may_arrange_roads)
def add_route(place: Place, *, by: Actor, minutes: int, note: str = "") -> MeasuredRoute:
    """Write down how long one way between the school and a village took."""
    return MeasuredRoute.objects.create(place=place, minutes=minutes, note=note, entered_by=by.display_name)


@action("roads.forget", may=may_arrange_roads)
def drop_route(route: MeasuredRoute, *, by: Actor) -> None:
    """A measured route was wrong."""
    route.delete()


def _choice() -> RoadChoice:
    RoadChoice.objects.get_or_create()
    return RoadChoice.objects.select_for_update().get()
