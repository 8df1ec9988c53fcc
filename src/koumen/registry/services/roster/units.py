"""班级名单 and 村组/社区坐标: two short tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from koumen.registry.services.roster import cells
from koumen.registry.services.roster.classnames import ClassBook, KnownClass
from koumen.registry.services.roster.columns import Column, Table, heading, names
from koumen.registry.services.roster.problem import Wrong
from koumen.registry.services.roster.reader import Findings, lines


@dataclass(frozen=True, slots=True)
class ClassLine:
    """One class of the file."""

    sheet: str
    row: int
    found: KnownClass


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """One village or community with its point (WGS-84)."""

    sheet: str
    row: int
    name: str
    lng: float
    lat: float
    is_remote: bool | None


def _column(key: str, label: str, *spellings: str, parse: cells.Parse, **options: Any) -> Column:
    return Column(key, label, names(label, *spellings), parse, **options)


CLASSES = Table(
    "classes",
    (
        _column("school_class", "班级", "班级名称", "班号", "班别", parse=cells.words(30), required=True,
                example="2班"),
        _column("grade", "年级", "年级名称", "所在年级", parse=cells.words(20), cached=True, example="三年级"),
    ),
    frozenset(map(heading, ("序号", "班主任", "人数", "学生人数", "备注", "教室"))),
    ("年级", "班级"),
)  # fmt: skip

PLACES = Table(
    "places",
    (
        _column("name", "村组/社区", "村组", "社区", "村", "村(社区)", "名称", "地名", "小区", "自然村",
                parse=cells.words(60), required=True, example="柳树村"),
        _column("lng", "经度", "LNG", "LON", "X", parse=cells.longitude, required=True, example="102.7123"),
        _column("lat", "纬度", "LAT", "Y", parse=cells.latitude, required=True, example="25.0412"),
        _column("remote", "是否偏远", "偏远", parse=cells.yes_or_no, cached=True, example="否"),
    ),
    frozenset(map(heading, ("序号", "备注", "户数"))),
    ("村组/社区", "经度", "纬度"),
)  # fmt: skip


class ClassReader:
    """Reads one file of classes; afterwards `findings` holds what was noticed."""

    def __init__(self, *, classes: ClassBook) -> None:
        self.findings = Findings()
        self._classes = classes

    def read(self, source: Path | bytes) -> Iterator[ClassLine]:
        """The correct rows. Raises Unreadable when the file as a whole cannot be used."""
        seen: dict[str, int] = {}
        for line in lines(source, CLASSES, self.findings):
            if line.wrong:
                continue
            if not line.values.get("school_class"):
                line.refuse("school_class", _("班级必填，如 三年级2班"))
                continue
            try:
                found = self._classes.find(line.values.get("grade", ""), line.values["school_class"])
            except Wrong as wrong:
                line.refuse("school_class", str(wrong))
                continue
            if seen.setdefault(found.name, line.row) != line.row:
                line.refuse("school_class", _("与第 %(row)s 行是同一个班") % {"row": seen[found.name]})
                continue
            yield ClassLine(line.sheet, line.row, found)


class PlaceReader:
    """Reads one file of villages and communities; afterwards `findings` holds what was noticed."""

    def __init__(self) -> None:
        self.findings = Findings()

    def read(self, source: Path | bytes) -> Iterator[PlaceLine]:
        """The correct rows. Raises Unreadable when the file as a whole cannot be used."""
        seen: dict[str, int] = {}
        for line in lines(source, PLACES, self.findings):
            values = line.values
            for column in PLACES.columns:
                if column.required and column.key not in values and not line.wrong:
                    line.refuse(column.key, _("%(label)s必填") % {"label": column.label})
            if not line.wrong and seen.setdefault(values["name"], line.row) != line.row:
                line.refuse("name", _("与第 %(row)s 行同名") % {"row": seen[values["name"]]})
            if not line.wrong:
                yield PlaceLine(
                    line.sheet, line.row, values["name"], values["lng"], values["lat"], values.get("remote")
                )
