"""Asking a process of this machine over http; no proxy of the environment stands between."""

from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener


def asked(url: str, seconds: float) -> tuple[int, bytes]:
    """The status and the first 64 KiB of the answer of `url`; raises OSError when nobody answers within `seconds`."""
    opener = build_opener(ProxyHandler({}))
    try:
        with opener.open(url, timeout=seconds) as answer:
            return int(answer.status), answer.read(65536)
    except HTTPError as error:
        with error:
            return error.code, b""
    except HTTPException as error:
        raise OSError(type(error).__name__) from None
