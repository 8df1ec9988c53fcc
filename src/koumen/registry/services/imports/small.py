"""Staff, classes and places: short files, read again when they are applied, written row by row."""

from collections.abc import Callable, Iterable
from pathlib import Path

from koumen.core.actor import Actor
from koumen.registry.models import Household, ImportBatch, Place
from koumen.registry.services.imports.book import class_book, make_classes
from koumen.registry.services.imports.effects import Effect, differing
from koumen.registry.services.imports.posts import read_staff
from koumen.registry.services.imports.staging import PlaceBook
from koumen.registry.services.roster.reader import Findings
from koumen.registry.services.roster.units import ClassLine, ClassReader, PlaceLine, PlaceReader


def read(batch: ImportBatch, source: Path, *, by: Actor) -> tuple[list[Effect], Findings]:
    """Read a short file and compare it with the registry. Raises Unreadable."""
    if batch.kind == ImportBatch.Kind.STAFF:
        return read_staff(batch, source, by=by)
    return _READERS[batch.kind](batch, source)


def apply(effects: Iterable[Effect]) -> None:
    """Carry out what the rows do."""
    for effect in effects:
        if effect.change != "same":
            effect.act()


def _classes(batch: ImportBatch, source: Path) -> tuple[list[Effect], Findings]:
    reader = ClassReader(classes=class_book(batch.org, may_add=True))
    return [_class_effect(line) for line in reader.read(source)], reader.findings


def _class_effect(line: ClassLine) -> Effect:
    change = "new" if line.found.id is None else "same"
    return Effect(line.sheet, line.row, change, line.found.name, act=lambda: make_classes([line.found]))


def _places(batch: ImportBatch, source: Path) -> tuple[list[Effect], Findings]:
    known = {place.name: place for place in Place.objects.all()}
    reader = PlaceReader()
    return [_place_effect(line, known.get(line.name)) for line in reader.read(source)], reader.findings


def _place_effect(line: PlaceLine, place: Place | None) -> Effect:
    effect = Effect(line.sheet, line.row, "new", line.name)
    if place is not None:
        effect.changes = differing(
            [("lng", place.lng, line.lng), ("lat", place.lat, line.lat), ("remote", place.is_remote, line.is_remote)]
        )
        effect.change = "changed" if effect.changes else "same"
    effect.act = lambda: _write_place(line, place or Place(name=line.name))
    return effect


def _write_place(line: PlaceLine, place: Place) -> None:
    place.lng, place.lat = line.lng, line.lat
    if line.is_remote is not None:
        place.is_remote = line.is_remote
    place.save()


def settle_homes() -> int:
    """Give homes their place's point: those without a place by their address. Returns how many got a point."""
    places = {place.pk: place for place in Place.objects.all()}
    book = PlaceBook()
    moved: dict[int, list[int]] = {}
    homes = Household.objects.filter(point_source__in=("none", "place")).only("address", "place_id", "lng", "lat")
    for home in homes.iterator(chunk_size=2_000):
        found = places.get(home.place_id or book.find("", home.address) or 0)
        if found is not None and (home.place_id, home.lng, home.lat) != (found.pk, found.lng, found.lat):
            moved.setdefault(found.pk, []).append(home.pk)
    for pk, ids in moved.items():
        place = places[pk]
        remote = {"is_remote": True} if place.is_remote else {}
        Household.objects.filter(pk__in=ids).update(
            place=place, lng=place.lng, lat=place.lat, point_source=Household.PointSource.PLACE, **remote
        )
    return sum(map(len, moved.values()))


_READERS: dict[str, Callable[[ImportBatch, Path], tuple[list[Effect], Findings]]] = {
    "classes": _classes,
    "places": _places,
}
