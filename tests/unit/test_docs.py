"""The documents are true: what they name exists, and what exists is named."""

import re

import pytest
from click.testing import CliRunner

from rollcall import main
from shared.domain.jobs import JobKind, JobState
from shared.store.profiles.profiles import ProfileState
from tests.conftest import REPO

PAGES = [*sorted(REPO.glob("*.md")), *sorted((REPO / "docs").rglob("*.md"))]
README = (REPO / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_link_and_picture_leads_somewhere(page) -> None:  # type: ignore[no-untyped-def]
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    missing = [t for t in targets if "://" not in t and not (page.parent / t).exists()]
    assert missing == []


@pytest.mark.parametrize("name", main.list_commands(None))  # type: ignore[arg-type]
def test_every_command_runs_and_stands_on_its_page(name: str) -> None:
    shown = CliRunner().invoke(main, [name, "--help"])
    assert shown.exit_code == 0, shown.output
    assert f"`rollcall {name}" in (REPO / "docs" / "commands.md").read_text(encoding="utf-8")


def test_the_readme_is_short_begins_with_a_picture_and_names_the_two_commands() -> None:
    lines = README.splitlines()
    assert len(lines) <= 80
    assert "](docs/screenshots/" in "".join(lines[:6])
    assert {"    bin/demo", "    bin/test", "    docker compose up --detach"} <= set(lines)


def test_the_index_names_every_page_once() -> None:
    folder = REPO / "docs"
    named = re.findall(r"^\| \[[^]]+\]\(([^)]+)\)", (folder / "README.md").read_text(encoding="utf-8"), re.M)
    pages = {str(page.relative_to(folder)) for page in folder.rglob("*.md")} - {"README.md"}
    assert sorted(name for name in named if not name.startswith("../")) == sorted(pages)


def test_the_documents_name_no_command_that_is_not_there() -> None:
    named = {
        found
        for page in PAGES
        for found in re.findall(r"`(?:bin/)?rollcall ([a-z]+(?:-[a-z]+)*)", page.read_text(encoding="utf-8"))
    }
    assert named <= set(main.list_commands(None))  # type: ignore[arg-type]


def test_the_documents_name_no_setting_that_is_not_there() -> None:
    from shared.settings import setting_fields

    known = {f.metadata["name"] for f in setting_fields()}
    named = {
        found
        for page in PAGES
        for found in re.findall(r"`([A-Z]+(?:_[A-Z]+)+)(?:=[^`]*)?`", page.read_text(encoding="utf-8"))
    }
    states = {
        *JobKind,
        *JobState,
        *ProfileState,
        "NAME_FILE",
        # What another program has in its environment.
        "IG_LONG_TOKEN",
        "IG_ACCOUNT_ID",
        # Read by Railway and by its configuration file.
        "RAILWAY_DEPLOYMENT_DRAINING_SECONDS",
        "ROLLCALL_REPOSITORY",
    }
    assert named - states <= known
