"""Every name that a template reads is one that some view, frame or helper gives it."""

import ast
from pathlib import Path

from flask import Flask
from jinja2 import meta, nodes

WEB = Path(__file__).parents[2] / "web"
TEMPLATES = WEB / "templates"


def given() -> set[str]:
    """The names that the web's code could give: keyword arguments, and keys of dicts."""
    names = set[str]()
    for path in WEB.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.keyword) and node.arg is not None:
                names.add(node.arg)
            elif isinstance(node, ast.Dict):
                names |= {
                    key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)
                }
    return names


def defined(tree: nodes.Template) -> set[str]:
    """The names that a template defines for its blocks, which are read apart from it."""
    names = {macro.name for macro in tree.find_all(nodes.Macro)}
    targets = [one.target for one in tree.find_all(nodes.Assign)] + [
        one.target for one in tree.find_all(nodes.AssignBlock)
    ]
    for target in targets:
        names |= {name.name for name in (target, *target.find_all(nodes.Name)) if isinstance(name, nodes.Name)}
    for loaded in tree.find_all(nodes.FromImport):
        names |= {name if isinstance(name, str) else name[1] for name in loaded.names}
    return names


def test_no_template_reads_a_name_that_nothing_gives(app: Flask) -> None:
    known = given() | set(app.jinja_env.globals)
    trees = {path: app.jinja_env.parse(path.read_text("utf-8")) for path in TEMPLATES.rglob("*.html")}
    unknown = {
        f"{path.relative_to(TEMPLATES)}: {name}"
        for path, tree in trees.items()
        for name in meta.find_undeclared_variables(tree) - known - defined(tree)
    }
    assert sorted(unknown) == []
