"""A person without a browser who walks through consent pages, for demos and tests."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx

Fields = dict[str, str | list[str]]
_MOST_PAGES = 10


class Refused(Exception):
    """The pages ended where they must not; the text is what the page says."""


def follow(url: str, own_paths: tuple[str, ...], answer: Callable[[str], Fields]) -> str:
    """Return the address to which the browser is sent back; ``answer`` gets a page and returns its form, filled in.

    Addresses under ``own_paths`` belong to the pages. Raises Refused on an error page.
    """
    with httpx.Client() as http:
        page = http.get(url)
        for _ in range(_MOST_PAGES):
            if page.is_redirect:
                target = str(page.next_request.url) if page.next_request else ""
                if not urlsplit(target).path.startswith(own_paths):
                    return target
                page = http.get(target)
                continue
            if page.status_code != 200:
                raise Refused(re.sub(r"<[^>]+>|\s+", " ", page.text).strip())
            page = http.post(str(page.url), data=answer(page.text))
    raise Refused("the pages do not end")
