"""A payload sealed by the web opens only for its purpose, user and job, in time, with the worker's key."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import KeyFileError, SealedExpired, SealedWrong
from shared.vault import KeyRing, Purpose, SealingKey, sealing

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=10)
ALICE, BOB, JOB, OTHER_JOB = (uuid4() for _ in range(4))
RING = KeyRing.generate(NOW)
_PRIME = 2**255 - 19
LOW_ORDER = [
    value.to_bytes(32, "little")
    for value in (
        0,
        1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
        _PRIME - 1,
        _PRIME,
        _PRIME + 1,
    )
]


def sealed_by(key: SealingKey, plaintext: bytes = b"correct horse") -> bytes:
    return key.seal(plaintext, purpose=Purpose.PASSWORD, user_id=ALICE, subject_id=JOB, expires_at=LATER)


def opened_by(
    ring: KeyRing,
    sealed: bytes,
    purpose: Purpose = Purpose.PASSWORD,
    user_id: UUID = ALICE,
    subject_id: UUID = JOB,
    now: datetime = NOW,
) -> bytes:
    return ring.open(sealed, purpose=purpose, user_id=user_id, subject_id=subject_id, now=now)


@given(plaintext=st.binary(max_size=2000), purpose=st.sampled_from(Purpose), user_id=st.uuids(), job_id=st.uuids())
def test_what_was_sealed_opens(plaintext: bytes, purpose: Purpose, user_id: UUID, job_id: UUID) -> None:
    key = SealingKey.from_text(RING.sealing_key.to_text())
    sealed = key.seal(plaintext, purpose=purpose, user_id=user_id, subject_id=job_id, expires_at=LATER)
    assert RING.open(sealed, purpose=purpose, user_id=user_id, subject_id=job_id, now=NOW) == plaintext


def test_the_sealed_form_names_its_version_and_its_key_and_not_its_content() -> None:
    sealed = sealed_by(RING.sealing_key)
    assert sealed[0] == 1
    assert sealed[1:9].hex() == RING.sealing_key.key_id
    assert b"correct horse" not in sealed


def test_sealing_twice_gives_different_bytes() -> None:
    assert sealed_by(RING.sealing_key) != sealed_by(RING.sealing_key)


@given(data=st.data())
def test_no_bit_of_a_sealed_payload_can_be_flipped(data: st.DataObject) -> None:
    sealed = bytearray(sealed_by(RING.sealing_key))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    # A bit of the expiry may make it a time that is over; then nothing is decrypted to find out more.
    over = int.from_bytes(sealed[9:17], "big", signed=True) <= int(NOW.timestamp() * 1_000_000)
    with pytest.raises(SealedExpired if over and bit // 8 in range(9, 17) else SealedWrong):
        opened_by(RING, bytes(sealed))


@given(length=st.integers(0, 77))
def test_a_payload_that_was_cut_does_not_open(length: int) -> None:
    sealed = sealed_by(RING.sealing_key)
    assert length < len(sealed)
    with pytest.raises(SealedWrong):
        opened_by(RING, sealed[:length])


@given(st.binary(max_size=200))
def test_bytes_from_elsewhere_do_not_open(noise: bytes) -> None:
    with pytest.raises(SealedWrong):
        opened_by(RING, noise)


def test_a_payload_does_not_open_for_another_user_job_or_purpose() -> None:
    sealed = sealed_by(RING.sealing_key)
    for purpose in set(Purpose) - {Purpose.PASSWORD}:
        with pytest.raises(SealedWrong):
            opened_by(RING, sealed, purpose=purpose)
    with pytest.raises(SealedWrong):
        opened_by(RING, sealed, user_id=BOB)
    with pytest.raises(SealedWrong):
        opened_by(RING, sealed, subject_id=OTHER_JOB)
    with pytest.raises(SealedWrong):
        opened_by(RING, sealed, user_id=JOB, subject_id=ALICE)


def test_a_payload_opens_until_just_before_it_expires() -> None:
    sealed = sealed_by(RING.sealing_key)
    assert opened_by(RING, sealed, now=LATER - timedelta(microseconds=1)) == b"correct horse"
    for late in (LATER, LATER + timedelta(days=1)):
        with pytest.raises(SealedExpired):
            opened_by(RING, sealed, now=late)


def test_the_expiry_cannot_be_moved() -> None:
    sealed = bytearray(sealed_by(RING.sealing_key))
    assert int.from_bytes(sealed[9:17], "big") == int(LATER.timestamp()) * 1_000_000
    sealed[9:17] = (int(LATER.timestamp() + 3600) * 1_000_000).to_bytes(8, "big")
    with pytest.raises(SealedWrong):
        opened_by(RING, bytes(sealed))


def test_what_is_too_late_is_refused_before_anything_is_decrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = sealed_by(RING.sealing_key)

    class NoSuite:
        def decrypt(self, *_: object) -> bytes:
            raise AssertionError("it was decrypted")

    monkeypatch.setattr(sealing, "SUITE", NoSuite())
    with pytest.raises(SealedExpired):
        opened_by(RING, sealed, now=LATER)


@pytest.mark.parametrize("point", LOW_ORDER, ids=lambda point: point.hex()[:8])
def test_a_key_that_nothing_can_be_sealed_to_is_refused_when_it_is_read(point: bytes) -> None:
    """The points of low order (RFC 7748, section 6.1): every secret shared with one is zero."""
    with pytest.raises(KeyFileError, match="none that anything can be sealed to") as told:
        SealingKey.from_text(SealingKey(point).to_text())
    assert "Copy the whole line again" in told.value.next_step


def test_times_without_a_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        RING.sealing_key.seal(
            b"x", purpose=Purpose.CODE, user_id=ALICE, subject_id=JOB, expires_at=LATER.replace(tzinfo=None)
        )


def test_a_strangers_ring_does_not_open_it() -> None:
    with pytest.raises(SealedWrong):
        opened_by(KeyRing.generate(NOW), sealed_by(RING.sealing_key))


def test_after_rotation_old_payloads_open_and_new_ones_use_the_new_key() -> None:
    old = sealed_by(RING.sealing_key)
    rotated = RING.with_new_keys(NOW).with_new_keys(NOW)
    assert opened_by(rotated, old) == b"correct horse"
    assert rotated.sealing_key.key_id != RING.sealing_key.key_id
    fresh = sealed_by(rotated.sealing_key)
    assert opened_by(rotated, fresh) == b"correct horse"
    with pytest.raises(SealedWrong):
        opened_by(RING, fresh)


def test_a_sealing_key_survives_its_text_and_the_text_tells_no_secret() -> None:
    text = RING.sealing_key.to_text()
    assert SealingKey.from_text(f"  {text}\n") == RING.sealing_key
    for row in json.loads(RING.to_json())["opening"]:
        assert row["key"] not in text


@given(position=st.integers(0, 1000), letter=st.sampled_from("abcXYZ019-_. "))
def test_a_mistyped_sealing_key_is_refused(position: int, letter: str) -> None:
    text = RING.sealing_key.to_text()
    position %= len(text)
    changed = text[:position] + letter + text[position + 1 :]
    try:
        key = SealingKey.from_text(changed)
    except KeyFileError:
        return
    # The last letter of base64 has bits that stand for nothing.
    assert key == RING.sealing_key


@pytest.mark.parametrize(
    "text", ["", "hello", "rollcall-seal-1", "rollcall-seal-1..", "rollcall-seal-1.é.é", "\0" * 80]
)
def test_a_text_that_is_no_sealing_key_is_refused(text: str) -> None:
    with pytest.raises(KeyFileError, match="form"):
        SealingKey.from_text(text)
