"""The house rules that a machine can check: form, types, directions, the image, the locks."""

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.conftest import REPO

BIN = Path(sys.executable).parent
PRIVATE_WORDS = frozenset(
    [
        "beside",
        "doubted",
        "errand",
        "errands",
        "fleeting",
        "gate",
        "keeper",
        "keepers",
        "purse",
        "purses",
        "rested",
        "rests",
        "sieve",
        "soaking",
        "steadied",
        "told",
        "wish",
        "wished",
        "wishes",
    ]
)
"""Words that only this project once used; docs/glossary.md has the settled ones."""
_PRIVATE_NAMES = frozenset({"put_away", "handing_out", "handed_out"})


def passes(*command: str) -> None:
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"


def test_ruff_finds_nothing() -> None:
    passes(str(BIN / "ruff"), "check", ".")


def test_ruff_would_format_nothing() -> None:
    passes(str(BIN / "ruff"), "format", "--check", ".")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_types_are_strict() -> None:
    passes(str(BIN / "mypy"))


def test_imports_point_the_right_way() -> None:
    passes(str(BIN / "lint-imports"), "--no-cache")


def test_the_dockerfile_passes_hadolint() -> None:
    passes(str(BIN / "hadolint"), "Dockerfile")


@pytest.mark.parametrize(
    "lock", ["requirements.lock", "requirements-dev.lock", "requirements-foreign.lock", "requirements-oracles.lock"]
)
def test_a_lock_carries_hashes_and_no_addresses(lock: str) -> None:
    text = (REPO / lock).read_text(encoding="utf-8")
    assert "://" not in text
    entries = re.split(r"\n(?=\S)", text.strip())
    without = [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry]
    assert without == []


def test_the_test_lock_contains_the_product_lock() -> None:
    def pins(name: str) -> set[str]:
        text = (REPO / name).read_text(encoding="utf-8")
        return set(re.findall(r"^([a-z0-9._-]+==\S+)", text, re.M))

    assert pins("requirements.lock") <= pins("requirements-dev.lock")


def test_the_image_holds_no_secret_and_no_sandbox() -> None:
    text = (REPO / "Dockerfile").read_text(encoding="utf-8")
    assert not re.search(r"(ENV|ARG).*(SECRET|PASSWORD|WORKER_KEYS|DATABASE_URL)", text)
    assert "sandbox" not in text
    ignored = (REPO / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored[0] == "*"


def test_the_folder_supabase_hides_no_package() -> None:
    assert list((REPO / "supabase").rglob("*.py")) == []


@pytest.mark.parametrize(
    ("folders", "most"),
    [(("bench", "cli", "sandbox", "shared", "web", "worker"), 25), (("tests",), 40)],
    ids=["product", "tests"],
)
def test_no_folder_is_crowded(folders: tuple[str, ...], most: int) -> None:
    modules = Counter(path.parent for name in folders for path in (REPO / name).rglob("*.py"))
    assert modules
    assert [str(folder.relative_to(REPO)) for folder, number in modules.items() if number > most] == []


def test_only_the_tests_of_benchmarks_import_them() -> None:
    imports = re.compile(r"^\s*(?:from|import) bench\b", re.M)
    tests = [
        path.relative_to(REPO).as_posix() for path in (REPO / "tests").rglob("*.py") if imports.search(path.read_text())
    ]
    assert tests
    assert [path for path in tests if not path.startswith("tests/bench/")] == []


@pytest.mark.parametrize(
    "folders",
    [("cli", "shared", "web", "worker"), ("bench",), ("sandbox",), ("tests",)],
    ids=["product", "bench", "sandbox", "tests"],
)
def test_module_docstrings_name_their_subject(folders: tuple[str, ...]) -> None:
    openings = re.compile(r"(?:How|What|Where|Whether|Who|Whom|Whose)\b")
    texts = {
        path.relative_to(REPO).as_posix(): text
        for name in folders
        for path in (REPO / name).rglob("*.py")
        if (text := ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))))
    }
    assert texts
    unnamed = [path for path, text in texts.items() if openings.match(text)]
    assert len(unnamed) <= len(texts) * 0.05, unnamed


def named(tree: ast.AST) -> Iterator[str]:
    """The names that a module gives: its functions, classes, arguments, variables and attributes."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case ast.alias(asname=str(name)):
                yield name


def private_names(names: Iterable[str]) -> list[str]:
    """Those of the names that are, or contain, a private word; `SealedPurse` contains `purse`."""
    found = []
    for name in names:
        plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_")
        if plain in _PRIVATE_NAMES or PRIVATE_WORDS & set(plain.split("_")):
            found.append(name)
    return found


def test_private_words_are_found_in_any_spelling() -> None:
    module = "class BigPurse:\n    def _put_away(self, wish): self.rests = TOLD_AT = 1\n"
    assert private_names(named(ast.parse(module))) == ["BigPurse", "_put_away", "wish", "rests", "TOLD_AT"]
    assert private_names(["rest", "interests", "request", "besides"]) == []


@pytest.mark.parametrize("folder", ["bench", "cli", "sandbox", "shared", "web", "worker"])
def test_no_name_is_a_private_word(folder: str) -> None:
    modules = sorted((REPO / folder).rglob("*.py"))
    assert modules
    found = {
        f"{path.relative_to(REPO)}: {name}"
        for path in modules
        for name in private_names([path.stem, path.parent.name, *named(ast.parse(path.read_text("utf-8")))])
    }
    assert sorted(found) == []


_PARTICIPLE = re.compile(
    r"(?:[a-z]*[^e]ed|told|kept|found|made|shown|known|given|taken|held|sent|left|lost|written|drawn|chosen|seen|gone)"
)


def public_functions(body: list[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The public functions and methods of a module, without what lies inside functions."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from public_functions(node.body)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node


@pytest.mark.parametrize("folder", ["shared", "web", "worker", "cli"])
def test_a_public_function_is_a_verb_or_a_noun_and_a_participle_a_boolean(folder: str) -> None:
    found = [
        f"{path.relative_to(REPO)}: {function.name}"
        for path in (REPO / folder).rglob("*.py")
        for function in public_functions(ast.parse(path.read_text("utf-8")).body)
        if _PARTICIPLE.fullmatch(function.name)
        and (function.returns is None or ast.unparse(function.returns) != "bool")
    ]
    assert sorted(found) == []
