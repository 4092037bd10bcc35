"""Parses HOST in each of its forms into the address to listen on, the one to show, and the one to probe."""

import re
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

_NAME = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?")
_EVERY = ("0.0.0.0", "::")  # noqa: S104


@dataclass(frozen=True, slots=True)
class Host:
    """`listen` is given to the socket; `reach` is an address of this machine that leads there, without brackets."""

    listen: str
    reach: str

    @classmethod
    def parse(cls, value: str) -> "Host":
        """`value` is an address with or without brackets, a name, or `*` for every address; raises ValueError."""
        bare = value[1:-1] if value.startswith("[") and value.endswith("]") else value
        if bare == "*":
            bare = "0.0.0.0"  # noqa: S104
        address, _, zone = bare.partition("%")
        try:
            found = ip_address(address)
        except ValueError:
            if bare != value or not _NAME.fullmatch(value) or re.fullmatch(r"[0-9.]+", value):
                raise ValueError("is neither an address nor a name of this machine") from None
            return cls(value, value)
        listen = f"{found}%{zone}" if zone else str(found)
        if listen in _EVERY:
            return cls(listen, "::1" if isinstance(found, IPv6Address) else "127.0.0.1")
        return cls(listen, listen)

    def url(self, port: int) -> str:
        """The http address that opens in a browser on this machine."""
        return f"http://{f'[{self.reach}]' if ':' in self.reach else self.reach}:{port}"
