"""A plan's outings, found by person, class, slot and family."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from koumen.planner.plan import Outing, outing_key


@dataclass(frozen=True)
class Trips:
    """Outings by their key, with what is asked of them all the time; changed copies answer “what if”.

    `by_class` names the outing of each class in each slot (two paired classes share theirs), `place` that of each
    family, `out` by slot those of the people who are out, `load` counts everybody's outings.
    """

    outings: Mapping[str, Outing]
    by_class: Mapping[str, str]
    place: Mapping[str, str]
    out: Mapping[str, Mapping[str, str]]
    load: Counter[str]

    @classmethod
    def of(cls, outings: Iterable[Outing]) -> "Trips":
        by_key = {outing.key: outing for outing in outings}
        out: dict[str, dict[str, str]] = {}
        for outing in by_key.values():
            out.setdefault(outing.slot, {}).update(dict.fromkeys(outing.staff, outing.key))
        return cls(
            by_key,
            {outing_key(one, outing.slot): outing.key for outing in by_key.values() for one in outing.classes},
            {stop.household: outing.key for outing in by_key.values() for stop in outing.stops},
            out,
            Counter(person for outing in by_key.values() for person in outing.staff),
        )

    def of_class(self, class_id: str, slot: str) -> Outing | None:
        """The class's outing in a slot."""
        key = self.by_class.get(outing_key(class_id, slot))
        return self.outings[key] if key else None

    def of_family(self, home: str) -> Outing | None:
        """The outing a family is on."""
        key = self.place.get(home)
        return self.outings[key] if key else None

    def having(self, outing: Outing) -> "Trips":
        """The same with this outing in place of the one of its name."""
        old = self.outings.get(outing.key)
        if old is None:
            return self._with(outing)
        if old.staff != outing.staff:
            return self.lacking(old)._with(outing)
        place = dict(self.place)
        for stop in old.stops:
            del place[stop.household]
        place.update((stop.household, outing.key) for stop in outing.stops)
        return replace(self, outings={**self.outings, outing.key: outing}, place=place)

    def lacking(self, outing: Outing) -> "Trips":
        """The same without this outing."""
        out = {person: key for person, key in self.out[outing.slot].items() if key != outing.key}
        return Trips(
            {key: one for key, one in self.outings.items() if key != outing.key},
            {name: key for name, key in self.by_class.items() if key != outing.key},
            {home: key for home, key in self.place.items() if key != outing.key},
            {**self.out, outing.slot: out},
            self.load - Counter(outing.staff),
        )

    def _with(self, outing: Outing) -> "Trips":
        """The same with one outing more."""
        key = outing.key
        return Trips(
            {**self.outings, key: outing},
            {**self.by_class, **{outing_key(one, outing.slot): key for one in outing.classes}},
            {**self.place, **{stop.household: key for stop in outing.stops}},
            {**self.out, outing.slot: {**self.out.get(outing.slot, {}), **dict.fromkeys(outing.staff, key)}},
            self.load + Counter(outing.staff),
        )
