"""The end of a version of Meta's Graph API is told 90 days ahead, and an unknown version is called unknown."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cli.ops.doctor.graph import version_on
from shared.platforms.graph_versions import ENDS, warning
from shared.settings import Settings

END = date(2027, 1, 21)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (END - timedelta(days=91), None),
        (END - timedelta(days=90), "Version v21.0 of Meta's Graph API ends on 2027-01-21."),
        (END - timedelta(days=1), "Version v21.0 of Meta's Graph API ends on 2027-01-21."),
        (END, "Version v21.0 of Meta's Graph API ended on 2027-01-21."),
    ],
)
def test_the_end_is_told_ninety_days_ahead(day: date, said: str | None) -> None:
    found = warning("v21.0", day)
    assert found == (said and f"{said} Set GRAPH_VERSION to a newer one.")


def test_a_version_without_an_announced_end_warns_of_nothing_and_an_unknown_one_says_so() -> None:
    assert warning(Settings().graph_version, date(2030, 1, 1)) is None
    assert "does not know when v28.0" in str(warning("v28.0", END))


def test_doctor_calls_only_an_ended_version_wrong() -> None:
    def word(version: str, app_id: str | None = "an-id") -> tuple[str, str]:
        given = Settings(graph_version=version, instagram_app_id=app_id)
        check = version_on(given, END)
        return check.word, check.says

    assert word("v21.0")[0] == "WRONG"
    assert word("v22.0") == ("ok", f"v22.0 ends on {ENDS['v22.0']}")
    assert word("v27.0") == ("ok", "v27.0 has no end that Meta has named")
    assert word("v28.0")[0] == "ok"
    assert word("v21.0", app_id=None)[0] == "not tried"
    assert version_on(Settings(graph_version="v21.0", meta_app_id="an-id"), END).word == "WRONG"
