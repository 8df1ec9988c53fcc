"""家访路线.html: one file that opens from the disk without a network: a map of routes and a list for each class."""

import math
from collections.abc import Iterator
from html import escape
from pathlib import Path

from koumen import planner
from koumen.cli.offline.work import Work, day_name

WIDTH, MOST_HEIGHT, EDGE = 720.0, 560.0, 36.0
COLOURS = ("#0b6e4f", "#b3541e", "#2f5d9b", "#8a2f6b", "#6b6b00", "#00707a", "#a02c2c", "#4b3f9e")
HEAD = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>家访路线</title><style>
body{font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;color:#1c2622;
max-width:60rem;margin:0 auto;padding:1rem}
h1{font-size:1.5rem;margin:.5rem 0}
h2{font-size:1.25rem;margin:2rem 0 .5rem;border-top:1px solid #cfd9d4;padding-top:1rem}
h3{font-size:1rem;margin:1rem 0 .25rem}nav a{display:inline-block;padding:.6rem .8rem;color:#0b5a41}
svg{width:100%;height:auto;background:#f4f7f5;border:1px solid #cfd9d4;border-radius:.5rem}
ol{margin:.25rem 0;padding-left:1.75rem}.quiet{color:#55635c}i{display:inline-block;width:.8em;height:.8em;
border-radius:50%;margin-right:.4em}
@media print{nav{display:none}section{break-before:page}}
</style></head><body>
"""


def write(work: Work, path: Path) -> None:
    """Write the page."""
    path.write_text(HEAD + "\n".join(_body(work)) + "\n</body></html>\n", encoding="utf-8")


def _body(work: Work) -> Iterator[str]:
    figures = work.plan.figures.plan
    yield "<h1>家访路线</h1>"
    yield (
        f"<p>{len(work.classes)} 个班，安排 {figures.planned} 户，出访 {figures.outings} 次，"
        f"路上共 {figures.travel / 3600:.1f} 小时。线为先后次序，不是道路。</p>"
    )
    yield '<p class="quiet">内有学生个人信息，只供家访老师使用，请勿转发。</p>'
    links = "".join(f'<a href="#c{n}">{escape(one)}</a>' for n, one in enumerate(work.classes))
    yield f'<nav aria-label="班级">{links}</nav>'
    for number, school_class in enumerate(work.classes):
        yield f'<section id="c{number}"><h2>{escape(school_class)}</h2>'
        yield from _section(work, school_class)
        yield "</section>"
    left = list(work.left_out())
    if left:
        yield f"<section><h2>未安排（{len(left)} 户）</h2><ul>"
        yield from (f"<li>{escape(home.lead)} {escape(home.children)}：{escape(reason)}</li>" for home, reason in left)
        yield "</ul></section>"


def _section(work: Work, school_class: str) -> Iterator[str]:
    outings = work.outings(school_class)
    if not outings:
        yield "<p>没有安排出访。</p>"
        return
    yield _map(work, school_class, outings)
    for number, outing in enumerate(outings):
        day = day_name(work.moment(outing.slot, 0))
        yield (
            f"<h3>{_dot(number)}{day} {work.span(outing.slot, outing.leave_at, outing.back_at)}"
            f"　{escape(work.staff(outing))}</h3><ol>"
        )
        for stop in outing.stops:
            home = work.homes[stop.household]
            unknown = '<span class="quiet">（无坐标，图上没有）</span>' if home.point is None else ""
            yield (
                f"<li>{work.span(outing.slot, stop.start, stop.end)} {escape(home.children)}"
                f"　{escape(home.address)}{unknown}</li>"
            )
        yield "</ol>"


def _dot(number: int) -> str:
    return f'<i style="background:{COLOURS[number % len(COLOURS)]}"></i>'


class _Sheet:
    """From degrees to the drawing: true to scale, north up."""

    def __init__(self, points: list[planner.Point]) -> None:
        self.west, self.north = min(p.lng for p in points), max(p.lat for p in points)
        self.squeeze = math.cos(math.radians(self.north))
        wide = (max(p.lng for p in points) - self.west) * self.squeeze
        high = self.north - min(p.lat for p in points)
        room = (WIDTH - 2 * EDGE, MOST_HEIGHT - 2 * EDGE)
        self.scale = min(room[0] / max(wide, 1e-4), room[1] / max(high, 1e-4))
        self.left = (WIDTH - wide * self.scale) / 2
        self.height = high * self.scale + 2 * EDGE

    def at(self, point: planner.Point) -> tuple[float, float]:
        x = self.left + (point.lng - self.west) * self.squeeze * self.scale
        return round(x, 1), round(EDGE + (self.north - point.lat) * self.scale, 1)


def _map(work: Work, school_class: str, outings: list[planner.Outing]) -> str:
    school = work.problem.school
    points = [(n, place) for n, outing in enumerate(outings) for place in _places(work, outing)]
    sheet = _Sheet([school, *(point for _n, (_order, _name, point) in points)])
    parts = []
    for number, outing in enumerate(outings):
        way = [school, *(point for _order, _name, point in _places(work, outing)), school]
        line = " ".join(f"{x},{y}" for x, y in map(sheet.at, way))
        colour = COLOURS[number % len(COLOURS)]
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2.5" opacity=".75"/>')
    for number, (order, name, point) in points:
        x, y = sheet.at(point)
        parts.append(
            f"<g><title>{escape(name)}</title>"
            f'<circle cx="{x}" cy="{y}" r="11" fill="{COLOURS[number % len(COLOURS)]}"/>'
            f'<text x="{x}" y="{y + 4}" text-anchor="middle" font-size="12" fill="#fff">{order}</text></g>'
        )
    x, y = sheet.at(school)
    parts.append(
        f'<g><rect x="{x - 14}" y="{y - 14}" width="28" height="28" rx="5" fill="#1c2622"/>'
        f'<text x="{x}" y="{y + 5}" text-anchor="middle" font-size="14" fill="#fff">校</text></g>'
    )
    title = f"{escape(school_class)}家访路线图"
    box = f'viewBox="0 0 {WIDTH:.0f} {sheet.height:.0f}"'
    return f'<svg role="img" aria-label="{title}" {box}>{"".join(parts)}</svg>'


def _places(work: Work, outing: planner.Outing) -> list[tuple[int, str, planner.Point]]:
    """(order, who, where) of the stops whose place is known."""
    found = []
    for order, stop in enumerate(outing.stops, 1):
        home = work.homes[stop.household]
        if home.point is not None:
            found.append((order, f"{order} {home.children} {work.span(outing.slot, stop.start, stop.end)}", home.point))
    return found
