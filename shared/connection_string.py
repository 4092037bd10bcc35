"""Checks DATABASE_URL once, at the start, and drops the parameters that only other tools read."""

import re
from urllib.parse import quote, unquote

import psycopg
from psycopg.conninfo import conninfo_to_dict

_SCHEMES = ("postgresql://", "postgres://")
_ENCODE = (
    "percent-encode each sign of the name and the password other than letters, digits, '-', '_' and '.' "
    "(@ is %40, / is %2F, # is %23, ? is %3F, % is %25)"
)
_BROKEN_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNENCODED = re.compile(r"[\[\]<>{}#?@\"'\\`^|]")
_PLACEHOLDER = re.compile(
    r"your[-_ ]?(?:db[-_ ]?|database[-_ ]?)?(?:password|pass)|^(?:password_here|\*+|x{4,})$", re.I
)
_HOST = re.compile(r"[A-Za-z0-9._:/,%@-]*")
_PLACE = re.compile(r"(?:\[[0-9A-Fa-f:.]+(?:%[A-Za-z0-9]+)?\]|[A-Za-z0-9._%-]*)(?::[0-9]*)?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

# Parameters that other tools read and libpq refuses. Rollcall has no use for them: it finds out by itself whether a
# transaction pooler is in front, sizes its own pool, and names the schemas that it uses.
_OF_OTHERS = frozenset(
    [
        "pgbouncer",
        "supa",
        "connection_limit",
        "pool_timeout",
        "pool_size",
        "pool_mode",
        "pool_max_conns",
        "pool_min_conns",
        "schema",
        "currentschema",
        "socket_timeout",
        "statement_cache_size",
        "prepared_statement_cache_size",
        "prepared_statements",
        "preparethreshold",
        "binary_parameters",
        "max_idle_connection_lifetime",
        "max_connection_lifetime",
        "default_query_exec_mode",
        "uselibpqcompat",
        "workaround",
        "sslidentity",
        "max",
        "min",
        "pool_max_conn_lifetime",
        "pool_max_conn_idle_time",
        "pool_health_check_period",
        "prepared",
        "max_connections",
        "min_connections",
    ]
)
_TLS_WORDS = {
    ("sslaccept", "strict"): "verify-full",
    ("sslaccept", "accept_invalid_certs"): "require",
    ("sslmode", "no-verify"): "require",
    ("sslmode", "verify_ca"): "verify-ca",
    ("sslmode", "verify_full"): "verify-full",
    ("sslmode", "verify_identity"): "verify-full",
    **{("ssl", word): "require" for word in ("true", "1", "on", "yes", "require", "prefer")},
    **{("ssl", word): "disable" for word in ("false", "0", "off", "no", "disable")},
    ("ssl", "no-verify"): "require",
}


def connection_string(value: str) -> str:
    """Returns `value` as libpq takes it: parameters of other tools are dropped, and their TLS words become libpq's.

    Raises ValueError with a sentence that goes on after "its value" and holds no part of the value.
    """
    scheme = next((s for s in _SCHEMES if value.lower().startswith(s)), None)
    if scheme is None:
        raise ValueError("does not begin with postgresql:// or postgres://")
    login, place, query = _parts(value[len(scheme) :])
    _check_login(login)
    _check_place(place)
    kept = _kept(query)
    whole = f"{scheme}{login + '@' if login else ''}{place}" + (f"?{'&'.join(kept)}" if kept else "")
    _check_by_libpq(whole)
    return whole


def _parts(rest: str) -> tuple[str, str, str]:
    """The login, the place (hosts and database) and the query of the part behind the scheme."""
    if any(sign.isspace() or not sign.isprintable() for sign in rest):
        raise ValueError(f"has a space or a line end in it; {_ENCODE}")
    if _BROKEN_PERCENT.search(rest):
        raise ValueError(f"has a % that two hexadecimal digits do not follow; {_ENCODE}")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    # Text before an @ is a login, even where a character in it ends the authority too early.
    if "@" in rest[len(authority) :] or authority.count("@") > 1:
        raise ValueError(f"has a sign in its name or password that has another meaning there; {_ENCODE}")
    login, _, place = rest.rpartition("@")
    place, _, query = place.partition("?")
    return login, place, query


def _check_login(login: str) -> None:
    name, _, password = login.partition(":")
    if _PLACEHOLDER.search(unquote(password).strip("[]<>{}")):
        raise ValueError("still has a placeholder where the password belongs; put the password there, without brackets")
    if _UNENCODED.search(login):
        raise ValueError(
            f"has a sign in its name or password that has another meaning there; {_ENCODE}; "
            "leave out the brackets that stand around a placeholder"
        )
    if password and not name:
        raise ValueError("has a password but no name before it")


def _check_place(place: str) -> None:
    hosts, _, database = place.partition("/")
    if not all(_PLACE.fullmatch(one) for one in hosts.split(",")):
        raise ValueError(f"has no usable host and port behind the password; {_ENCODE}")
    if re.search(r"[\[\]<>{}#\"'\\`^|/]", database):
        raise ValueError("has no usable name of a database at its end")


def _kept(query: str) -> list[str]:
    """The parameters that libpq knows, in their order; TLS words of other tools are translated into libpq's."""
    known = {option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()}
    kept: list[str] = []
    for pair in filter(None, query.split("&")):
        name, sign, word = pair.partition("=")
        if not sign or not _NAME.fullmatch(name):
            raise ValueError(f"has something behind its question mark that is no name=value; {_ENCODE}")
        if (name.lower(), unquote(word).lower()) in _TLS_WORDS:
            kept.append(f"sslmode={_TLS_WORDS[name.lower(), unquote(word).lower()]}")
        elif name in known:
            kept.append(f"{name}={quote(unquote(word), safe='')}")
        elif name.lower() not in _OF_OTHERS:
            # A name behind a password may be the end of that password.
            shown = "a parameter" if "password=" in query.lower() else f"the parameter {name}"
            raise ValueError(f"has {shown} that PostgreSQL's own library does not know; leave it out")
    return kept


def _check_by_libpq(whole: str) -> None:
    try:
        parts = conninfo_to_dict(whole)
    except psycopg.Error:
        # The library's own text repeats the part that it did not understand.
        raise ValueError(f"is no address that PostgreSQL's own library understands; {_ENCODE}") from None
    ports = str(parts.get("port") or "5432").split(",")
    if not all(not one or (one.isascii() and one.isdigit() and 0 < int(one) < 65536) for one in ports):
        raise ValueError(f"has no usable port; {_ENCODE}")
    if not _HOST.fullmatch(str(parts.get("host") or "")):
        raise ValueError(f"has no usable host; {_ENCODE}")
    if _PLACEHOLDER.search(str(parts.get("password") or "").strip("[]<>{}")):
        raise ValueError("still has a placeholder where the password belongs; put the password there")
    if not all(_number(parts.get(name)) for name in _NUMBERS):
        raise ValueError(f"has a parameter that must be a whole number and is none ({', '.join(_NUMBERS)})")
    for name, words in _WORDS.items():
        if str(parts.get(name) or words[0]).lower() not in words:
            raise ValueError(f"has a parameter {name} that is none of {', '.join(words)}")


_NUMBERS = (
    "connect_timeout",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_count",
    "tcp_user_timeout",
)

# The words that libpq takes here; it refuses each connection with another word, and repeats the word.
_WORDS = {
    "sslmode": ("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    "channel_binding": ("disable", "prefer", "require"),
    "gssencmode": ("disable", "prefer", "require"),
    "target_session_attrs": ("any", "read-write", "read-only", "primary", "standby", "prefer-standby"),
    "sslnegotiation": ("postgres", "direct"),
    "sslcertmode": ("disable", "allow", "require"),
    "load_balance_hosts": ("disable", "random"),
    "ssl_min_protocol_version": ("tlsv1", "tlsv1.1", "tlsv1.2", "tlsv1.3"),
    "ssl_max_protocol_version": ("tlsv1", "tlsv1.1", "tlsv1.2", "tlsv1.3"),
}


def _number(given: object) -> bool:
    return given is None or bool(re.fullmatch(r"-?[0-9]{1,9}", str(given)))
