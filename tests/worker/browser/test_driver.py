"""Playwright's driver on a system that cannot run it: whoever meets that learns what to install."""

from pathlib import Path

import pytest

from shared.errors import BrowserMissing, DriverBroken
from tests.worker.instagram import settings_for
from worker.browser import driver, find, install
from worker.browser.pool import BrowserPool
from worker.browser.session import BrowserSession

SAYS = "node: error while loading shared libraries: libatomic.so.1: cannot open shared object file"


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A driver that ends at once, as where a library is missing."""
    program = tmp_path / "node"
    program.write_text(f'#!/bin/sh\necho "{SAYS}" >&2\nexit 127\n')
    program.chmod(0o755)
    monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", str(program))
    return program


def test_a_driver_that_runs_has_nothing_to_complain_of() -> None:
    assert driver.complaint() is None
    assert driver.playwrights_own().is_absolute()


async def test_a_job_says_what_is_missing_and_a_driver_that_is_mended_is_used(
    broken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = BrowserPool(settings_for("http://127.0.0.1:9"))
    try:
        with pytest.raises(DriverBroken, match=r"libatomic\.so\.1") as told:
            async with pool.context(BrowserSession()):
                pass
        assert "apt-get install libatomic1" in told.value.next_step
        monkeypatch.delenv("PLAYWRIGHT_NODEJS_PATH")
        async with pool.context(BrowserSession()) as context:
            assert await (await context.new_page()).evaluate("1 + 1") == 2
    finally:
        await pool.close()


def test_installing_brings_what_the_driver_needs_and_says_so_where_it_may_not(
    broken: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tried: list[list[str]] = []

    def runs(command: list[str]) -> bool:
        tried.append(command)
        if "libatomic1" in command:
            monkeypatch.delenv("PLAYWRIGHT_NODEJS_PATH")
        return command[0] == "apt-get"

    monkeypatch.setattr(find, "_runs", runs)
    monkeypatch.setattr(find, "find", lambda configured, bundled, **how: bundled or _missing())
    monkeypatch.setattr(install, "find", lambda configured, bundled, **how: bundled or _missing())
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert install.main() == 1
    assert "libatomic.so.1" in capsys.readouterr().err
    monkeypatch.setattr(find, "is_root", lambda: True)
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None)
    assert install.main() == 0
    assert tried[-1][-2:] == ["chromium", "libatomic1"]


def _missing() -> Path:
    raise BrowserMissing
