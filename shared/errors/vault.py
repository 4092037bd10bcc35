"""Errors of sealed and encrypted secrets, and of the keys that open them."""

from shared.errors.tree import Permanent, RollcallError
from shared.messages import Message


class VaultError(RollcallError):
    code = "vault"
    sentence = Message("A stored secret could not be opened.")
    next_step = Message("Connect the account again.")


class SealedWrong(VaultError):
    code = "sealed_wrong"
    sentence = Message("The worker could not decrypt your entry.")
    next_step = Message("Check that web and worker use keys of the same ring (`rollcall doctor`), then enter it again.")


class SealedExpired(VaultError):
    code = "sealed_expired"
    sentence = Message("Your entry expired before it was used and was deleted.")
    next_step = Message("Enter it again.")


class KeyFileError(VaultError):
    code = "key_file"
    sentence = Message("The key file cannot be used.")
    next_step = Message("Restore it from your backup, or run `rollcall keys generate` and connect the accounts again.")


class SecretsGone(Permanent):
    code = "secrets_gone"
    sentence = Message("The credentials of this login were already erased.")
    next_step = Message("Connect again.")
