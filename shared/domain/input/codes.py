"""Normalises security codes that people type and paste."""

import unicodedata


def plain_code(typed: str) -> str:
    """The code in comparable form: digits of any script as 0 to 9, letters in upper case, nothing else.

    Blanks, dashes and the marks of writing direction that come with copied text are removed.
    """
    return "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() else letter.upper()
        for letter in typed
        if letter.isalnum()
    )
