"""Normalises authenticator secrets that people paste."""

import base64
import binascii

from shared.errors import InputError
from shared.messages import Message

_SHORTEST_BYTES = 14
_MESSAGE = Message("This is not an authenticator secret.")
_NEXT = Message(
    "Copy the setup key shown with the QR code (letters A to Z and digits 2 to 7), or leave the field empty."
)


def normalise(secret: str) -> str:
    """The secret as plain base32: upper case, without spaces, dashes and padding.

    Raises InputError when it is not base32 or shorter than 112 bits, which no authenticator should hold (NIST SP
    800-63B-4, 3.1.4.1). The error never repeats what was entered.
    """
    plain = "".join(secret.split()).replace("-", "").rstrip("=").upper()
    try:
        raw = base64.b32decode(plain + "=" * (-len(plain) % 8))
    except (binascii.Error, ValueError):
        raise InputError(_MESSAGE, next_step=_NEXT) from None
    if len(raw) < _SHORTEST_BYTES:
        raise InputError(_MESSAGE, next_step=_NEXT)
    return plain
