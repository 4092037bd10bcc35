"""Data encrypted at rest opens in its place, for its user, with its key, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import VaultError
from shared.vault import DataKey, KeyRing, Place, WrappedKey
from shared.vault.binding import bind

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ALICE, BOB, ROW = uuid4(), uuid4(), uuid4()
RING = KeyRing.generate(NOW)
WRAPPED = RING.new_data_key(ALICE)
KEY = RING.unwrap(WRAPPED, ALICE)
PLACE = Place("connections", "secret", ALICE, ROW)


@given(plaintext=st.binary(max_size=4000), table=st.text(), column=st.text(), row_id=st.uuids())
def test_what_was_encrypted_opens_in_its_place(plaintext: bytes, table: str, column: str, row_id: UUID) -> None:
    place = Place(table, column, ALICE, row_id)
    assert KEY.decrypt(KEY.encrypt(plaintext, place), place) == plaintext


@given(data=st.data())
def test_no_bit_of_a_ciphertext_can_be_flipped(data: st.DataObject) -> None:
    ciphertext = bytearray(KEY.encrypt(b"sessionid=1", PLACE))
    bit = data.draw(st.integers(0, len(ciphertext) * 8 - 1))
    ciphertext[bit // 8] ^= 1 << bit % 8
    with pytest.raises(VaultError):
        KEY.decrypt(bytes(ciphertext), PLACE)


@given(length=st.integers(0, 47))
def test_a_ciphertext_that_was_cut_does_not_open(length: int) -> None:
    ciphertext = KEY.encrypt(b"sessionid=1", PLACE)
    assert length < len(ciphertext)
    with pytest.raises(VaultError):
        KEY.decrypt(ciphertext[:length], PLACE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(PLACE, table="profiles"),
        replace(PLACE, column="totp_secret"),
        replace(PLACE, user_id=BOB),
        replace(PLACE, row_id=uuid4()),
        Place("connectionss", "ecret", ALICE, ROW),
    ],
    ids=["table", "column", "user", "row", "shifted names"],
)
def test_a_ciphertext_moved_elsewhere_does_not_open(elsewhere: Place) -> None:
    with pytest.raises(VaultError):
        KEY.decrypt(KEY.encrypt(b"sessionid=1", PLACE), elsewhere)


def test_the_stored_form_is_the_one_that_is_documented() -> None:
    ciphertext = KEY.encrypt(b"sessionid=1", PLACE)
    assert ciphertext[:9] == b"\x01" + bytes.fromhex(KEY.key_id)
    bound_to = bind("rollcall at rest", b"\x01", KEY.key_id, "connections", "secret", ALICE.bytes, ROW.bytes)
    assert AESGCM(KEY.key).decrypt(ciphertext[9:21], ciphertext[21:], bound_to) == b"sessionid=1"


def test_another_users_key_does_not_open_it_even_under_the_same_bytes() -> None:
    ciphertext = KEY.encrypt(b"sessionid=1", PLACE)
    bobs = RING.unwrap(RING.new_data_key(BOB), BOB)
    for key in (bobs, DataKey(BOB, KEY.key)):
        with pytest.raises(VaultError):
            key.decrypt(ciphertext, replace(PLACE, user_id=BOB))


def test_a_data_key_encrypts_for_its_own_user_only() -> None:
    with pytest.raises(ValueError, match="own user"):
        KEY.encrypt(b"x", replace(PLACE, user_id=BOB))


def test_encrypting_twice_gives_different_bytes_and_never_the_plaintext() -> None:
    first, second = KEY.encrypt(b"sessionid=1", PLACE), KEY.encrypt(b"sessionid=1", PLACE)
    assert first != second
    assert first[0] == second[0] == 1
    assert b"sessionid" not in first + second


def test_every_user_gets_a_key_of_their_own() -> None:
    keys = {RING.unwrap(RING.new_data_key(user), user).key for user in (ALICE, ALICE, BOB)}
    assert len(keys) == 3


def test_a_wrapped_key_moved_to_another_user_does_not_open() -> None:
    with pytest.raises(VaultError):
        RING.unwrap(WRAPPED, BOB)


@given(data=st.data())
def test_no_bit_of_a_wrapped_key_can_be_flipped(data: st.DataObject) -> None:
    wrapped = bytearray(WRAPPED.wrapped_key)
    bit = data.draw(st.integers(0, len(wrapped) * 8 - 1))
    wrapped[bit // 8] ^= 1 << bit % 8
    with pytest.raises(VaultError):
        RING.unwrap(WrappedKey(bytes(wrapped), WRAPPED.kek_id), ALICE)


@given(noise=st.binary(max_size=80))
def test_bytes_from_elsewhere_are_no_wrapped_key(noise: bytes) -> None:
    with pytest.raises(VaultError):
        RING.unwrap(WrappedKey(noise, WRAPPED.kek_id), ALICE)


def test_a_key_wrapped_under_an_older_key_does_not_pass_for_the_current_one() -> None:
    rotated = RING.with_new_keys(NOW)
    with pytest.raises(VaultError):
        rotated.unwrap(WrappedKey(WRAPPED.wrapped_key, rotated.kek_id), ALICE)


def test_rewrapping_changes_the_wrapping_and_not_the_data() -> None:
    ciphertext = KEY.encrypt(b"sessionid=1", PLACE)
    rotated = RING.with_new_keys(NOW)
    moved = rotated.rewrap(WRAPPED, ALICE)
    assert moved.kek_id == rotated.kek_id != WRAPPED.kek_id
    assert rotated.unwrap(moved, ALICE).decrypt(ciphertext, PLACE) == b"sessionid=1"
    assert rotated.unwrap(WRAPPED, ALICE).decrypt(ciphertext, PLACE) == b"sessionid=1"
    with pytest.raises(VaultError, match=rotated.kek_id):
        RING.unwrap(moved, ALICE)


def test_new_data_keys_are_wrapped_by_the_current_key() -> None:
    rotated = RING.with_new_keys(NOW)
    assert rotated.new_data_key(BOB).kek_id == rotated.kek_id


@given(st.lists(st.text(), max_size=5), st.lists(st.text(), max_size=5))
def test_two_different_lists_are_never_bound_to_the_same_bytes(one: list[str], other: list[str]) -> None:
    assert (bind("l", *one) == bind("l", *other)) == (one == other)
