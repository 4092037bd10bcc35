"""The switches with which Rollcall starts Chromium."""

import sys
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from worker.browser import switches
from worker.browser.driver import playwrights_own
from worker.browser.find import find, is_root

_FEATURES = "--disable-features="


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the browser's command line in /proc")
def test_every_feature_that_playwright_turns_off_stays_off() -> None:
    path = find(None, playwrights_own())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, chromium_sandbox=not is_root(), args=list(switches.LOCAL)
        )
        session = browser.new_browser_cdp_session()
        told = session.send("SystemInfo.getProcessInfo")
        pid = next(each["id"] for each in told["processInfo"] if each["type"] == "browser")
        words = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").split("\0")
        browser.close()
    lists = [set(word.removeprefix(_FEATURES).split(",")) for word in words if word.startswith(_FEATURES)]
    assert len(lists) == 2
    assert lists[0] == switches.PLAYWRIGHTS_FEATURES_OFF
    assert lists[1] > lists[0]
