"""Every string a person reads goes through gettext, and the English catalogue is complete."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages import Catalog
from tests.walls.test_budgets import relative, tracked
from tools import messages

CJK = re.compile(r"[\u4e00-\u9fff]")
# Chinese that is data, not interface: codes and values of standards, the demo's rosters, the planner's own sentences
# (which come with a code that the site translates), what gives a person away in a Chinese text, words of XLSForm files.
DATA = (
    "/presets/", "/planner/", "/cli/", "/migrations/", "/roster/", "/identifiers.py", "/xlsform/", "tests/", "tools/",
    "benchmarks/",
)  # fmt: skip
APPS = {app.name: app for app in messages.apps()}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}")


@pytest.mark.parametrize("name", APPS)
def test_the_english_catalogue_is_complete(name: str) -> None:
    assert messages.missing(APPS[name]) == []


@pytest.mark.parametrize("name", APPS)
def test_placeholders_survive_translation(name: str) -> None:
    catalogue: Catalog = messages.load(APPS[name])
    for entry in catalogue:
        if not entry.id:
            continue
        source = entry.id if isinstance(entry.id, str) else entry.id[0]
        target = entry.string if isinstance(entry.string, str) else (entry.string or [""])[0]
        assert set(PLACEHOLDER.findall(source)) == set(PLACEHOLDER.findall(target)), source


def test_one_message_has_one_translation_in_all_apps() -> None:
    """Django merges the catalogues: of two different translations one would silently never be seen."""
    said: dict[str, set[str]] = {}
    for app in APPS.values():
        for entry in messages.load(app):
            said.setdefault(str(entry.id), set()).add(str(entry.string))
    assert {source: texts for source, texts in said.items() if source and len(texts) > 1} == {}


def test_templates_say_nothing_outside_gettext() -> None:
    bare = []
    for path in tracked("src/*.html"):
        text = path.read_text()
        text = re.sub(r"{%\s*comment.*?endcomment\s*%}|{#.*?#}|<!--.*?-->", "", text, flags=re.S)
        text = re.sub(r"{%\s*blocktrans(late)?\b.*?{%\s*endblocktrans(late)?\s*%}", "", text, flags=re.S)
        text = re.sub(r"{%\s*trans(late)?\b.*?%}|_\(\"[^\"]*\"\)|_\('[^']*'\)", "", text, flags=re.S)
        bare += [f"{relative(path)}: {line.strip()[:60]}" for line in text.splitlines() if CJK.search(line)]
    assert bare == []


def _outside_gettext(path: Path) -> list[int]:
    tree = ast.parse(path.read_text())
    wrapped: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in messages.CALLS:
            wrapped.update(id(inner) for inner in ast.walk(node))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            wrapped.add(id(node.value))  # a docstring
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CJK.search(node.value)
        if id(node) not in wrapped
    ]


def test_python_says_nothing_outside_gettext() -> None:
    bare = [
        f"{relative(p)}:{line}"
        for p in tracked("src/*.py")
        if not any(part in relative(p) for part in DATA)
        for line in _outside_gettext(p)
    ]
    assert bare == []


def test_scripts_say_nothing_themselves() -> None:
    bare = [
        f"{relative(p)}:{i}"
        for p in tracked("web/src/*.ts")
        for i, line in enumerate(p.read_text().splitlines(), 1)
        if CJK.search(re.sub(r"//.*|/\*.*?\*/", "", line))
    ]
    assert bare == []


def test_a_template_and_a_call_are_read_as_gettext_would() -> None:
    template = '{% translate "今天" %}{% blocktranslate trimmed with n=x %}\n  还有 {{ n }} 户\n{% endblocktranslate %}'
    assert set(messages.in_template(template)) == {"今天", "还有 %(n)s 户"}
    assert set(messages.in_python("x = _('家访'); y = ngettext('一户', '多户', 2); z = other('不')")) == {
        "家访",
        ("一户", "多户"),
    }
