"""The tree that `shared.errors` draws is the tree of its classes, and a code names one class."""

import re

from shared import errors
from shared.errors import RollcallError

_LINE = re.compile(r"^(?P<branch>(?:│   |    )*(?:├── |└── ))(?P<rest>.+)$")
_NAMES = re.compile(r"^[A-Z][A-Za-z]+(?:, [A-Z][A-Za-z]+)*")


def product_kinds() -> list[type[RollcallError]]:
    return [kind for kind in errors.kinds() if kind.__module__.startswith("shared.errors")]


def drawn() -> set[tuple[str, str]]:
    """Each class of the drawing with its base."""
    pairs, above = set(), {0: RollcallError.__name__}
    for line in (errors.__doc__ or "").splitlines():
        if (found := _LINE.match(line)) is None:
            continue
        depth, names = len(found["branch"]) // 4, _NAMES.match(found["rest"])
        assert names is not None, line
        for name in names[0].split(", "):
            pairs.add((name, above[depth - 1]))
            above[depth] = name
    return pairs


def test_the_drawn_tree_is_the_tree_of_the_classes() -> None:
    assert drawn() == {
        (kind.__name__, base.__name__) for kind in product_kinds() for base in kind.__bases__ if base is not Exception
    }


def test_every_class_of_the_tree_is_had_from_the_package() -> None:
    assert {kind.__name__ for kind in product_kinds()} | {"kinds", "with_code"} == set(errors.__all__)


def test_a_code_names_one_class_and_those_that_inherit_it() -> None:
    for kind in product_kinds():
        named = errors.with_code(kind.code)
        assert named is not None
        assert issubclass(kind, named), kind


def test_a_stored_code_of_no_error_has_no_class() -> None:
    assert errors.with_code("internal") is None
