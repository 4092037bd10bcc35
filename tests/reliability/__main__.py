"""`python -m tests.reliability` writes docs/reliability.md."""

from tests.reliability.document import PAGE, text

PAGE.write_text(text(), encoding="utf-8")
