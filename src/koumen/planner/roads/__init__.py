"""Road times: four map services behind one interface, bounded and never in the way of a plan.

Plain Python like the rest of the planner. `service_of` makes an adapter, `Asker` asks it within bounds, `Asked` is
the matrix with estimates for whatever failed, `Ways` is what the planner reads.
"""

from koumen.planner.roads.amap import Amap
from koumen.planner.roads.asking import Asker, rounded
from koumen.planner.roads.datum import to_gcj, to_wgs
from koumen.planner.roads.matrix import ESTIMATE, Asked, Cell, Estimate, Known, Table, Told, TravelTimes, cell
from koumen.planner.roads.osrm import Osrm
from koumen.planner.roads.pace import Pace
from koumen.planner.roads.service import Service, Way
from koumen.planner.roads.tencent import Tencent
from koumen.planner.roads.tianditu import Tianditu
from koumen.planner.roads.trouble import TROUBLES, Trouble
from koumen.planner.roads.ways import LEAST_FACTOR, MOST_FACTOR, Ways, estimate, factor_of, seconds_by_road

SERVICES = ("osrm", "amap", "tencent", "tianditu")
KEYED: dict[str, type[Amap | Tencent | Tianditu]] = {"amap": Amap, "tencent": Tencent, "tianditu": Tianditu}


def service_of(name: str, key: str = "", address: str = "") -> Service:
    """The adapter of this name; without an address, the service's public one. Raises ValueError on a bad setting."""
    if name == "osrm":
        if not address:
            raise ValueError("osrm needs the address of its server")
        return Osrm(address)
    if name not in KEYED:
        raise ValueError(f"there is no map service called {name}")
    if not key:
        raise ValueError(f"{name} needs a key")
    return KEYED[name](key, address) if address else KEYED[name](key)


__all__ = [
    "ESTIMATE",
    "LEAST_FACTOR",
    "MOST_FACTOR",
    "SERVICES",
    "TROUBLES",
    "Amap",
    "Asked",
    "Asker",
    "Cell",
    "Estimate",
    "Known",
    "Osrm",
    "Pace",
    "Service",
    "Table",
    "Tencent",
    "Tianditu",
    "Told",
    "TravelTimes",
    "Trouble",
    "Way",
    "Ways",
    "cell",
    "estimate",
    "factor_of",
    "rounded",
    "seconds_by_road",
    "service_of",
    "to_gcj",
    "to_wgs",
]
