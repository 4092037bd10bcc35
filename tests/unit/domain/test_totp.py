"""Authenticator secrets: any way of writing one is the same secret, and nothing else is one."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.input.totp import normalise
from shared.errors import InputError


@given(st.binary(min_size=14, max_size=40), st.integers(1, 9), st.sampled_from([" ", "-", "\t", "  "]))
def test_spaces_dashes_case_and_padding_do_not_matter(raw: bytes, width: int, gap: str) -> None:
    padded = base64.b32encode(raw).decode()
    pasted = gap.join(padded.lower()[i : i + width] for i in range(0, len(padded), width))
    assert normalise(f" {pasted}\n") == padded.rstrip("=")


@pytest.mark.parametrize(
    "secret", ["", "   ", "JBSWY3DP", "JBSWY3DPEHPK3PXP", "JBSWY3DPEHPK3PX0", "not base32 at all!", "ñññññññññññññññññ"]
)
def test_what_is_no_secret_is_refused_without_being_repeated(secret: str) -> None:
    with pytest.raises(InputError) as refused:
        normalise(secret)
    assert not secret.strip() or secret not in refused.value.message
