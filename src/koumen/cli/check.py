"""`koumen check`: is the site as safe and whole as it should be? A line per question; 1 when one is answered no."""

import argparse
from collections.abc import Callable, Iterator
from typing import Any

from django.core.checks import ERROR, run_checks
from django.db import connection, connections

from koumen.cli.data import is_migrated
from koumen.cli.say import say
from koumen.core import audit, jobs, rls, scope
from koumen.registry.models import Org

Findings = Iterator[str]


def arguments(parser: argparse.ArgumentParser) -> None:
    """`koumen check` has no options."""


def run(options: argparse.Namespace) -> int:
    """Ask every question, also after a no."""
    bad = 0
    for text, question in QUESTIONS.items():
        found = list(question())
        say(f"{'✗' if found else '✓'} {text}" + "".join(f"\n    {line}" for line in found[:20]))
        bad += bool(found)
    return 1 if bad else 0


def _rows(query: str, params: list[Any] | None = None, alias: str = "default") -> list[tuple[object, ...]]:
    with connections[alias].cursor() as cursor:
        cursor.execute(query, params or [])
        return list(cursor.fetchall())


def _settings() -> Findings:
    yield from (str(m) for m in run_checks() if m.level >= ERROR)


def _schema() -> Findings:
    if not is_migrated():
        yield "请运行 koumen migrate"


def _role() -> Findings:
    rows = _rows("SELECT rolname FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls)")
    yield from (f"应用角色 {name} 权限过大" for (name,) in rows)


def _walls() -> Findings:
    query = (
        "SELECT t FROM unnest(%s::text[]) t LEFT JOIN pg_class c ON c.relname = t AND c.relnamespace ="
        " 'public'::regnamespace WHERE c.oid IS NULL OR NOT c.relrowsecurity OR"
        " NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)"
    )
    yield from (f"表 {table} 没有行级安全" for (table,) in _rows(query, [rls.walled_tables()]))


def _rights() -> Findings:
    query = (
        "SELECT t FROM unnest(%s::text[]) t WHERE has_table_privilege(current_user, t, 'UPDATE')"
        " OR has_table_privilege(current_user, t, 'DELETE')"
    )
    yield from (f"表 {table} 应只能追加" for (table,) in _rows(query, [rls.append_only_tables()]))


def _chains() -> Findings:
    for org in Org.objects.order_by("pk"):
        with scope.enter(org.pk):
            for broken in audit.broken_links():
                yield f"{org.name}：第 {broken.chain} 链在第 {broken.seq} 条断开"


def _partitions() -> Findings:
    _rows("SELECT koumen_audit_partitions(3)")
    waiting = _rows(
        "SELECT 1 FROM generate_series(0, 3) m WHERE to_regclass('core_auditentry_' ||"
        " to_char(date_trunc('month', now()) + make_interval(months => m::int), 'YYYY_MM')) IS NULL"
    )
    if waiting:
        yield f"缺 {len(waiting)} 个月的日志分区"


def _stalled() -> Findings:
    query = (
        "SELECT j.id, j.task_name FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id"
        " WHERE j.status = 'doing' AND (w.id IS NULL OR w.last_heartbeat < now() - make_interval(secs => %s))"
    )
    yield from (f"任务 {pk}（{name}）停住了" for pk, name in _rows(query, [jobs.STALLED_AFTER]))
    connection.close()


QUESTIONS: dict[str, Callable[[], Findings]] = {
    "设置与系统检查": _settings,
    "表结构与程序一致": _schema,
    "应用角色受行级安全约束": _role,
    "每张学校数据表都有行级安全": _walls,
    "操作日志只能追加": _rights,
    "操作日志的哈希链完整": _chains,
    "日志分区已提前建好": _partitions,
    "没有停住的后台任务": _stalled,
}
