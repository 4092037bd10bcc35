"""The ring keeps what it had, survives its text, names what is wrong with a text, and shows no secret."""

from __future__ import annotations

import json
import traceback
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import KeyFileError, VaultError
from shared.vault import KeyRing, Place, Purpose
from shared.vault.binding import key_to_text

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ALICE, JOB = uuid4(), uuid4()
RING = KeyRing.generate(NOW).with_new_keys(NOW + timedelta(days=90))


def secret_texts(ring: KeyRing) -> list[str]:
    keys = [key.private.private_bytes_raw() for key in ring.opening] + [key.key for key in ring.wrapping]
    return [form for key in keys for form in (key_to_text(key), key.hex(), repr(key))]


def test_a_ring_survives_its_text_with_every_key_and_its_order() -> None:
    again = KeyRing.from_json(RING.to_json())
    assert again.to_json() == RING.to_json()
    assert again.sealing_key == RING.sealing_key
    assert again.kek_id == RING.kek_id
    assert [key.created_at for key in again.wrapping] == [NOW + timedelta(days=90), NOW]


def test_a_ring_may_keep_the_quotes_and_spaces_of_an_environment_file() -> None:
    assert KeyRing.from_json(f" '{RING.to_json()}'\n").to_json() == RING.to_json()


def test_a_ring_read_back_opens_what_the_first_one_made() -> None:
    wrapped = RING.new_data_key(ALICE)
    sealed = RING.sealing_key.seal(b"123456", purpose=Purpose.CODE, user_id=ALICE, subject_id=JOB, expires_at=NOW)
    again = KeyRing.from_json(RING.to_json())
    assert again.unwrap(wrapped, ALICE).key == RING.unwrap(wrapped, ALICE).key
    early = NOW - timedelta(seconds=1)
    assert again.open(sealed, purpose=Purpose.CODE, user_id=ALICE, subject_id=JOB, now=early) == b"123456"


def test_rotating_adds_one_key_of_each_kind_in_front_and_drops_none() -> None:
    rotated = RING.with_new_keys(NOW)
    assert rotated.opening[1:] == RING.opening
    assert rotated.wrapping[1:] == RING.wrapping
    assert len({key.kek_id for key in rotated.wrapping}) == 3


def without(kind: str) -> str:
    document = json.loads(RING.to_json())
    document[kind] = []
    return json.dumps(document)


def with_first(kind: str, **changes: object) -> str:
    document = json.loads(RING.to_json())
    document[kind][0] |= changes
    return json.dumps(document)


OTHER_KEY = key_to_text(bytes(range(32)))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "not a JSON object"),
        ("[]", "not a JSON object"),
        (RING.to_json()[:-20], "not a JSON object"),
        ("[" * 100_000, "not a JSON object"),
        ("{}", "rollcall_keys"),
        ('{"rollcall_keys": 2}', "newer release"),
        (without("opening"), 'no "opening" key'),
        (without("wrapping"), 'no "wrapping" key'),
        ('{"rollcall_keys": 1, "opening": ["x"]}', "opening key 1 is not 32 bytes"),
        (with_first("wrapping", key="c2hvcnQ"), "wrapping key 1 is not 32 bytes"),
        (with_first("wrapping", key=7), "wrapping key 1 is not 32 bytes"),
        (with_first("opening", created_at="2026-11-20T12:00:00"), "opening key 1 has no created_at"),
        (with_first("opening", key=OTHER_KEY), "opening key does not match"),
        (with_first("wrapping", key=OTHER_KEY), "wrapping key does not match"),
    ],
)
def test_a_broken_ring_is_refused_with_its_fault_and_without_its_keys(text: str, fault: str) -> None:
    with pytest.raises(KeyFileError, match=fault) as raised:
        KeyRing.from_json(text)
    shown = "".join(traceback.format_exception(raised.value))
    assert raised.value.__context__ is None
    assert not [secret for secret in [*secret_texts(RING), OTHER_KEY] if secret in shown]


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_other_json_is_refused_and_never_crashes(document: object) -> None:
    with pytest.raises(KeyFileError):
        KeyRing.from_json(json.dumps(document))


def test_nothing_that_holds_a_secret_shows_it() -> None:
    wrapped = RING.new_data_key(ALICE)
    data_key = RING.unwrap(wrapped, ALICE)
    holders = [RING, RING.opening[0], RING.wrapping[0], RING.opening[0].to_entry(), data_key, wrapped, RING.sealing_key]
    shown = " ".join(form(holder) for holder in holders for form in (repr, str))
    secrets = [*secret_texts(RING), key_to_text(data_key.key), data_key.key.hex(), repr(data_key.key)]
    assert not [secret for secret in secrets if secret in shown]


def test_a_running_worker_finds_keys_that_were_rotated_in_behind_its_back() -> None:
    current = RING
    running = KeyRing(RING.opening, RING.wrapping, reread=lambda: current)
    current = RING.with_new_keys(NOW)
    wrapped = current.new_data_key(ALICE)
    assert running.unwrap(wrapped, ALICE).key == current.unwrap(wrapped, ALICE).key
    sealed = current.sealing_key.seal(b"1", purpose=Purpose.CODE, user_id=ALICE, subject_id=JOB, expires_at=NOW)
    early = NOW - timedelta(seconds=1)
    assert running.open(sealed, purpose=Purpose.CODE, user_id=ALICE, subject_id=JOB, now=early) == b"1"


def test_a_ring_without_the_key_says_which_one_is_missing() -> None:
    stranger = KeyRing.generate(NOW)
    with pytest.raises(VaultError, match=stranger.kek_id):
        RING.unwrap(stranger.new_data_key(ALICE), ALICE)


def test_ciphertexts_written_before_a_rotation_open_after_it() -> None:
    place = Place("connections", "secret", ALICE, JOB)
    wrapped = RING.new_data_key(ALICE)
    ciphertext = RING.unwrap(wrapped, ALICE).encrypt(b"cookie", place)
    after = RING.with_new_keys(NOW)
    assert after.unwrap(after.rewrap(wrapped, ALICE), ALICE).decrypt(ciphertext, place) == b"cookie"
