"""Codes as people type and paste them."""

import unicodedata


def plain_code(typed: str) -> str:
    """Digits of any script as 0 to 9, letters in upper case, nothing else: as codes are compared.

    Blanks, dashes and the marks of writing direction that come along when a code is copied go.
    """
    return "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() else letter.upper()
        for letter in typed
        if letter.isalnum()
    )
