"""GCJ-02, the shifted coordinates of Chinese map services, to and from WGS-84.

The shift is the published one: a polynomial with sines around 105 °E 35 °N, on the ellipsoid of Krasovsky 1940
(as written down in "Restrictions on geographic data in China", Wikipedia, and in many open implementations).
Its inverse has no closed form; iterating on the shift converges to far below a millimetre in a few steps.
"""

from math import cos, pi, radians, sin, sqrt

from koumen.planner.parts import Point

SEMI_MAJOR = 6_378_245.0  # metres, Krasovsky 1940
ECCENTRICITY_2 = 0.00669342162296594323
# Inside this box services shift coordinates; outside they leave them.
WEST, EAST, SOUTH, NORTH = 72.004, 137.8347, 0.8293, 55.8271
CLOSE_ENOUGH = 1e-10  # degrees, about 0.01 mm
MOST_STEPS = 30


def shifted_there(point: Point) -> bool:
    """Whether GCJ-02 differs from WGS-84 at this point."""
    return WEST <= point.lng <= EAST and SOUTH <= point.lat <= NORTH


def to_gcj(point: Point) -> Point:
    """WGS-84 → GCJ-02. Points outside China stay as they are."""
    if not shifted_there(point):
        return point
    east, north = _shift(point)
    return Point(point.lng + east, point.lat + north)


def to_wgs(point: Point) -> Point:
    """GCJ-02 → WGS-84. Points outside China stay as they are."""
    if not shifted_there(point):
        return point
    guess = point
    for _step in range(MOST_STEPS):
        east, north = _shift(guess)
        better = Point(point.lng - east, point.lat - north)
        done = max(abs(better.lng - guess.lng), abs(better.lat - guess.lat)) < CLOSE_ENOUGH
        guess = better
        if done:
            break
    return guess


def _shift(point: Point) -> tuple[float, float]:
    """Degrees east and north by which GCJ-02 lies from WGS-84 here."""
    x, y = point.lng - 105.0, point.lat - 35.0
    metres_east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + _waves(x)
    metres_east += _sines(x, (20.0, 1.0), (40.0, 3.0)) + _sines(x, (150.0, 12.0), (300.0, 30.0))
    metres_north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + _waves(x)
    metres_north += _sines(y, (20.0, 1.0), (40.0, 3.0)) + _sines(y, (160.0, 12.0), (320.0, 30.0))
    lat = radians(point.lat)
    bent = 1 - ECCENTRICITY_2 * sin(lat) ** 2
    metres_per_degree_east = SEMI_MAJOR / sqrt(bent) * cos(lat) * pi / 180
    metres_per_degree_north = SEMI_MAJOR * (1 - ECCENTRICITY_2) / (bent * sqrt(bent)) * pi / 180
    return metres_east / metres_per_degree_east, metres_north / metres_per_degree_north


def _waves(x: float) -> float:
    return (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0


def _sines(at: float, *waves: tuple[float, float]) -> float:
    """Two thirds of a sum of sines: (height, half length in degrees) each."""
    return sum(height * sin(at / length * pi) for height, length in waves) * 2.0 / 3.0
