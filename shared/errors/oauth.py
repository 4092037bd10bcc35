"""Errors of connecting an account by a provider's consent page."""

from shared.errors.tree import Permanent
from shared.messages import Message


class CodeUsed(Permanent):
    """The provider takes the code of the consent no more: it was used, or it is too old."""

    code = "code_used"
    sentence = Message("The consent for %(platform)s was used already, or is too old.")
    next_step = Message("Look at the list of your profiles; if the account is missing, connect it again.")


class AppRefused(Permanent):
    """The provider does not take the client id, its secret, or the redirect address."""

    code = "app_refused"
    sentence = Message("%(platform)s does not accept this installation's app.")
    next_step = Message("The operator of this installation has to check its id, its secret and its redirect address.")


class NoAccountOffered(Permanent):
    """Nothing can be read behind the login that gave its consent."""

    code = "no_account_offered"
    sentence = Message("There is no %(platform)s account behind this login.")
    next_step = Message("Log in there with the account that you want to connect, then connect again.")


class ScopesMissing(Permanent):
    """The person unticked what nothing can be read without."""

    code = "scopes_missing"
    sentence = Message("Without your permission Rollcall cannot read anything from %(platform)s.")
    next_step = Message("Connect again and leave every box ticked.")
