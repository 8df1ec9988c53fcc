"""One class as arrays, for the compiled search of `redraw.py`."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from koumen.planner.task import ClassTask, Route, teacher_share

Ints = NDArray[np.int64]

NEAR = 100  # families looked at around the first one taken out


class Land(NamedTuple):
    """A class as arrays: by slot, by family, by both. `spans` are first and last starts, -1 for none."""

    seconds: Ints
    spans: Ints
    service: Ints
    length: Ints
    fixed: Ints
    late: Ints
    led: Ints
    own: Ints
    missed: Ints  # price of leaving the family out
    near: Ints
    team: Ints  # number of the class that visits the family: a pair has two
    share: Ints  # students the teacher of each class should see
    spare: Ints  # students of each class others may see
    orders: Ints  # families by how many slots they can be seen in, and from far to near


def land_of(task: ClassTask) -> Land:
    """The arrays of a class."""
    homes, options = range(len(task.homes)), range(len(task.options))
    widest = max(len(spans) for line in task.starts for spans in line) or 1
    spans = np.full((len(options), len(homes), widest, 2), -1, np.int64)
    for option in options:
        for row in homes:
            for number, span in enumerate(task.starts[option][row]):
                spans[option, row, number] = span
    own = np.array([task.own_students(row) for row in homes], np.int64)
    teams = sorted({home.lead_class for home in task.homes})
    team = np.array([teams.index(home.lead_class) for home in task.homes], np.int64)
    share = np.array([teacher_share(task.problem, one) for one in teams], np.int64)
    barred = np.array([home.id in task.barred for home in task.homes])
    seconds = np.ascontiguousarray(task.legs.seconds, np.int64)
    return Land(
        seconds,
        spans,
        np.array([home.service for home in task.homes], np.int64),
        np.array([option.slot.length for option in task.options], np.int64),
        np.array([task.price(Route(option, ())) for option in options], np.int64),
        np.array([[task.lateness(row, option) for row in homes] for option in options], np.int64),
        np.array([option.led for option in task.options], np.int64),
        own,
        np.where(barred, 0, np.array(task.prizes, np.int64)),
        np.argsort(seconds[1:, 1:], axis=1, kind="stable")[:, : NEAR + 1],
        team,
        share,
        np.array([own[team == number].sum() for number in range(len(teams))], np.int64) - share,
        np.array([np.argsort(key, kind="stable") for key in ((spans[..., 0, 0] >= 0).sum(0), -seconds[0, 1:])]),
    )
