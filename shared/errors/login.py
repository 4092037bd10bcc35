"""Errors of connecting an account."""

from shared.errors.effect import Effect
from shared.errors.tree import Permanent


class WrongPassword(Permanent):
    code = "wrong_password"
    sentence = "Instagram says that the password is wrong."
    next_step = "Check it on instagram.com, then connect again."


class UnknownUser(Permanent):
    code = "unknown_user"
    sentence = "Instagram knows no account with this username."
    next_step = "Check the spelling (the name after instagram.com/), then connect again."
    effect = Effect(of_one_list=True)


class LoginRejected(Permanent):
    code = "login_rejected"
    sentence = "Instagram refused the login without giving a reason."
    next_step = "Log in once on instagram.com in your own browser, then connect again."


class LoginThrottled(Permanent):
    """A login cannot wait as a sync does: what was entered for it does not outlive a few minutes."""

    code = "login_throttled"
    sentence = "Instagram asks to wait before it lets anybody log in from here again."
    next_step = "Wait an hour, then connect again; more attempts make the wait longer."
    effect = Effect(spares_password=True)


class WrongAccount(Permanent):
    code = "wrong_account"
    sentence = "The login led to another account than the one asked for."
    next_step = "Connect with the username of the account itself."


class NobodyAnswered(Permanent):
    code = "nobody_answered"
    sentence = "Nobody entered the security code in time."
    next_step = "Connect again and keep the code at hand."


class TooManyWrongCodes(Permanent):
    code = "too_many_wrong_codes"
    sentence = "The security code was wrong too often."
    next_step = "Wait a few minutes, then connect again with a fresh code."


class ApprovalDenied(Permanent):
    code = "approval_denied"
    sentence = "This login was refused on your phone."
    next_step = (
        "If that was you by mistake, connect again and confirm it. "
        "If you had not asked for this login, change your Instagram password."
    )


class NotConnected(Permanent):
    code = "not_connected"
    sentence = "This profile has no working connection."
    next_step = "Connect the account again."
