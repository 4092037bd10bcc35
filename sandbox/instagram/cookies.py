"""The cookies of the site; all live for a number of seconds, none until a date of the calendar."""

import secrets

from flask import Request
from werkzeug.wrappers import Response

_YEAR = 31_536_000
_DEVICE = ("mid", "ig_did", "datr")


def give_device_cookies(request: Request, response: Response) -> None:
    """Set the cookies that every visitor gets with a page, where they are missing."""
    for name in ("csrftoken", *_DEVICE):
        if name not in request.cookies and not _is_set(response, name):
            response.set_cookie(name, _fresh(name), max_age=_YEAR, path="/", httponly=name in _DEVICE, samesite="Lax")


def give_session(response: Response, sessionid: str, user_id: int, *, names_user: bool = True) -> None:
    """Log the browser in: the session's cookies and a new csrftoken; some logins leave ``ds_user_id`` out."""
    response.set_cookie("csrftoken", _fresh("csrftoken"), max_age=_YEAR, path="/", samesite="Lax")
    response.set_cookie("sessionid", sessionid, max_age=_YEAR, path="/", httponly=True, samesite="Lax")
    if names_user:
        response.set_cookie("ds_user_id", str(user_id), max_age=_YEAR // 4, path="/", samesite="Lax")
    response.set_cookie("rur", f"CLN,{user_id},{secrets.token_hex(16)}", max_age=_YEAR, path="/", httponly=True)


def take_session(response: Response) -> None:
    """Log the browser out."""
    response.set_cookie("sessionid", "", max_age=0, path="/", httponly=True, samesite="Lax")
    response.set_cookie("ds_user_id", "", max_age=0, path="/", samesite="Lax")


def _fresh(name: str) -> str:
    return secrets.token_hex(16) if name == "csrftoken" else secrets.token_urlsafe(18)


def _is_set(response: Response, name: str) -> bool:
    return any(line.startswith(f"{name}=") for line in response.headers.getlist("Set-Cookie"))
