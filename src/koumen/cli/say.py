"""How the command line speaks: whole Chinese sentences; progress on standard output, faults on standard error."""

import sys
from time import monotonic


class Stop(Exception):
    """The command cannot go on; the sentence says why and what to do. Exit code 1."""


def say(text: str) -> None:
    """One line, seen at once."""
    print(text, flush=True)


def warn(text: str) -> None:
    """One line on standard error."""
    print(text, file=sys.stderr, flush=True)


class Step:
    """`with Step("正在建库"):` prints what begins, and how long it took."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.begun = 0.0

    def __enter__(self) -> "Step":
        self.begun = monotonic()
        say(f"{self.what} …")
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            say(f"{self.what}，用时 {monotonic() - self.begun:.1f} 秒")


class Progress:
    """A line per tenth, so that a log file stays readable."""

    def __init__(self, what: str, total: int) -> None:
        self.what, self.total = what, max(total, 1)
        self.told = 0

    def at(self, done: int) -> None:
        """Tell that `done` of the total are done."""
        tenth = 10 * done // self.total
        if tenth > self.told:
            self.told = tenth
            say(f"{self.what}：{done}/{self.total}")
