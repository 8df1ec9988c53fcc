"""Docs are held to the code."""

import re

from django.apps import apps
from tests.walls.test_budgets import ROOT, tracked
from tools import settings_page


def test_every_table_has_its_word_in_the_glossary() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text()
    ours = {m.__name__ for m in apps.get_models() if m.__module__.startswith("koumen.")}
    assert {name for name in ours if f"| {name} |" not in glossary} == set()


def test_every_app_stands_on_the_map() -> None:
    text = (ROOT / "docs" / "map.md").read_text()
    rooms = {p.name for p in (ROOT / "src" / "koumen").iterdir() if (p / "__init__.py").exists()}
    assert {room for room in rooms if f"`{room}/`" not in text} == set()


def test_recipes_have_at_most_five_steps() -> None:
    recipes = tracked("docs/recipes/*.md")
    assert len(recipes) >= 3
    for path in recipes:
        assert 1 <= len(re.findall(r"^\d\. ", path.read_text(), flags=re.M)) <= 5, path.name


def test_links_inside_the_docs_lead_somewhere() -> None:
    broken = [
        f"{path.name}: {target}"
        for path in tracked("*.md")
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", path.read_text())
        if not (path.parent / target).exists()
    ]
    assert broken == []


def test_the_settings_page_is_in_step() -> None:
    assert (ROOT / "docs" / "settings.md").read_text() == settings_page.page()
