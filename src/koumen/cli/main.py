"""The command `koumen`: finds the command, makes Django ready when it is needed, and turns faults into sentences."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import import_module

import django
from django.core.exceptions import ImproperlyConfigured
from django.db.utils import OperationalError, ProgrammingError

from koumen.cli.data import database_running
from koumen.cli.say import Stop, warn
from koumen.config.env import SettingsError
from koumen.core.refusals import Refusal


@dataclass(frozen=True)
class Command:
    """A module of this package with `arguments(parser)` and `run(options)`, and what must be ready before it runs.

    The module is loaded only when its command is asked for: most of them load the models.
    """

    module: str
    text: str
    django: bool = True
    database: bool = False


COMMANDS = {
    "up": Command("up", "启动整个站点:数据库、网页和后台任务", django=False),
    "serve": Command("serve", "只启动网页服务", django=False),
    "worker": Command("worker", "只启动后台任务"),
    "migrate": Command("migrate", "建库、升级表结构并设置权限", database=True),
    "demo": Command("demo", "建立演示县:名单经导入功能进入系统,并有一个月的家访", database=True),
    "import": Command("imports", "把一份名单导入一所学校", database=True),
    "plan": Command("plan", "不用站点,直接由名单文件排出家访日程", django=False),
    "plan-county": Command("plan_county", "给一个县(区)所有学校的家访活动排程", database=True),
    "report": Command("report", "输出一所学校的月统计表", database=True),
    "backup": Command("backup", "把数据库和文件备份成一个文件", database=True),
    "restore": Command("restore", "由备份文件恢复", database=True),
    "check": Command("check", "检查设置、权限、日志链和后台任务", database=True),
    "rotate-keys": Command("rotate", "用最新的密钥重新加密", database=True),
}


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; only the chosen command's module is loaded."""
    parser = argparse.ArgumentParser(prog="koumen", description="叩门:家访与家校共育平台")
    found = parser.add_subparsers(dest="command", metavar="命令", required=True)
    asked = list(sys.argv[1:] if arguments is None else arguments)
    name = next((word for word in asked if not word.startswith("-")), "")
    for one, command in COMMANDS.items():
        sub = found.add_parser(one, help=command.text, description=command.text)
        if one == name:
            prepare(command)
            module = import_module(f"koumen.cli.{command.module}")
            module.arguments(sub)
            sub.set_defaults(run=module.run)
    return parser.parse_args(asked)


def prepare(command: Command) -> None:
    """Make Django ready when the command needs it. Raises SettingsError."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "koumen.config.settings")
    if command.django:
        django.setup()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. 0 when it did what it was asked; 1 with one sentence on standard error when not."""
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)  # also when a shell started us in the background, where it is ignored
    try:
        options = parse(arguments)
        with ExitStack() as stack:
            if COMMANDS[options.command].database:
                stack.enter_context(database_running())
            return int(options.run(options) or 0)
    except KeyboardInterrupt:
        warn("已中断。")
        return 130
    except (Stop, Refusal, SettingsError) as fault:
        warn(str(fault))
    except (OperationalError, ProgrammingError, ImproperlyConfigured) as fault:
        warn(f"数据库用不了:{fault}".strip())
        warn("请先运行 koumen migrate;用外部数据库时请检查 DATABASE_URL。")
    except OSError as fault:
        warn(f"文件读写出错:{fault}")
    return 1


def _leave(number: int, frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
