"""Prints the lines of the faults' document that have neither a test nor a decision: `python -m tests.faults`."""

import sys

from tests.faults.lines import DOCUMENT, answers, ids, missing_tests, unanswered


def main() -> int:
    """Returns 0 where nothing is left."""
    given = answers()
    left = [*unanswered(ids(DOCUMENT.read_text(encoding="utf-8")), given), *missing_tests(given)]
    print("\n".join(left), end="\n" if left else "")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
