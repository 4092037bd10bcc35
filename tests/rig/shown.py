"""The text that a person reads, taken out of templates, Python code, scripts and documents."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from jinja2 import Environment, nodes

from tests.conftest import REPO

_READ_ALOUD = re.compile(r"""\b(?:title|aria-label|alt|placeholder|content|label)="([^"]*)\"""")
_TAG = re.compile(r"<[^>]*>")
_SQL = re.compile(r"\s*(?:select|insert|update|delete|with|create|alter|set|copy|analyze|drop|listen|notify)\b")
_IN_SCRIPT = re.compile(r"""//[^\n]*|"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|`([^`]*)`""")
_CODE = re.compile(r"^```.*?^```|^ {4}\S[^\n]*$|`[^`\n]*`|\]\([^)\s]*\)", re.M | re.S)
_COMMANDS = ("command", "group")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Shown:
    """One piece of text, and the file that has it."""

    place: str
    text: str


def everything() -> Iterator[Shown]:
    """Yields every text of the product that a person reads: pages, messages, commands, scripts, documents."""
    for path in sorted((REPO / "web" / "templates").rglob("*.html")):
        yield from _of(path, template(path.read_text(encoding="utf-8")))
    folders = ("cli", "web", "shared", "worker", "sandbox/demo")
    for path in [REPO / "rollcall.py", *(path for name in folders for path in sorted((REPO / name).rglob("*.py")))]:
        yield from _of(path, python(path.read_text(encoding="utf-8")))
    for path in sorted((REPO / "web" / "static").glob("*.js")):
        yield from _of(path, script(path.read_text(encoding="utf-8")))
    for path in [REPO / ".env.example", *sorted(REPO.glob("*.md")), *sorted((REPO / "docs").rglob("*.md"))]:
        yield from _of(path, [_CODE.sub(" ", path.read_text(encoding="utf-8"))])


def template(source: str) -> list[str]:
    """Returns the visible text of a Jinja template: between tags, in attributes that are read aloud, in expressions."""
    tree = Environment(extensions=["jinja2.ext.do", "jinja2.ext.i18n"]).parse(source)
    markup = "…".join(piece.data for piece in tree.find_all(nodes.TemplateData))
    said = [each.value for each in tree.find_all(nodes.Const) if isinstance(each.value, str)]
    return [unescape(_TAG.sub(" ", markup)), *map(unescape, _READ_ALOUD.findall(markup)), *said]


def python(source: str) -> list[str]:
    """Returns the sentences among a module's strings; the docstring of a command counts, any other does not."""
    tree = ast.parse(source)
    docs = _docstrings(tree)
    said = [_joined(node) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            said.append(node.value)
    return [text for text in said if _is_sentence(text)]


def script(source: str) -> list[str]:
    """Returns the strings of a script that have more than one word."""
    return [text for found in _IN_SCRIPT.findall(source) for text in found if " " in text]


def _of(path: Path, texts: list[str]) -> Iterator[Shown]:
    place = str(path.relative_to(REPO))
    return (Shown(place, " ".join(text.split())) for text in texts)


def _docstrings(tree: ast.Module) -> set[int]:
    """The ids of the strings that stand alone, as documentation does; the help of a command is shown."""
    commands = {id(node.body[0]) for node in ast.walk(tree) if isinstance(node, _FUNCTIONS) and _is_command(node)}
    alone = (node for node in ast.walk(tree) if isinstance(node, ast.Expr) and id(node) not in commands)
    return {id(node.value) for node in alone}


def _is_command(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    called = (part.func for part in node.decorator_list if isinstance(part, ast.Call))
    return any(isinstance(name, ast.Attribute) and name.attr in _COMMANDS for name in called)


def _joined(node: ast.JoinedStr) -> str:
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)


def _is_sentence(text: str) -> bool:
    return (" " in text or text[:1].isupper()) and not _SQL.match(text)
