"""The public face is what `__all__` lists, sorted, and nothing outside the planner is imported by it."""

import ast
from pathlib import Path

import koumen.planner


def test_every_listed_name_exists_and_the_list_has_no_doubles() -> None:
    listed = koumen.planner.__all__
    assert len(set(listed)) == len(listed)
    assert all(hasattr(koumen.planner, name) for name in listed)


def test_every_public_name_is_listed() -> None:
    tree = ast.parse(Path(koumen.planner.__file__).read_text("utf-8"))
    imported = {alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert imported == set(koumen.planner.__all__)


def test_the_planner_knows_nothing_of_the_site() -> None:
    for file in Path(koumen.planner.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                assert not name.startswith("django"), file
                assert not name.startswith("koumen") or name.startswith("koumen.planner"), file
