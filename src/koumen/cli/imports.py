"""`koumen import`: one roster into one school, checked like an upload; applied only with --confirm."""

import argparse
from pathlib import Path

from django.db.models import QuerySet

from koumen.cli.county.bring import withdraw
from koumen.cli.operator import find_org, operator
from koumen.cli.say import Step, Stop, say, warn
from koumen.core import clock, files, scope
from koumen.core.actor import Actor
from koumen.core.models import Job
from koumen.registry.models import ImportBatch, ImportLine, Org
from koumen.registry.services.imports import batches
from koumen.registry.services.imports.watch import Watch

LARGEST = 100 * files.MEGABYTE
SHOWN = 20
COUNTS = (
    ("new", "新增"),
    ("changed", "变更"),
    ("moved", "换班"),
    ("same", "不变"),
    ("left", "不在名单"),
    ("error", "有误"),
)
State = ImportBatch.State


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `koumen import`."""
    parser.add_argument(
        "kind", choices=ImportBatch.Kind.values, help="students 学生、staff 教职工、classes 班级、places 村组"
    )
    parser.add_argument("file", type=Path, help="xlsx、xls 或 csv 文件")
    parser.add_argument("--org", required=True, help="学校的短名（网址 /s/ 后面的一段）")
    parser.add_argument("--add-classes", action="store_true", help="名单里有而学校没有的班级，自动新建")
    parser.add_argument("--confirm", action="store_true", help="检查之后就导入；不加只检查，什么也不留下")
    parser.add_argument("--partly", action="store_true", help="有误的行跳过，只导入无误的行")
    parser.add_argument("--leave", action="store_true", help="不在名单的学生视为转出")
    parser.add_argument("--marked", type=Path, help="把标出错误的 Excel 写到这里")


def run(options: argparse.Namespace) -> int:
    """0 when everything was right (and applied, if asked); 1 when rows were wrong or the file was refused."""
    org = find_org(options.org)
    by = operator(org, "moral_office" if options.kind == "students" else "system_admin")
    if not options.file.is_file():
        raise Stop(f"找不到文件：{options.file}")
    with Step(f"检查{options.file.name}"), scope.enter(org.pk):
        batch = _check(options, by)
    if batch.state == State.REFUSED:
        raise Stop(batch.message)
    with scope.enter(org.pk):
        _tell(batch)
        if options.marked and batch.marked_file:
            options.marked.write_bytes(files.on_disk(batch.marked_file).read_bytes())
            say(f"标出错误的文件：{options.marked}")
    try:
        if options.confirm:
            _apply(org, batch, options, by)
        else:
            say("只检查，没有导入。加 --confirm 才写入。")
    finally:
        with scope.enter(org.pk):
            left = ImportBatch.objects.select_related("file").get(pk=batch.pk)
            if left.state == State.CHECKED:
                batches.discard(left, by=by)
    return 1 if batch.counts["error"] else 0


def _check(options: argparse.Namespace, by: Actor) -> ImportBatch:
    with options.file.open("rb") as stream:
        chunks = iter(lambda: stream.read(files.MEGABYTE), b"")
        file = files.keep(
            chunks, purpose="import", label=options.file.name, content_type="application/octet-stream", limit=LARGEST
        )
    batch = batches.upload(options.kind, by=by, file=file, add_classes=options.add_classes)
    _close(batch.job)
    return batches.check(batch, by=by, watch=Watch())


def _apply(org: Org, batch: ImportBatch, options: argparse.Namespace, by: Actor) -> None:
    with Step("导入"), scope.enter(org.pk):
        confirmed = batches.confirm(batch, by=by, partly=options.partly, leave=options.leave)
        _close(confirmed.job)
        batches.apply(confirmed, by=by, watch=Watch())
        if confirmed.counts.get("siblings"):
            say(f"新发现 {confirmed.counts['siblings']} 对可能是一家的孩子，请在网页上确认。")


def _close(job: Job | None) -> None:
    """The work is done here: no worker need do it."""
    assert job is not None
    withdraw(job)
    job.state, job.ended_at = Job.State.DONE, clock.now()
    job.save(update_fields=["state", "ended_at"])


def _tell(batch: ImportBatch) -> None:
    counts = batch.counts
    say("，".join(f"{label} {counts[key]}" for key, label in COUNTS if counts.get(key)) or "没有可以导入的行")
    if counts.get("new_classes"):
        say("新建班级：" + "、".join(one["name"] for one in counts["new_classes"]))
    if batch.dropped_columns:
        say("按规定不保留的列：" + "、".join(batch.dropped_columns))
    if batch.unknown_columns:
        say("不认识的列：" + "、".join(batch.unknown_columns))
    wrong: QuerySet[ImportLine] = ImportLine.objects.filter(batch=batch, change="error").order_by("sheet", "row")
    for line in wrong[:SHOWN]:
        for problem in line.problems:
            warn(f"  {line.sheet} {problem['cell']} {problem['column']}：{problem['value']} —— {problem['allowed']}")
    if counts["error"] > SHOWN:
        warn(f"  还有 {counts['error'] - SHOWN} 行有误；用 --marked 文件.xlsx 得到全部。")
