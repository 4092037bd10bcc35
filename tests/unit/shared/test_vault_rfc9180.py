"""HPKE against RFC 9180: the published vectors, and our own payloads opened by a receiver written from the text.

The vectors are sequence number 0 of mode base for DHKEM(X25519, HKDF-SHA256) and HKDF-SHA256: with AES-128-GCM from
appendix A.1.1, with AES-256-GCM (our suite, which the appendix does not print) from the authors' test-vectors.json at
commit 5f503c5, the file that the RFC names as its full set.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from shared.vault import KeyRing, Purpose
from shared.vault.sealing import SUITE, SealedFor

INFO = bytes.fromhex("4f6465206f6e2061204772656369616e2055726e")
AAD = bytes.fromhex("436f756e742d30")
PLAINTEXT = bytes.fromhex("4265617574792069732074727574682c20747275746820626561757479")


@dataclass(frozen=True)
class Vector:
    suite: Suite
    aead_id: int
    key_bytes: int
    private: bytes
    public: bytes
    enc: bytes
    key: bytes
    base_nonce: bytes
    ciphertext: bytes


AES_128 = Vector(
    suite=Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM),
    aead_id=1,
    key_bytes=16,
    private=bytes.fromhex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8"),
    public=bytes.fromhex("3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d"),
    enc=bytes.fromhex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431"),
    key=bytes.fromhex("4531685d41d65f03dc48f6b8302c05b0"),
    base_nonce=bytes.fromhex("56d890e5accaaf011cff4b7d"),
    ciphertext=bytes.fromhex(
        "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a"
    ),
)
AES_256 = Vector(
    suite=SUITE,
    aead_id=2,
    key_bytes=32,
    private=bytes.fromhex("497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d"),
    public=bytes.fromhex("430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c"),
    enc=bytes.fromhex("6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256"),
    key=bytes.fromhex("f50b0609186798729ed0564b36ef2ef8044f1f9d05636874d1f46c819c7a669f"),
    base_nonce=bytes.fromhex("151d9929e2449747889bc923"),
    ciphertext=bytes.fromhex(
        "e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a"
    ),
)
both = pytest.mark.parametrize("vector", [AES_128, AES_256], ids=["A.1.1 AES-128-GCM", "our suite AES-256-GCM"])


def labeled_extract(suite_id: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite_id + label + ikm, hashlib.sha256)


def labeled_expand(suite_id: bytes, prk: bytes, label: bytes, info: bytes, length: int) -> bytes:
    """HKDF-Expand for at most one block of SHA-256, which is all that these suites need."""
    labeled = length.to_bytes(2, "big") + b"HPKE-v1" + suite_id + label + info
    return hmac.digest(prk, labeled + b"\x01", hashlib.sha256)[:length]


def receiver(private: bytes, enc: bytes, info: bytes, aead_id: int, key_bytes: int) -> tuple[bytes, bytes]:
    """Return key and base nonce of SetupBaseR (RFC 9180, sections 4.1, 5.1 and 5.1.1)."""
    own = X25519PrivateKey.from_private_bytes(private)
    kem_id = b"KEM" + (0x20).to_bytes(2, "big")
    dh = own.exchange(X25519PublicKey.from_public_bytes(enc))
    eae_prk = labeled_extract(kem_id, b"", b"eae_prk", dh)
    context = enc + own.public_key().public_bytes_raw()
    shared_secret = labeled_expand(kem_id, eae_prk, b"shared_secret", context, 32)
    suite_id = b"HPKE" + (0x20).to_bytes(2, "big") + (1).to_bytes(2, "big") + aead_id.to_bytes(2, "big")
    schedule = (
        b"\x00"
        + labeled_extract(suite_id, b"", b"psk_id_hash", b"")
        + labeled_extract(suite_id, b"", b"info_hash", info)
    )
    secret = labeled_extract(suite_id, shared_secret, b"secret", b"")
    return (
        labeled_expand(suite_id, secret, b"key", schedule, key_bytes),
        labeled_expand(suite_id, secret, b"base_nonce", schedule, 12),
    )


@both
def test_the_library_opens_the_published_vector(vector: Vector) -> None:
    private = X25519PrivateKey.from_private_bytes(vector.private)
    assert private.public_key().public_bytes_raw() == vector.public
    # The public method takes no associated data, which the vectors have.
    opened = openssl.hpke._decrypt_with_aad(vector.suite, vector.enc + vector.ciphertext, private, INFO, AAD)
    assert opened == PLAINTEXT


@both
@pytest.mark.parametrize(("info", "aad"), [(INFO, b"Count-1"), (b"", AAD), (INFO, b"")])
def test_the_library_refuses_the_vector_with_other_info_or_associated_data(
    vector: Vector, info: bytes, aad: bytes
) -> None:
    private = X25519PrivateKey.from_private_bytes(vector.private)
    with pytest.raises(InvalidTag):
        openssl.hpke._decrypt_with_aad(vector.suite, vector.enc + vector.ciphertext, private, info, aad)


@both
def test_the_receiver_written_from_the_text_derives_the_published_keys(vector: Vector) -> None:
    key, nonce = receiver(vector.private, vector.enc, INFO, vector.aead_id, vector.key_bytes)
    assert (key, nonce) == (vector.key, vector.base_nonce)
    assert AESGCM(key).decrypt(nonce, vector.ciphertext, AAD) == PLAINTEXT


def test_our_payloads_are_rfc_9180_base_mode_with_x25519_hkdf_sha256_and_aes_256_gcm() -> None:
    now, user, job = datetime(2026, 11, 20, tzinfo=UTC), UUID(int=1), UUID(int=2)
    ring = KeyRing.generate(now)
    sealed = ring.sealing_key.seal(b"hunter2", purpose=Purpose.CODE, user_id=user, subject_id=job, expires_at=now)
    header, enc, ciphertext = sealed[:17], sealed[17:49], sealed[49:]
    info = SealedFor(Purpose.CODE, user, job).info(header)
    key, nonce = receiver(ring.opening[0].private.private_bytes_raw(), enc, info, aead_id=2, key_bytes=32)
    assert AESGCM(key).decrypt(nonce, ciphertext, b"") == b"hunter2"
