"""The way of an upload: kept → read and checked (job) → shown → confirmed → applied (job) in one transaction."""

from collections import Counter
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from koumen.core import clock, files, jobs
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.models import StoredFile
from koumen.core.refusals import Conflict, Invalid
from koumen.registry import policies
from koumen.registry.models import ImportBatch, ImportLine, Student, StudentRow, Term
from koumen.registry.presets.categories import CATEGORIES
from koumen.registry.services.imports import difference, members, small, staging, students
from koumen.registry.services.imports.book import class_book, make_classes
from koumen.registry.services.imports.effects import Effect
from koumen.registry.services.imports.marked import marked
from koumen.registry.services.imports.siblings import offer_siblings
from koumen.registry.services.imports.watch import Watch
from koumen.registry.services.roster import Problem, StudentReader, Unreadable
from koumen.registry.services.roster.classnames import KnownClass
from koumen.registry.services.roster.reader import Findings
from koumen.registry.services.terms import ensure_year

LINES_SHOWN = 5_000  # wrong rows kept for the preview; the marked file has all
NOTES_SHOWN = 300
MARKED_FOR = timedelta(days=7)
LEAVING_LIMIT = 0.2  # a larger share of the school leaves only when confirmed twice
State = ImportBatch.State


@action("import.upload", may=policies.may_upload)
def upload(kind: str, *, by: Actor, file: StoredFile, add_classes: bool = False) -> ImportBatch:
    """Take in a file and have it checked in the background. `add_classes`: classes not there yet are made."""
    batch = ImportBatch.objects.create(
        kind=kind, file=file, uploaded_by=by.display_name, options={"add_classes": add_classes}
    )
    batch.job = jobs.start("registry.check_import", by=by, title=_("检查上传的名单"), batch_id=batch.pk)
    batch.save(update_fields=["job"])
    return batch


@action("import.check", may=policies.may_import)
def check(batch: ImportBatch, *, by: Actor, watch: Watch) -> ImportBatch:
    """Read the file, compare it with the registry and keep what it would do. A file that cannot be used is refused."""
    _one_at_a_time()
    try:
        with transaction.atomic():
            findings = _read(batch, by, watch)
    except Unreadable as refusal:
        batch.state, batch.message = State.REFUSED, str(refusal)
        batch.save(update_fields=["state", "message"])
        files.discard(batch.file)
        return batch
    _keep_findings(batch, findings)
    if findings.problems:
        watch.step(_("正在标出有误的单元格"))
        label = _("有误标注 %(name)s.xlsx") % {"name": batch.file.label.rsplit(".", 1)[0][:150]}
        chunks = marked(files.on_disk(batch.file), findings.problems, each=watch.rows)
        batch.marked_file = files.keep(
            chunks, purpose="marked", label=label, content_type=files.TYPE_OF["xlsx"], limit=100 * files.MEGABYTE,
            lasts=MARKED_FOR,
        )  # fmt: skip
    batch.state = State.CHECKED
    batch.save()
    return batch


def _read(batch: ImportBatch, by: Actor, watch: Watch) -> Findings:
    source = files.on_disk(batch.file)
    if batch.kind == ImportBatch.Kind.STUDENTS:
        return _check_students(batch, source, watch)
    effects, findings = small.read(batch, source, by=by)
    _keep_effects(batch, effects, findings)
    return findings


def _check_students(batch: ImportBatch, source: Any, watch: Watch) -> Findings:
    book = class_book(batch.org, may_add=bool(batch.options.get("add_classes")))
    today = clock.today()
    reader = StudentReader(today=today, classes=book)
    staging.open_table()
    staging.stage(reader.read(source), batch, each=lambda n: watch.rows(n, _("正在检查第 %(n)d 行") % {"n": n}))
    watch.step(_("正在与已有名单比较"))
    reader.findings.problems += difference.match()
    counts = difference.compare(today=today, until=_until(today))
    difference.write_lines(batch, left=not reader.findings.problems)
    staging.keep()
    batch.counts = asdict(counts) | {"new_classes": [asdict(k) for k in book.added.values()]}
    return reader.findings


def _keep_effects(batch: ImportBatch, effects: list[Effect], findings: Findings) -> None:
    counted = Counter(effect.change for effect in effects)
    batch.counts = {change: counted[change] for change in ("new", "changed", "moved", "same", "left")}
    ImportLine.objects.bulk_create(
        [
            ImportLine(
                batch=batch, sheet=e.sheet[:60], row=e.row, change=e.change, label=e.label[:80], changes=e.changes
            )
            for e in effects
            if e.change != "same"
        ],
        batch_size=1_000,
    )


def _keep_findings(batch: ImportBatch, findings: Findings) -> None:
    rows: dict[tuple[str, int], list[Problem]] = {}
    for problem in findings.problems:
        rows.setdefault((problem.sheet, problem.row), []).append(problem)
    batch.counts |= {
        "error": len(rows), "problems": len(findings.problems), "rows": findings.rows,
        "on_roll": Student.objects.enrolled().count() if batch.kind == ImportBatch.Kind.STUDENTS else 0,
    }  # fmt: skip
    batch.dropped_columns, batch.unknown_columns = findings.dropped[:200], findings.unknown[:200]
    batch.notes = [asdict(note) for note in findings.notes[:NOTES_SHOWN]]
    ImportLine.objects.bulk_create(
        [
            ImportLine(
                batch=batch, sheet=sheet[:60], row=row, change=ImportLine.Change.ERROR,
                problems=[
                    {"cell": p.cell, "column": p.column[:60], "value": p.shown, "allowed": p.allowed[:500]}
                    for p in found
                ],
            )
            for (sheet, row), found in list(rows.items())[:LINES_SHOWN]
        ],
        batch_size=1_000,
    )  # fmt: skip


@action("import.confirm", may=policies.may_import)
def confirm(
    batch: ImportBatch, *, by: Actor, partly: bool = False, leave: bool = False, leave_many: bool = False
) -> ImportBatch:
    """Have a checked file applied in the background.

    `partly`: apply the correct rows although others are wrong. `leave`: children who are not in the file have left the
    school; `leave_many` says so again when they are more than a fifth. Raises Invalid or Conflict.
    """
    broken_off = batch.state == State.APPLYING and batch.job is not None and batch.job.is_over
    if batch.state != State.CHECKED and not broken_off:
        raise Conflict(_("这份名单已经处理过了，请回到导入记录查看。"))
    counts = batch.counts
    if counts["error"] and not partly:
        raise Invalid(_("还有 %(n)d 行有误。请改正后重新上传，或选择“只导入无误的行”。") % {"n": counts["error"]})
    if not counts["new"] + counts["changed"] + counts["moved"] + counts["same"]:
        raise Invalid(_("没有可以导入的行。"))
    if leave and counts["error"]:
        raise Invalid(_("名单里还有错误，不能把不在名单的学生视为转出；请先改正。"))
    if leave and counts["left"] > LEAVING_LIMIT * counts["on_roll"] and not leave_many:
        raise Invalid(
            _("将有 %(left)d 名学生视为转出，超过在读学生的五分之一。如果确实如此，请同时勾选“确认大量转出”。")
            % {"left": counts["left"]}
        )
    batch.options = batch.options | {"leave": leave}
    batch.state = State.APPLYING
    batch.job = jobs.start("registry.apply_import", by=by, title=_("导入名单"), batch_id=batch.pk)
    batch.save(update_fields=["options", "state", "job"])
    return batch


@action("import.discard", may=policies.may_import)
def discard(batch: ImportBatch, *, by: Actor) -> ImportBatch:
    """Throw an upload away; nothing of it was applied. Raises Conflict while or after it is applied."""
    if batch.state not in {State.CHECKED, State.REFUSED, State.READING}:
        raise Conflict(_("这份名单正在导入或已经导入，不能取消。"))
    if batch.job and not batch.job.is_over:
        jobs.cancel(batch.job)
    batch.state = State.CANCELLED
    batch.save(update_fields=["state"])
    _clear(batch)
    return batch


@action("import.apply", may=policies.may_import)
def apply(batch: ImportBatch, *, by: Actor, watch: Watch) -> ImportBatch:
    """Carry out what was confirmed, all or nothing. Raises Conflict when the registry changed since the check."""
    if batch.state != State.APPLYING:
        raise Conflict(_("这份名单还没有确认，或已经导入。"))
    _one_at_a_time()
    if batch.kind == ImportBatch.Kind.STUDENTS:
        _apply_students(batch, watch)
    else:
        effects, _findings = small.read(batch, files.on_disk(batch.file), by=by)
        counted = Counter(effect.change for effect in effects)
        _still_true(batch, {change: counted[change] for change in ("new", "changed", "same")})
        small.apply(effects)
        if batch.kind == ImportBatch.Kind.PLACES:
            batch.counts["settled"] = small.settle_homes()
    batch.state, batch.applied_at = State.APPLIED, clock.now()
    batch.save()
    _clear(batch)
    return batch


def _apply_students(batch: ImportBatch, watch: Watch) -> None:
    today = clock.today()
    watch.step(_("正在核对"), 1, 6)
    first = not Student.objects.exists()
    since = min(today, ensure_year(today).starts) if first else today
    wanted = [KnownClass(**k) for k in batch.counts.get("new_classes", [])]
    staging.open_table()
    staging.fetch_back(batch, make_classes(wanted))
    until = _until(today)
    difference.match()
    counts = difference.compare(today=today, until=until, number=True)
    _still_true(batch, {"new": counts.new, "changed": counts.changed, "moved": counts.moved})
    changes = bool(counts.changed or counts.moved)
    watch.step(_("正在写入学生和家庭"), 2, 6)
    students.write_children(today=today, since=since, changes=changes)
    watch.step(_("正在写入家长"), 3, 6)
    members.write_members(today=today, since=since, changes=changes)
    watch.step(_("正在写入重点类别"), 4, 6)
    codes = {code: category.sensitivity for code, category in CATEGORIES.items()}
    students.write_flags(codes, today=today, until=until, reason=_("学籍信息"))
    if batch.options.get("leave"):
        students.let_leave(today=today)
    watch.step(_("正在寻找兄弟姐妹"), 5, 6)
    batch.counts["siblings"] = offer_siblings()
    watch.step(_("正在收尾"), 6, 6)


def _still_true(batch: ImportBatch, counts: dict[str, int]) -> None:
    if any(batch.counts[change] != number for change, number in counts.items()):
        raise Conflict(_("检查之后，系统里的名单又有了变动。请重新上传这份文件，核对后再确认。"))


def _until(today: date) -> date:
    """The day up to which imported categories hold: the end of the term."""
    term = Term.objects.filter(starts__lte=today, ends__gte=today).first()
    return term.ends if term else today + timedelta(days=180)


def _clear(batch: ImportBatch) -> None:
    """Rows and the uploaded file are not kept longer than needed."""
    StudentRow.objects.filter(batch=batch).delete()
    files.discard(batch.file)


def _one_at_a_time() -> None:
    """Imports of one school follow one another."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('koumen.import'), current_setting('koumen.org')::int)")


def settle(batch: ImportBatch, state: str) -> None:
    """Where an upload stands after its job was stopped or refused. Part of the job's end."""
    batch.state = state
    batch.save(update_fields=["state"])
    if state == State.CANCELLED:
        _clear(batch)


def purge(older_than: timedelta) -> int:
    """Throw away uploads nobody confirmed. Returns how many. Run daily in each org's scope."""
    old = ImportBatch.objects.filter(
        state__in=(State.CHECKED, State.READING, State.REFUSED), created_at__lt=clock.now() - older_than
    ).select_related("file")
    for batch in old:
        batch.state = State.CANCELLED
        batch.save(update_fields=["state"])
        _clear(batch)
    return len(old)
