"""A sum of followers is shown only where it means something."""

import pytest

from shared.domain.follower_totals import Counted, NoTotal, Total, total


@pytest.mark.parametrize(
    ("profiles", "expected"),
    [
        ([], Total(None, NoTotal.NO_PROFILE)),
        ([Counted("a", 5)], Total(5)),
        ([Counted("a", 5), Counted("a", 0)], Total(5)),
        ([Counted("a", 5), Counted("b", 6)], Total(None, NoTotal.PLATFORMS_DIFFER)),
        ([Counted("a", 5), Counted("a", None)], Total(None, NoTotal.NOT_READ)),
        ([Counted("a", None)], Total(None, NoTotal.NOT_READ)),
        ([Counted("a", 5, may_sum=False)], Total(5)),
        ([Counted("a", 5, may_sum=False), Counted("a", 6, may_sum=False)], Total(None, NoTotal.FORBIDDEN)),
    ],
)
def test_a_total_is_over_profiles_of_one_platform_that_are_all_known(profiles: list[Counted], expected: Total) -> None:
    assert total(profiles) == expected
