"""The ways in: each a short module and one `LoginMethod`."""

from __future__ import annotations

import ast
import importlib
import pkgutil

import pytest

from tests.conftest import REPO
from worker.jobs import connect
from worker.jobs.connect.method import LoginMethod

MOST_LINES = 60
for _found in pkgutil.iter_modules(connect.__path__):
    importlib.import_module(f"{connect.__name__}.{_found.name}")
METHODS = {
    method.__module__.rpartition(".")[2]: method
    for method in LoginMethod.__subclasses__()
    if method.__module__.startswith(connect.__name__)
}


def test_there_are_four_ways_in_each_in_its_module() -> None:
    assert set(METHODS) == {"form", "cookies", "manual", "stored_password"}


@pytest.mark.parametrize("name", sorted(METHODS))
def test_a_way_in_is_read_on_one_screen(name: str) -> None:
    text = REPO.joinpath(*METHODS[name].__module__.split(".")).with_suffix(".py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES


def test_no_function_of_connecting_holds_another() -> None:
    nested = [
        f"{path.name}: line {inner.lineno}"
        for path in (REPO / "worker" / "jobs" / "connect").glob("*.py")
        for outer in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(outer)
        if inner is not outer and isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    ]
    assert nested == []
