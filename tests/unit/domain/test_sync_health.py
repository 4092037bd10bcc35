"""More than a tenth of at least twenty jobs makes a platform unhealthy."""

import pytest

from shared.domain.sync_health import PlatformHealth


@pytest.mark.parametrize(
    ("completed", "failed", "share", "healthy"),
    [(0, 0, None, True), (0, 19, 1.0, True), (18, 2, 0.1, True), (17, 3, 0.15, False), (0, 20, 1.0, False)],
)
def test_a_platform_is_judged_by_its_ended_jobs(
    completed: int, failed: int, share: float | None, healthy: bool
) -> None:
    found = PlatformHealth("a", completed, failed, None)
    assert (found.share, found.healthy) == (share, healthy)
