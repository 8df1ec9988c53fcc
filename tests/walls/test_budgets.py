"""Budgets and habits of the code, counted."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILE_LIMIT, FILE_HARD = 300, 500
FUNCTION_LIMIT, FUNCTION_HARD = 40, 60
TEMPLATE_LIMIT = 150
# A share may stand between the limit and the hard limit, so that no file is split only to please a number.
OVER_SHARE = 0.03
INLINE = r"<style|style=\"|<script(?![^>]*(src=|application/json))|\son[a-z]+=\""
FORBIDDEN_NAMES = {"utils", "helpers", "common", "manager", "handler", "misc", "stuff"}


def tracked(*patterns: str) -> list[Path]:
    """Files of the project: tracked by git, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "--", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).exists()]


def ours() -> list[Path]:
    return [p for p in tracked("*.py") if "migrations" not in p.parts]


def functions(path: Path) -> Iterator[tuple[str, int, ast.AST]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or 0) - node.lineno + 1, node


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_files_are_short() -> None:
    sizes = {relative(p): len(p.read_text().splitlines()) for p in [*ours(), *tracked("*.ts", "*.css", "*.scss")]}
    assert {name: n for name, n in sizes.items() if n > FILE_HARD} == {}
    over = {name: n for name, n in sizes.items() if n > FILE_LIMIT}
    assert len(over) <= OVER_SHARE * len(sizes), over


def test_functions_are_short() -> None:
    sizes = [(relative(p), name, n) for p in ours() for name, n, _node in functions(p)]
    assert [s for s in sizes if s[2] > FUNCTION_HARD] == []
    over = [s for s in sizes if s[2] > FUNCTION_LIMIT]
    assert len(over) <= OVER_SHARE * len(sizes), over


def test_templates_are_short() -> None:
    long = {relative(p): n for p in tracked("*.html") if (n := len(p.read_text().splitlines())) > TEMPLATE_LIMIT}
    assert long == {}


def test_nothing_is_imported_inside_functions() -> None:
    inside = [
        f"{relative(p)}:{inner.lineno}"
        for p in ours()
        for _name, _n, node in functions(p)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert inside == []


def test_names_say_what_a_thing_is() -> None:
    vague = [
        relative(p)
        for p in tracked("src", "web", "tools", "tests")
        if set(re.split(r"[_.]", p.name.lower())) & FORBIDDEN_NAMES
    ]
    assert vague == []


@pytest.mark.parametrize(
    ("habit", "pattern", "where"),
    [
        ("no inline style or script in templates", INLINE, "*.html"),
        ("views never write a Q", r"\bQ\(", "src/koumen/*/views*"),
        ("the clock is core.clock", r"timezone\.now\(|datetime\.now\(|date\.today\(", "src/koumen/*.py"),
        ("nothing is left for later", r"\bTO" r"DO\b|\bFIX" r"ME\b|\bXX" r"X\b", "src"),
    ],
)  # fmt: skip
def test_habits(habit: str, pattern: str, where: str) -> None:
    allowed = {"src/koumen/core/clock.py"}
    found = [
        f"{relative(p)}:{i}"
        for p in tracked(where)
        if relative(p) not in allowed and p.suffix in {".py", ".html", ".ts"} and "planner" not in p.parts
        for i, line in enumerate(p.read_text().splitlines(), 1)
        if re.search(pattern, line)
    ]
    assert found == [], habit
