"""Errors of connecting an account."""

from shared.errors.effect import Effect
from shared.errors.tree import Permanent
from shared.messages import Message


class WrongPassword(Permanent):
    code = "wrong_password"
    sentence = Message("%(platform)s says that the password is wrong.")
    next_step = Message("Check it on instagram.com, then connect again.")


class UnknownUser(Permanent):
    code = "unknown_user"
    sentence = Message("%(platform)s knows no account with this username.")
    next_step = Message("Check the spelling of the username, then connect again.")
    effect = Effect(of_one_list=True)


class LoginRejected(Permanent):
    code = "login_rejected"
    sentence = Message("%(platform)s refused the login without giving a reason.")
    next_step = Message("Log in once at %(platform)s in your own browser, then connect again.")


class LoginThrottled(Permanent):
    """Too many logins; a login cannot wait as a sync does, because its sealed entries expire after a few minutes."""

    code = "login_throttled"
    sentence = Message("%(platform)s asks to wait before the next login from here.")
    next_step = Message("Wait an hour, then connect again; more attempts make the wait longer.")
    effect = Effect(spares_password=True)


class WrongAccount(Permanent):
    code = "wrong_account"
    sentence = Message("The login led to a different account than the one you entered.")
    next_step = Message("Connect with the username of the account itself.")


class NobodyAnswered(Permanent):
    code = "nobody_answered"
    sentence = Message("The security code was not entered in time.")
    next_step = Message("Connect again and keep the code at hand.")


class TooManyWrongCodes(Permanent):
    code = "too_many_wrong_codes"
    sentence = Message("The security code was wrong too often.")
    next_step = Message("Wait a few minutes, then connect again with a fresh code.")


class ApprovalDenied(Permanent):
    code = "approval_denied"
    sentence = Message("This login was refused on your phone.")
    next_step = Message(
        "If that was you by mistake, connect again and confirm it. "
        "If you had not asked for this login, change your %(platform)s password."
    )


class NotOffered(Permanent):
    """The platform has no way of reading what the job is for."""

    code = "not_offered"
    sentence = Message("Rollcall cannot read this from %(platform)s.")
    next_step = Message("Nothing is wrong; this part stays empty for this profile.")


class NotConnected(Permanent):
    code = "not_connected"
    sentence = Message("This profile has no working connection.")
    next_step = Message("Connect the account again.")
