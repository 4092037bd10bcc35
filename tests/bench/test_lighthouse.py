"""The bench of Lighthouse: what it asks for, how it reads reports, and when it fails."""

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from bench import lighthouse
from bench.__main__ import names

AT = lighthouse.Signed("http://127.0.0.1:1", "7", "session=s")
REPORT: dict[str, Any] = {
    "finalDisplayedUrl": "",
    "categories": {
        "performance": {"score": 0.95, "auditRefs": [{"id": "largest-contentful-paint", "weight": 25}]},
        "accessibility": {"score": 1, "auditRefs": [{"id": "color-contrast", "weight": 7}]},
        "best-practices": {"score": 1, "auditRefs": []},
    },
    "audits": {
        "largest-contentful-paint": {"score": 0.9, "numericValue": 2400.4, "displayValue": "2.4 s"},
        "total-blocking-time": {"score": 1, "numericValue": 0},
        "color-contrast": {"score": 1},
    },
}


def report(address: str, performance: float = 0.95) -> dict[str, Any]:
    made = copy.deepcopy(REPORT)
    made["finalDisplayedUrl"] = address
    made["categories"]["performance"]["score"] = performance
    return made


def test_it_is_one_of_the_benchmarks() -> None:
    assert "lighthouse" in names()


@pytest.mark.parametrize(
    ("there", "named", "told"),
    [
        ((), None, "^Node is not on this machine"),
        (("node",), None, "^Lighthouse is not on this machine"),
        (("node", "npx"), None, "^Lighthouse is not on this machine"),
        (("node", "lighthouse"), "other", r"^Lighthouse \(other\) is not on this machine"),
    ],
)
def test_what_is_missing_is_named(there: tuple[str, ...], named: str | None, told: str) -> None:
    def which(name: str) -> str | None:
        return f"/bin/{name}" if name in there else None

    with pytest.raises(SystemExit) as ended:
        lighthouse.program(named, which=which, runs=lambda command: False)
    assert re.search(told, str(ended.value.code))


def test_an_installed_program_goes_before_npx() -> None:
    assert lighthouse.program(which=lambda name: f"/bin/{name}") == ["/bin/lighthouse"]
    found = lighthouse.program(which={"node": "/bin/node", "npx": "/bin/npx"}.get, runs=lambda command: True)
    assert found == ["npx", "--no", "--", "lighthouse"]


def test_the_median_of_the_reports_counts_and_only_private_pages_get_the_session(tmp_path: Path) -> None:
    marks: Iterator[float] = iter([0.2, 1.0, 0.96] * 5)
    asked: dict[str, set[Path | None]] = {}

    def run(address: str, headers: Path | None) -> dict[str, Any]:
        asked.setdefault(urlsplit(address).path, set()).add(headers)
        return report(address, next(marks))

    pages = lighthouse.measure(run, AT, tmp_path, 3)
    assert {told["performance"] for told in pages.values()} == {96}
    assert {told["lcp_ms"] for told in pages.values()} == {2400}
    assert lighthouse.below(pages) == []
    private = {f"/profiles/7{rest}": {tmp_path} for rest in ("", "/followers", "/content")}
    assert asked == {"/": {None}, "/login": {None}, **private}


def test_a_page_below_the_mark_is_named_with_what_it_lacks(tmp_path: Path) -> None:
    def run(address: str, headers: Path | None) -> dict[str, Any]:
        return report(address, 0.94 if address.endswith("/content") else 0.95)

    pages = lighthouse.measure(run, AT, tmp_path, 1)
    assert lighthouse.below(pages) == ["content performance"]
    assert pages["content"]["lacks"] == ["largest-contentful-paint (2.4 s)"]


def test_a_report_of_another_page_or_of_none_counts_for_nothing(tmp_path: Path) -> None:
    with pytest.raises(lighthouse.ReportUnusable, match="led to /login"):
        lighthouse.scores(report("http://127.0.0.1:1/login"), "http://127.0.0.1:1/profiles/7")
    tries: list[str] = []

    def run(address: str, headers: Path | None) -> dict[str, Any]:
        tries.append(address)
        return report(address) | {"runtimeError": {"message": "no trace"}}

    with pytest.raises(lighthouse.ReportUnusable, match="no trace"):
        lighthouse.measure(run, AT, tmp_path, 1)
    assert len(tries) == 3
