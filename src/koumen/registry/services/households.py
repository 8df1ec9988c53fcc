"""Households: homes that look like one are joined or kept apart by a person; a home gets its point on the map."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from koumen.core.actor import Actor, OrgRef
from koumen.core.gate import action
from koumen.core.refusals import Conflict, Invalid
from koumen.registry import policies
from koumen.registry.models import Household, SiblingOffer, Student

State = SiblingOffer.State
CHINA = (73.0, 136.0, 3.0, 54.0)  # longitudes and latitudes between which a home can be


@action("household.join", may=policies.may_arrange_households)
def join(offer: SiblingOffer, *, by: Actor) -> SiblingOffer:
    """The two homes are one: the children of the other live in the first. Raises Conflict when decided already."""
    if offer.state != State.OPEN:
        raise Conflict(_("这条已经有人处理过了。"))
    _join([offer], by)
    return offer.refreshed()


@action("household.join_all", may=policies.may_arrange_households)
def join_all(org: OrgRef, *, by: Actor, reason: str) -> int:
    """Join every open pair offered for one reason. Returns how many pairs."""
    offers = list(SiblingOffer.objects.filter(state=State.OPEN, reason=reason).order_by("pk"))
    _join(offers, by)
    return len(offers)


@action("household.part", may=policies.may_arrange_households)
def part(offer: SiblingOffer, *, by: Actor) -> SiblingOffer:
    """The two homes are not one, and are not offered again; when they were joined, the children go back."""
    if offer.state == State.SPLIT:
        raise Conflict(_("这条已经有人处理过了。"))
    if offer.moved:
        Student.objects.filter(pk__in=offer.moved).update(household=offer.other)
    offer.state, offer.decided_by, offer.moved = State.SPLIT, by.display_name, []
    offer.save(update_fields=["state", "decided_by", "moved"])
    return offer


@action("household.set_point", may=policies.may_arrange_households)
def set_point(
    home: Household, *, by: Actor, lng: float, lat: float, is_remote: bool = False, is_risky: bool = False
) -> Household:
    """Say where a home is (WGS-84), and whether the way there is far or risky. Raises Invalid outside China."""
    west, east, south, north = CHINA
    if not (west <= lng <= east and south <= lat <= north):
        raise Invalid(_("请在地图上点选，或填写国内的经纬度。"))
    home.lng, home.lat, home.point_source = round(lng, 6), round(lat, 6), Household.PointSource.MAP
    home.is_remote, home.is_risky = is_remote, is_risky
    home.save(update_fields=["lng", "lat", "point_source", "is_remote", "is_risky"])
    return home


def _join(offers: list[SiblingOffer], by: Actor) -> None:
    """Join all pairs at once: chains of pairs become one home, the one with the lowest number."""
    first = _first_of({(o.household_id, o.other_id) for o in offers})
    homes = {h.pk: h for h in Household.objects.filter(pk__in=first).defer("address")}
    living: dict[int, list[int]] = {}
    for home, student in Student.objects.filter(household_id__in=first).values_list("household_id", "pk"):
        living.setdefault(home or 0, []).append(student)
    for one in sorted(set(first.values())):
        others = sorted(home for home, root in first.items() if root == one and home != one)
        Student.objects.filter(household_id__in=others).update(household=homes[one])
        _keep_a_point(homes[one], [homes[other] for other in others])
    for offer in offers:
        offer.state, offer.decided_by = State.CONFIRMED, by.display_name
        offer.moved = living.get(offer.other_id, [])
    SiblingOffer.objects.bulk_update(offers, ["state", "decided_by", "moved"], batch_size=500)
    _settle_rest(first)


def _first_of(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Each home of the pairs → the lowest home it hangs together with."""
    first: dict[int, int] = {}

    def root(home: int) -> int:
        while first.setdefault(home, home) != home:
            home = first[home]
        return home

    for one, two in sorted(pairs):
        low, high = sorted((root(one), root(two)))
        first[high] = low
    return {home: root(home) for home in list(first)}


def _keep_a_point(home: Household, others: list[Household]) -> None:
    """A home without a point takes that of a home joined to it; what is far or risky stays so."""
    giver = next((o for o in others if o.lng is not None), None) if home.lng is None else None
    if giver is not None:
        home.lng, home.lat, home.point_source, home.place = giver.lng, giver.lat, giver.point_source, giver.place
    home.is_remote = home.is_remote or any(o.is_remote for o in others)
    home.is_risky = home.is_risky or any(o.is_risky for o in others)
    home.save(update_fields=["lng", "lat", "point_source", "place", "is_remote", "is_risky"])


def _settle_rest(first: dict[int, int]) -> None:
    """Open pairs that named a home which is now part of another: said of that one, or answered already."""
    gone = {home for home, root in first.items() if home != root}
    rest = SiblingOffer.objects.filter(state=State.OPEN)
    touched = list(rest.filter(household_id__in=gone)) + list(
        rest.filter(other_id__in=gone).exclude(household_id__in=gone)
    )
    known = set(SiblingOffer.objects.values_list("household_id", "other_id")) if touched else set()
    for offer in touched:
        one, two = sorted(
            (first.get(offer.household_id, offer.household_id), first.get(offer.other_id, offer.other_id))
        )
        if one == two or (one, two) in known:
            offer.delete()
        else:
            known.add((one, two))
            offer.household_id, offer.other_id = one, two
            offer.save(update_fields=["household", "other"])
