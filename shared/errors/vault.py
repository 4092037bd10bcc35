"""Errors of sealed and encrypted secrets, and of the keys that open them."""

from shared.errors.tree import Permanent, RollcallError


class VaultError(RollcallError):
    code = "vault"
    sentence = "A stored secret could not be opened."
    next_step = "Connect the account again."


class SealedWrong(VaultError):
    code = "sealed_wrong"
    sentence = "What was entered could not be opened by the worker."
    next_step = "Check that web and worker use keys of the same ring (`rollcall doctor`), then enter it again."


class SealedExpired(VaultError):
    code = "sealed_expired"
    sentence = "What was entered has waited too long and was discarded unread."
    next_step = "Enter it again."


class KeyFileError(VaultError):
    code = "key_file"
    sentence = "The key file cannot be used."
    next_step = "Restore it from your backup, or run `rollcall keys generate` and connect the accounts again."


class SecretsGone(Permanent):
    code = "secrets_gone"
    sentence = "What this login needs was already erased."
    next_step = "Connect again."
