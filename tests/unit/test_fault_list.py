"""Every line of the list of faults of November 2026 has a test or a recorded decision, and the tests exist."""

import pytest

from tests.faults.lines import DOCUMENT, answers, ids, missing_tests, unanswered


def test_every_line_has_a_test_or_a_decision() -> None:
    if not DOCUMENT.is_file():
        pytest.skip("the list of faults is not on this machine")
    wanted, given = ids(DOCUMENT.read_text(encoding="utf-8")), answers()
    assert len(wanted) > 100
    assert unanswered(wanted, given) == []
    assert set(given) <= set(wanted)


def test_every_test_that_answers_a_line_exists() -> None:
    assert missing_tests(answers()) == []
