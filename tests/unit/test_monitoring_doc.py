"""docs/monitoring.md names each measure that is shown, and none besides."""

import re

from tests.conftest import REPO


def named(*paths: str) -> set[str]:
    text = "".join((REPO / path).read_text(encoding="utf-8") for path in paths)
    found = re.findall(r"\brollcall_(?:database|queue|budget|resting|web|worker)_[a-z_]+", text)
    return {name.removesuffix("_total") for name in found}


def test_every_measure_stands_in_the_document_and_no_other() -> None:
    shown = named("web/ops/collectors.py", "worker/telemetry/metrics.py")
    assert len(shown) > 12
    assert named("docs/monitoring.md") == shown
