"""The client's network address in one form, whatever a proxy in front wrote."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from flask import request

UNKNOWN = "unknown"
# An address with a port: 203.0.113.7:20000, [2001:db8::1]:4711.
_WITH_PORT = re.compile(r"\[([^\[\]]*)\](?::\d*)?|([0-9.]+):\d*", re.ASCII)


def normal(given: str | None) -> str:
    """The address alone: no port, brackets, quotes or zone, IPv4 out of IPv6; `unknown` where it is none."""
    found = _parsed(given or "")
    return UNKNOWN if found is None else str(found)


def network(given: str | None) -> str:
    """The address whose tries are counted together: IPv4, or for IPv6 the network (/64), as one home has all of it."""
    found = _parsed(given or "")
    if found is None:
        return UNKNOWN
    return str(ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


def of_caller() -> str:
    """The address of this request's sender, as the trusted proxies report it."""
    return normal(request.remote_addr)


def _parsed(given: str) -> IPv4Address | IPv6Address | None:
    text = given.strip().strip('"').strip()
    if with_port := _WITH_PORT.fullmatch(text):
        text = with_port[1] or with_port[2] or ""
    try:
        found = ip_address(text.partition("%")[0].strip())
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found
