"""Templates, style sheets and scripts of the pages: every text is translatable, and every line can be reviewed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import nodes

from tests.conftest import REPO
from web import template_helpers

WEB = REPO / "web"
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
SHEETS = sorted((WEB / "static").glob("*.css"))
SCRIPTS = sorted((WEB / "static").glob("*.js"))
_NAMES = frozenset({"Rollcall", "Instagram", "TikTok", "YouTube"})
_SHOWN_ATTRIBUTES = frozenset({"alt", "aria-label", "placeholder", "title", "content"})
_OTHER_CALLS = frozenset({"_", "gettext", "ngettext", "asset"})
_PROSE = re.compile(r"(?!https:)(?![a-z -]*-)([A-Z]?[a-z]+'?[a-z]*[ .:,…]|[A-Z][a-z]+)")


class _Texts(HTMLParser):
    """Collects the texts of some HTML that a reader meets, those of attributes among them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("script", "style")
        if not (tag == "meta" and ("name", "description") not in attrs):
            self.found += [value or "" for name, value in attrs if name in _SHOWN_ATTRIBUTES]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.found.append(data)


def texts_of(html: str) -> list[str]:
    parser = _Texts()
    parser.feed(html)
    parser.close()
    return [text.strip() for text in parser.found if set(re.findall(r"[^\W\d_]+", text)) - _NAMES]


@pytest.fixture(scope="module")
def app() -> Flask:
    made = Flask("web")
    template_helpers.add_to(made)
    return made


def bare_texts(app: Flask, source: str) -> list[str]:
    """The texts of a template that do not go through `_`: in its HTML, and as strings that look like words."""
    tree = app.jinja_env.parse(source)
    written = texts_of("".join(_html(tree)))
    return written + [text for text in _strings(tree) if _PROSE.match(text) and text not in _NAMES]


def _html(node: nodes.Node) -> Iterator[str]:
    """The HTML of a template; the block `skip_to` is the id of an element."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Block) and child.name == "skip_to":
            continue
        if isinstance(child, nodes.TemplateData):
            yield child.data
        yield from _html(child)


def _strings(node: nodes.Node) -> Iterator[str]:
    """Strings that an expression may show, so none of calls that translate or name a file, of tests and of imports."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Call) and isinstance(child.node, nodes.Name) and child.node.name in _OTHER_CALLS:
            continue
        if isinstance(child, nodes.Compare | nodes.Extends | nodes.Include | nodes.FromImport | nodes.Keyword):
            continue
        if isinstance(child, nodes.Const) and isinstance(child.value, str):
            yield child.value
        yield from _strings(child)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_visible_text_of_a_template_is_translatable(app: Flask, path: Path) -> None:
    assert bare_texts(app, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "<p>Bare</p>",
        '<a title="Bare words">{{ x }}</a>',
        '<p>{{ "Bare" if x else y }}</p>',
        "<p>{% trans %}Marked{% endtrans %} bare</p>",
        '{% set names = {"a": "Bare words"} %}',
    ],
)
def test_a_bare_text_is_found(app: Flask, source: str) -> None:
    assert bare_texts(app, source)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_takes_its_texts_from_the_page(path: Path) -> None:
    """An error that only the console shows may be in English."""
    code = re.sub(r"^\s*//.*$|new Error\(.*\)", "", path.read_text(encoding="utf-8"), flags=re.M)
    strings = re.findall(r'"([^"\n]*)"|`([^`]*)`', code)
    words = [
        text for pair in strings for text in pair if re.match(r"[A-Z][a-z]+ [a-z]|[A-Z][a-z]+$|[a-z]+ [a-z]+ ", text)
    ]
    assert [text for text in words if text not in _KEYS] == []


_KEYS = frozenset({"Escape", "POST", "GET", "Accept"})


@pytest.mark.parametrize("path", [*TEMPLATES, *SHEETS], ids=lambda path: path.name)
def test_no_line_is_too_long_to_review(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [number for number, line in enumerate(lines, 1) if len(line) > 120] == []


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_a_style_sheet_has_one_declaration_a_line(path: Path) -> None:
    code = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
    crowded = [line for line in code.splitlines() if line.count(";") > 1 or re.search(r"[{;].*\S.*[;}]", line)]
    assert crowded == []


def test_one_module_gives_templates_their_helpers() -> None:
    """Whoever wants to know what a template may call reads `web/template_helpers.py`."""
    ways = re.compile(r"add_app_template|app_context_processor|context_processor|jinja_env")
    using = {path.name for path in WEB.rglob("*.py") if ways.search(path.read_text(encoding="utf-8"))}
    assert using == {"page_frame.py", "template_helpers.py", "translation.py"}
