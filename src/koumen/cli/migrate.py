"""`koumen migrate`: the tables as this version wants them, and the wall on every one of them."""

import argparse

from django.core.management import call_command

from koumen.cli.data import is_migrated, note_migrated
from koumen.cli.say import Step, say


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `koumen migrate`."""
    parser.add_argument("--force", action="store_true", help="表结构没有变化时也重新执行")


def run(options: argparse.Namespace) -> int:
    """Migrate as the owner, put on rights and row-level security, and remember that it was done."""
    if is_migrated() and not options.force:
        say("表结构已是最新。")
        return 0
    with Step("正在建表、升级表结构"):
        call_command("migrate", verbosity=0)
        note_migrated()
    return 0
