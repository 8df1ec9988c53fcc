"""W7: JavaScript per page and of the recorder, compressed; and what an audit like Lighthouse's says of two pages.

Bytes are read from the built files: for each template the entries it names and all they load, at once or later.

The audit opens the recorder and each page a family is sent (appointment, agreement, feedback, the report every one of
them offers) on a throttled phone in Chromium (the figures of Lighthouse's
"mobileSlow4G": 562.5 ms a request, 1,474.56 kbit/s down, processor four times slower), RUNS times each with an empty
cache, and takes medians. Speed is scored on the curves Lighthouse publishes for phones
(https://developer.chrome.com/docs/lighthouse/performance/performance-scoring, version 10): a log-normal through
(p10, 0.9) and (median, 0.5) for each metric. The speed index, which is read off a film of the page, is left out; the
other weights keep their proportions. Accessibility is the share of axe-core's rules that hold, best practice the share
of the checks below.

    RUNS=3 make bench BENCH=weight
"""

import gzip
import json
import math
import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from benchmarks import real_site  # noqa: E402, I001  (makes Django ready)
from benchmarks import class_of_50  # noqa: E402

from django.conf import settings  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import get_resolver  # noqa: E402
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright  # noqa: E402

from koumen.core import clock, links, scope  # noqa: E402
from koumen.registry.queries.actors import actor_for  # noqa: E402
from koumen.registry.models import Account  # noqa: E402
from koumen.visits.models import Appointment, Visit, VisitRecord  # noqa: E402
from koumen.visits.services import agreements, feedback  # noqa: E402
from koumen.visits.services.appointments import invite  # noqa: E402

ROOT = real_site.ROOT
RUNS = int(os.environ.get("RUNS", "3"))
PAGE, RECORDER, GOAL = 70 * 1024, 160 * 1024, 95
# The map's script loads one of two parts, by whether a point is picked or ways are shown; nobody signs on a map's page.
PEN = "src/sign.ts"
NEVER_ON = {
    "point.html": {"src/routes.ts", PEN},
    "plan.html": {"src/pick.ts", PEN},
    "outing.html": {"src/pick.ts", PEN},
}
# metric: (p10, median, weight)
CURVES = {"fcp": (1800, 3000, 10), "lcp": (2500, 4000, 25), "tbt": (200, 600, 30), "cls": (0.1, 0.25, 25)}
SLOW_4G = {"offline": False, "latency": 562.5, "downloadThroughput": 1474.56 * 128, "uploadThroughput": 675 * 128}
WATCH = """
window.seen = {fcp: 0, lcp: 0, cls: 0, tasks: [], shifts: []};
const on = (type, tell) => new PerformanceObserver((list) => list.getEntries().forEach(tell))
  .observe({ type, buffered: true });
on("paint", (e) => { if (e.name === "first-contentful-paint") seen.fcp = e.startTime; });
on("largest-contentful-paint", (e) => { seen.lcp = e.startTime; });
on("layout-shift", (e) => { if (!e.hadRecentInput) seen.shifts.push([e.startTime, e.value]); });
on("longtask", (e) => { seen.tasks.push([e.startTime, e.duration]); });
"""
GOOD = """() => ({
  "a doctype": document.compatMode === "CSS1Compat",
  "UTF-8 is named": document.characterSet === "UTF-8",
  "a secure origin": window.isSecureContext,
  "a title and a language": !!document.title && !!document.documentElement.lang,
  "a viewport": !!document.querySelector("meta[name=viewport][content*=width]"),
  "pictures have sizes": [...document.images].every((one) => one.getAttribute("width") && one.getAttribute("height")),
  "pictures are loaded": [...document.images].every((one) => !one.complete || one.naturalWidth > 0),
  "pasting is allowed": [...document.querySelectorAll("input")].every((one) => !one.onpaste),
})"""


def closure(made: dict[str, Any], names: set[str]) -> set[str]:
    """The scripts behind these entries of a manifest, with all they import, at once or later."""
    todo, seen = list(names), set()
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += [*made[name].get("imports", []), *made[name].get("dynamicImports", [])]
    return {made[name]["file"] for name in seen}


def packed(folder: Path, files: set[str]) -> int:
    """Bytes of scripts, each compressed as a server sends it."""
    return sum(len(gzip.compress((folder / name).read_bytes(), 9)) for name in files if name.endswith(".js"))


def scripts() -> tuple[int, int]:
    """Bytes of the page with most JavaScript, and of the recorder with its worker."""
    web, recorder = ROOT / "web" / "dist", ROOT / "recorder" / "dist"
    made = json.loads((web / "manifest.json").read_text())
    asked = {}
    for template in (ROOT / "src" / "koumen").glob("*/templates/**/*.html"):
        found = set(re.findall(r'{% asset "(\w+)" %}', template.read_text()))
        if found:
            asked[template.name] = {f"src/{name}.ts" for name in found}
    every = asked.pop("_head.html")
    sizes = {"every page": packed(web, closure(made, every))}
    for name, entries in asked.items():
        other = {made[part]["file"] for part in NEVER_ON.get(name, ())}
        sizes[name] = packed(web, closure(made, every | entries) - other)
    for name, size in sorted(sizes.items(), key=lambda one: -one[1]):
        print(f"{size:7} bytes of JavaScript, compressed: {name}")
    made = json.loads((recorder / "manifest.json").read_text())
    app = packed(recorder, closure(made, {"src/main.ts"})) + packed(recorder, {"sw.js"})
    print(f"{app:7} bytes of JavaScript, compressed: the recorder with its worker")
    return max(sizes.values()), app


def score(value: float, p10: float, middle: float) -> float:
    """Lighthouse's log-normal curve: 0.9 at p10, 0.5 at the median."""
    if value <= 0:
        return 1.0
    standard = math.log(value / middle) * 0.9061938024368232 / -math.log(p10 / middle)
    return (1 - math.erf(standard)) / 2


def shifted(shifts: list[tuple[float, float]]) -> float:
    """Cumulative layout shift: the worst window of at most 5 s without a gap of 1 s."""
    worst = total = 0.0
    first = last = -1e9
    for at, value in shifts:
        if at - last > 1000 or at - first > 5000:
            first, total = at, 0.0
        last, total = at, total + value
        worst = max(worst, total)
    return worst


@dataclass
class Sight:
    """What was seen of one page once."""

    metrics: dict[str, float]
    accessible: float
    good: dict[str, bool]


def look(browser: Browser, address: str, cookies: list[Any], ready: str) -> Sight:
    """Open the address on a phone with an empty cache; `ready` is what must be on it in the end."""
    context: BrowserContext = browser.new_context(
        viewport={"width": 412, "height": 823}, device_scale_factor=1.75, is_mobile=True, has_touch=True,
        locale="zh-CN", timezone_id="Asia/Shanghai",
    )  # fmt: skip
    context.add_cookies(cookies)
    page = context.new_page()
    page.set_default_timeout(90_000)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    phone = context.new_cdp_session(page)
    outdated: list[Any] = []
    phone.on("Audits.issueAdded", lambda said: outdated.append(said) if "eprecat" in said["issue"]["code"] else None)
    for what, told in (
        ("Audits.enable", {}), ("Network.enable", {}), ("Network.emulateNetworkConditions", SLOW_4G),
        ("Emulation.setCPUThrottlingRate", {"rate": 4}),
    ):  # fmt: skip
        phone.send(what, told)
    page.add_init_script(WATCH)
    page.goto(address, wait_until="load")
    page.locator(ready).first.wait_for()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)
    seen = page.evaluate("seen")
    phone.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    late = [length - 50 for at, length in seen["tasks"] if length > 50 and at + length > seen["fcp"]]
    metrics = {"fcp": seen["fcp"], "lcp": seen["lcp"], "tbt": sum(late), "cls": shifted(seen["shifts"])}
    good = page.evaluate(GOOD) | {"a silent console": not complaints, "nothing outdated": not outdated}
    sight = Sight(metrics, _accessible(page), good)
    if complaints or outdated:
        print(f"  said by the browser: {complaints + outdated}")
    context.close()
    return sight


def _accessible(page: Page) -> float:
    page.evaluate((ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js").read_text())
    found = page.evaluate("axe.run()")
    for fault in found["violations"]:
        print(f"  axe: {fault['id']}: {[node['html'][:80] for node in fault['nodes']]}")
    return 100 * len(found["passes"]) / (len(found["passes"]) + len(found["violations"]))


def audit(browser: Browser, name: str, address: Callable[[], str], cookies: list[Any], ready: str) -> float:
    """Print a page's three scores; returns the lowest."""
    sights = [look(browser, address(), cookies, ready) for _run in range(RUNS)]
    seen = {key: median(one.metrics[key] for one in sights) for key in CURVES}
    weights = sum(weight for _p10, _middle, weight in CURVES.values())
    speed = 100 * sum(score(seen[k], p10, mid) * weight for k, (p10, mid, weight) in CURVES.items()) / weights
    good = sights[-1].good
    practice = 100 * sum(good.values()) / len(good)
    accessible = min(one.accessible for one in sights)
    print(f"{name}: performance {speed:.0f}, accessibility {accessible:.0f}, best practice {practice:.0f}; first paint "
          f"{seen['fcp']:.0f} ms, largest {seen['lcp']:.0f} ms, blocked {seen['tbt']:.0f} ms, shift {seen['cls']:.3f}"
          + "".join(f"; not: {what}" for what, holds in good.items() if not holds))  # fmt: skip
    return min(speed, accessible, practice)


def appointment(org: int) -> Appointment:
    """A family of the first class that is asked for a time, as its teacher asks."""
    account = Account.objects.get(username=class_of_50.teacher(0))
    actor = actor_for(account, class_of_50.SLUG)
    assert actor is not None
    with scope.enter(org):
        live = Appointment.objects.filter(visit__lead_id=actor.member_id, closed_at=None).first()
        if live is not None:
            return live
        soon = clock.now() + timedelta(days=3)
        return invite(Visit.objects.planned().filter(lead_id=actor.member_id, starts_at__gte=soon)[0], by=actor)


def letters(org: int) -> dict[str, list[str]]:
    """By what a family is asked: as many paths of its own as there are runs, for a link belongs to one device."""
    asked, by = appointment(org), actor_for(Account.objects.get(username=class_of_50.teacher(0)), class_of_50.SLUG)
    assert by is not None
    with scope.enter(org):
        own = VisitRecord.objects.filter(visit__lead_id=by.member_id or 0).select_related("visit")
        record = own.exclude(visit__feedback_request__is_answered=True).order_by("pk")[0]
        items = ["每天一起读书二十分钟", "周末带他去田里走走"]
        agreed = agreements.make_agreement(record, by=by, items=items, follow_up_on=None)
        feedback.ask_feedback(record, by=by, address=str)
        objects = {
            "appointment": (asked.visit, asked.pk, None),
            "agreement": (record.visit, agreed.pk, agreements.LASTS),
            "feedback": (record.visit, record.visit_id, feedback.LASTS),
        }
        return {
            purpose: [
                f"/l/{links.issue(purpose, person_id=guardian_of(visit), object_id=pk, lasts=lasts)}/"
                for _run in range(RUNS + 1)
            ]
            for purpose, (visit, pk, lasts) in objects.items()
        }


def guardian_of(visit: Visit) -> int:
    """The adult a visit's links go to."""
    return agreements.families_of(visit)[0].guardian_id


def main() -> int:
    """Weigh, look, print."""
    page, recorder = scripts()
    real_site.tables()
    org = class_of_50.build(anew=False)
    assert get_resolver().url_patterns  # the pages behind links are known
    token = real_site.session_of(class_of_50.teacher(0))
    sent = letters(org.pk)
    known = Client(SERVER_NAME="127.0.0.1")
    report = sent["feedback"].pop()  # the report is a second page: its device is known by then
    known.post(report + "open/")
    with real_site.serving() as port, sync_playwright() as playwright:
        site = f"http://127.0.0.1:{port}"

        chromium = next(path for path in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if path)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        signed_in = [{"name": settings.SESSION_COOKIE_NAME, "value": token, "url": site}]
        print(f"on a throttled phone, medians of {RUNS}; {real_site.load()}")
        scores = [
            audit(browser, "recorder", lambda: f"{site}/s/{class_of_50.SLUG}/recorder/", signed_in, "#recorder li")
        ]
        for name, paths in sent.items():
            own = iter(paths)
            scores.append(audit(browser, name, lambda own=own: site + next(own), [], ".choice"))  # type: ignore[misc]
        device = [{"name": one.key, "value": one.value, "url": site} for one in known.cookies.values()]
        scores.append(audit(browser, "report", lambda: f"{site}{report}?report=1", device, "textarea"))
        lowest = min(scores)
        browser.close()
    met = page <= PAGE and recorder <= RECORDER and lowest >= GOAL
    print(f"JavaScript: {page} of {PAGE} bytes a page, {recorder} of {RECORDER} in the recorder")
    print(f"weight: value {lowest:.0f} goal {GOAL} {'met' if met else 'short'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
