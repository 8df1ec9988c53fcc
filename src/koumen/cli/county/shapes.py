"""How large the county is and what its schools are like: data."""

from dataclasses import dataclass

TOWN, HILLS = "town", "hills"  # where families live: around the county's main town, or around the village school


@dataclass(frozen=True)
class SchoolShape:
    """One school. `classes` are numbers of classes, grade by grade; `catchments` weighs where its children live."""

    slug: str
    name: str
    short: str  # user names and staff numbers begin with it
    kind: str
    code: str
    school_type: str
    town_type: str
    lng: float
    lat: float
    parent: str
    stage: int
    classes: tuple[int, ...]
    size: int
    catchments: tuple[tuple[str, float], ...]

    @property
    def seats(self) -> int:
        """How many children it has."""
        return sum(self.classes) * self.size


@dataclass(frozen=True)
class County:
    """The bureau and its schools; the story of the campaign takes place in the first of them."""

    slug: str
    name: str
    area_code: str
    schools: tuple[SchoolShape, ...]
    weeks_before: int = 4
    weeks_after: int = 3


def _primary(classes: tuple[int, ...], size: int) -> SchoolShape:
    return SchoolShape(
        "qingshan", "青山镇中心小学", "qs", "school", "9901000001", "211", "121", 102.700, 25.030, "yunling",
        2, classes, size, ((TOWN, 1.0),),
    )  # fmt: skip


def _junior(classes: tuple[int, ...], size: int) -> SchoolShape:
    return SchoolShape(
        "linhe", "临河初级中学", "lh", "school", "9901000002", "311", "121", 102.712, 25.018, "yunling",
        3, classes, size, ((TOWN, 0.8), (HILLS, 0.2)),
    )  # fmt: skip


def _village(classes: tuple[int, ...], size: int) -> SchoolShape:
    return SchoolShape(
        "yunshang", "云上村小学", "ys", "school", "9901000003", "211", "220", 102.862, 25.121, "yunling",
        2, classes, size, ((HILLS, 1.0),),
    )  # fmt: skip


def _point(classes: tuple[int, ...], size: int) -> SchoolShape:
    return SchoolShape(
        "shiqiao", "云上村小学石桥教学点", "sq", "teaching_point", "9901000004", "218", "220", 102.905, 25.150,
        "yunshang", 2, classes, size, ((HILLS, 1.0),),
    )  # fmt: skip


def full() -> County:
    """About 2,200 children in four schools."""
    schools = (
        _primary((4, 4, 4, 5, 4, 4), 44), _junior((7, 6, 6), 47), _village((1, 1, 1, 1, 1, 1), 30), _point((1, 1), 12),
    )  # fmt: skip
    return County("yunling", "云岭县教育局", "990100", schools)


def small() -> County:
    """The same county with a handful of children, for tests."""
    schools = (_primary((0, 0, 2), 12), _junior((1,), 8), _village((0, 1), 6), _point((1,), 4))
    return County("yunling", "云岭县教育局", "990100", schools, weeks_before=3, weeks_after=1)
