"""`koumen report`: a school's month as the forms the bureau asks for, Excel and Word."""

import argparse
from datetime import date
from pathlib import Path

from koumen.cli.operator import find_org, operator
from koumen.cli.say import Stop, say
from koumen.core import audit, scope
from koumen.reporting.queries.monthly import sheet_1, sheet_2
from koumen.reporting.services.excel import workbook
from koumen.reporting.services.wordtable import document


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `koumen report`."""
    parser.add_argument("--org", required=True, help="学校的短名（网址 /s/ 后面的一段）")
    parser.add_argument("--month", required=True, type=month, help="月份，如 2026-10")
    parser.add_argument("--out", type=Path, default=Path(), help="写到哪个文件夹，默认当前文件夹")


def month(text: str) -> date:
    """2026-10 → its first day. Raises ArgumentTypeError."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise argparse.ArgumentTypeError("月份请写成 2026-10") from None


def run(options: argparse.Namespace) -> int:
    """Write both files and say where they are; the log notes it like a download."""
    org = find_org(options.org)
    if org.is_bureau:
        raise Stop("这是教育局；请给学校的短名。各校汇总在网页的“各校数据”。")
    by = operator(org, "moral_office")
    options.out.mkdir(parents=True, exist_ok=True)
    with scope.enter(org.pk):
        sheets = (sheet_1(options.month), sheet_2(options.month))
        for kind, make in (("xlsx", workbook), ("docx", document)):
            path = options.out / f"{org.name}家访月统计表{options.month:%Y-%m}.{kind}"
            path.write_bytes(make(sheets, by=by))
            audit.write(by, "month.export", kind="read", reason=f"{kind} {options.month:%Y-%m}")
            say(str(path))
    return 0
