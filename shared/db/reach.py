"""How long an address of the database is tried, and how soon a connection that has died is given up."""

import os
from collections.abc import Mapping

from psycopg.conninfo import conninfo_to_dict, make_conninfo

# A name may stand for several addresses, of which some (IPv6, where the network has none) never answer: each is tried
# for so long. What a live connection has sent, or a probe of an idle one, is acknowledged within half a minute.
_DEFAULTS = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


def reachable(url: str) -> str:
    """`url` (of either form that libpq knows) with the limits that it does not set itself."""
    given = conninfo_to_dict(url)
    return make_conninfo(url, **{name: value for name, value in _DEFAULTS.items() if name not in given})


def with_password(url: str, environ: Mapping[str, str] | None = None) -> str:
    """`url` with the password that libpq would take from PGPASSWORD, where it has none of its own."""
    password = (os.environ if environ is None else environ).get("PGPASSWORD")
    if not password or conninfo_to_dict(url).get("password"):
        return url
    return make_conninfo(url, password=password)
