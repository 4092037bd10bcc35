"""The `.sql` files of the store: each belongs to a module that uses its statements, and long statements are in them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPO

STORE = REPO / "shared" / "store"
FILES = sorted(STORE.rglob("*.sql"))
LONG = 15


def held(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Each statement that a module takes, and the constant or the key that holds it."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign([ast.Name(id=holder)], value) | ast.keyword(arg=str(holder), value=value):
                match value:
                    case ast.Call(ast.Name(id="named"), [ast.Constant(str(name))]):
                        yield name, holder


def used(tree: ast.Module) -> set[str]:
    """The names that a module reads, and its keys."""
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()) | ast.Subscript(slice=ast.Constant(value=str(name))):
                found.add(name)
    return found


def used_outside(stem: str) -> set[str]:
    """The names that the product reads of a module, as in `publication.SETTINGS`."""
    return {
        name
        for folder in ("cli", "shared", "web", "worker")
        for path in (REPO / folder).rglob("*.py")
        for name in re.findall(rf"\b{stem}\.([A-Z_]+)\b", path.read_text(encoding="utf-8"))
    }


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_each_statement_is_used_by_the_module_of_its_file(file: Path) -> None:
    tree = ast.parse(file.with_suffix(".py").read_text(encoding="utf-8"))
    holders = dict(held(tree))
    assert sorted(holders) == sorted(re.findall(r"^-- name: (.*)$", file.read_text(encoding="utf-8"), re.M))
    assert set(holders.values()) - used(tree) - used_outside(file.stem) == set()


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_a_line_of_a_file_fits_the_screen(file: Path) -> None:
    assert [line for line in file.read_text(encoding="utf-8").splitlines() if len(line) > 120] == []


def long_texts(source: str) -> list[int]:
    """The first lines of long texts, without docstrings and without SQL that Python composes of parts."""
    tree = ast.parse(source)
    left_out: set[ast.AST] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value):
                left_out.add(value)
            case ast.Call(ast.Attribute(ast.Name(id="sql"), "SQL"), [text]):
                left_out.add(text)
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant | ast.JoinedStr)
        and node not in left_out
        and (node.end_lineno or 0) - node.lineno + 1 >= LONG
    ]


def test_a_long_text_is_found() -> None:
    text = '"""\nselect 1' + "\n" * (LONG - 2) + '"""'
    assert long_texts(f"A = 1\nB = {text}\nC = sql.SQL({text})\n{text}\n") == [2]
    assert long_texts(f"B = f{text}\n") != []


def test_long_statements_are_in_files() -> None:
    modules = sorted(STORE.rglob("*.py"))
    assert modules
    found = {str(path.relative_to(REPO)): long_texts(path.read_text(encoding="utf-8")) for path in modules}
    assert {path: lines for path, lines in found.items() if lines} == {}
