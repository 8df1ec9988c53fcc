"""W6: record forms as Word in one streamed zip, against docxtpl alone; and what they weigh in memory.

FORMS records of a school on a copy of the test template, every answer written, read and printed as the site does: zip
written piece by piece. docxtpl gets the same words ready in memory and a template of the same form, and zips the same
way: no database, no names of adults looked up, no log. Each does it in turn, RUNS times, by processor time of this
process; the medians count. Memory is the process's, looked at after every hundred forms: flat means that the last
hundred need no more than FLAT above the first hundred. A class's zip is then asked of a real server again and again.

    RUNS=3 make bench BENCH=forms
"""

import io
import os
import sys
import time
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from benchmarks import real_site  # noqa: E402, I001  (makes Django ready)
from benchmarks import class_of_50  # noqa: E402

import docxtpl  # noqa: E402

from koumen.core import clock, scope, word  # noqa: E402
from koumen.core.actor import Actor  # noqa: E402
from koumen.core.words import for_others  # noqa: E402
from koumen.registry.models import Account, SchoolClass, Staff, Student  # noqa: E402
from koumen.registry.queries.actors import actor_for  # noqa: E402
from koumen.visits.models import Visit, VisitRecord, VisitStaff, VisitStudent  # noqa: E402
from koumen.visits.queries.papers import last_day, to_print, with_papers  # noqa: E402
from koumen.visits.services import papers  # noqa: E402
from koumen.visits.services.entries import entry_at_hand  # noqa: E402

FORMS, RUNS = int(os.environ.get("FORMS", "1800")), int(os.environ.get("RUNS", "3"))
CLASS_ZIPS = 20
GOAL, FLAT = 1.2, 8 * 1_048_576
MARK = "forms-bench"
CONTENT = "孩子在家能主动做家务，周末帮爷爷喂鸡；晚上七点半开始写作业，写完自己整理书包。" * 3


def resident() -> int:
    """Bytes of memory this process holds now."""
    return memory_of(os.getpid())


def memory_of(process: int) -> int:
    """Bytes of memory a process holds now."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def build(org: int) -> None:
    """FORMS recorded visits of the school's children, a year back, with every answer; made once."""
    with scope.enter(org):
        missing = FORMS - Visit.objects.filter(record__fallback_reason=MARK).count()
        if missing <= 0:
            return
        companion = Staff.objects.filter(account_id=None).order_by("pk")[0]
        leads = {row.pk: row for row in Staff.objects.all()}
        posts = dict(Staff.objects.filter(roles__post="class_teacher").values_list("roles__school_class_id", "pk"))
        day = datetime.combine(clock.today() - timedelta(days=300), datetime.min.time(), clock.ZONE)
        visits, about, along, records = [], [], [], []
        for n, child in enumerate(Student.objects.select_related("school_class").order_by("pk")[:missing]):
            begins = day + timedelta(days=n % 90, hours=19)
            visit = Visit(id=uuid4(), household_id=child.household_id or 0, school_class_id=child.school_class_id or 0,
                          lead=leads[posts[child.school_class_id or 0]], state="recorded", starts_at=begins,
                          ends_at=begins + timedelta(minutes=40))  # fmt: skip
            visits.append(visit)
            about.append(VisitStudent(visit=visit, student=child))
            along.append(VisitStaff(visit=visit, staff=companion))
            records.append(VisitRecord(
                visit=visit, met_relation="52", also_met=["51"], recorded_by=visit.lead, recorded_at=begins,
                content_hash="x", topics=["study", "home"], purposes=["know", "listen"], content=f"{n}：{CONTENT}",
                family_words="谢谢老师专门跑这么远。", opinion="希望校车早十分钟到。", problem_categories=["D11"],
                problem="父母都在外地，晚上没人辅导作业。", measures=["study", "parenting"], materials=["letter"],
                next_step="每周三电话联系一次", satisfaction=5, reflection="多关注他的情绪。", fallback_reason=MARK,
            ))  # fmt: skip
        Visit.objects.bulk_create(visits, batch_size=500)
        VisitStudent.objects.bulk_create(about, batch_size=500)
        VisitStaff.objects.bulk_create(along, batch_size=500)
        VisitRecord.objects.bulk_create(records, batch_size=500)


def chosen() -> Any:
    """The visits that are printed."""
    rows = with_papers(Visit.objects.filter(record__fallback_reason=MARK))
    return rows.order_by("starts_at", "id")[:FORMS].iterator(chunk_size=50)


def write(pieces: Iterable[bytes], target: Path) -> tuple[float, list[int]]:
    """Write a zip as it comes. Processor seconds, and the memory after each hundred forms."""
    held, begun = [], time.process_time()
    with target.open("wb") as out:
        for number, piece in enumerate(pieces, 1):
            out.write(piece)
            if number % 100 == 0:
                held.append(resident())
    return time.process_time() - begun, held


def contexts(by: Actor) -> list[dict[str, Any]]:
    """The words of every form, ready in memory."""
    found = []
    with for_others():
        for visit in chosen():
            entry = entry_at_hand(visit.record)
            ties = [tie for child in entry.students for tie in child.guardianships.all()]
            said = papers._said(visit, entry, by.org.name, ties) | {"footer": papers.watermark(by)}
            found.append({name: docxtpl.Listing(text) for name, text in said.items()})
    return found


def template(folder: Path) -> Path:
    """The same form with docxtpl's marks where the words go."""
    document = word.page(width=210, height=297, margin=20)
    papers._form(document, {name: "{{ " + name + " }}" for name in (*papers.NAMES, "school")})
    word.footer(document, "{{ footer }}")
    path = folder / "form.docx"
    document.save(str(path))
    return path


def by_docxtpl(path: Path, said: list[dict[str, Any]]) -> Iterator[tuple[str, bytes]]:
    """What docxtpl makes of each."""
    for number, words in enumerate(said, 1):
        document, out = docxtpl.DocxTemplate(path), io.BytesIO()
        document.render(words, autoescape=True)
        document.save(out)
        yield f"{number:04d}.docx", out.getvalue()


def class_zips(port: int, session: str, pk: int, month: str, server: list[int]) -> list[int]:
    """Memory of the serving processes after each zip of a class asked over HTTP."""
    line = real_site.Line(port, session, class_of_50.SLUG)
    held: list[int] = []
    line.base = f"/s/{class_of_50.SLUG}/"
    for _again in range(CLASS_ZIPS):
        kind = "application/x-www-form-urlencoded"
        status, body = line.ask("POST", f"classes/{pk}/papers/", f"month={month}".encode(), kind)
        assert status == 200, (status, body[:300])
        assert zipfile.ZipFile(io.BytesIO(body)).testzip() is None
        held.append(sum(memory_of(process) for process in server))
    line.close()
    return held


def over_http(org: int) -> None:
    """Print how the server's memory goes while classes are printed."""
    account = class_of_50.teacher(0)
    with scope.enter(org):
        member = actor_for(Account.objects.get(username=account), class_of_50.SLUG)
        assert member is not None
        own = SchoolClass.objects.of_class_teacher(member.member_id).get()
        first = (clock.today() - timedelta(days=30)).replace(day=1)  # when `class_of_50` has its earlier visits
        count = to_print(own, first, last_day(first)).count()
    with real_site.serving() as port:
        server = real_site.processes_below(os.getpid())
        held = class_zips(port, real_site.session_of(account), own.pk, f"{first:%Y-%m}", server)
    megabytes = [round(one / 1_048_576) for one in held]
    print(f"a class's zip of {count} forms, {CLASS_ZIPS} times over HTTP: the server holds {megabytes[0]} MB after the "
          f"first, {megabytes[CLASS_ZIPS // 2]} in the middle, {megabytes[-1]} after the last")  # fmt: skip


def main() -> int:
    """Build, print both ways, compare."""
    real_site.tables()
    org = class_of_50.build(anew=False)
    build(org.pk)
    by = actor_for(Account.objects.get(username=class_of_50.teacher(0)), class_of_50.SLUG)
    assert by is not None
    ours: list[float] = []
    theirs: list[float] = []
    held: list[int] = []
    with TemporaryDirectory() as name, scope.enter(org.pk):
        folder = Path(name)
        form, said = template(folder), contexts(by)
        first = next(iter(papers.papers(islice(chosen(), 1), by=by)))
        assert CONTENT in word_text(first[1])
        assert CONTENT in word_text(next(by_docxtpl(form, said))[1])
        for _run in range(RUNS):
            took, seen = write(papers.zipped(papers.papers(chosen(), by=by)), folder / "ours.zip")
            ours.append(took)
            held = held or seen
            theirs.append(write(papers.zipped(by_docxtpl(form, said)), folder / "theirs.zip")[0])
        size = (folder / "ours.zip").stat().st_size
        assert len(zipfile.ZipFile(folder / "ours.zip").namelist()) == FORMS
    grown = held[-1] - held[0]
    print(f"{FORMS} forms: ours {median(ours):.2f} s, docxtpl {median(theirs):.2f} s of processor time; "
          f"{size / 1_048_576:.0f} MB; {real_site.load()}")  # fmt: skip
    print(f"memory: {held[0] / 1_048_576:.1f} MB after a hundred forms, {held[-1] / 1_048_576:.1f} after the last")
    over_http(org.pk)
    value = median(ours) / median(theirs)
    met = value <= GOAL and grown <= FLAT
    print(f"forms: value {value:.2f} goal {GOAL} {'met' if met else 'short'}")
    return 0 if met else 1


def word_text(content: bytes) -> str:
    """All words of a Word file's body."""
    return zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml").decode()


if __name__ == "__main__":
    sys.exit(main())
