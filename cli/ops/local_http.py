"""Sends http requests to a process of this machine, past any proxy of the environment."""

from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener
from urllib.response import addinfourl


def fetch(url: str, seconds: float) -> tuple[int, bytes]:
    """The status and the first 64 KiB of the answer of `url`; raises OSError without an answer within `seconds`."""
    try:
        with _answer(url, seconds) as answer:
            return int(answer.status or 0), answer.read(65536)
    except HTTPException as error:
        raise OSError(type(error).__name__) from None


def _answer(url: str, seconds: float) -> addinfourl:
    """The answer, refusals included."""
    try:
        answer: addinfourl = build_opener(ProxyHandler({})).open(url, timeout=seconds)
    except HTTPError as refusal:
        return refusal
    return answer
