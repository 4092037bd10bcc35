"""Explains failed database connections in our own words, because PostgreSQL's words repeat parts of the address."""

from __future__ import annotations

import re
from typing import TypeGuard

import psycopg
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

NOBODY = "nothing listens at its host and port"
NO_SOCKET = "there is no socket at its host"
_KNOWN = (
    (r"invalid \S+ value|invalid .*(?:parameter|option)", "one of its parameters has a value that is none"),
    (r"(?:translate|resolve) host|network address|name or service not", "the name of its host leads to no address"),
    (r"definition of service|service file", "it names a service that is not defined here"),
    (r"connection refused", NOBODY),
    (r"timeout expired|timed out", "it gave no answer in time"),
    (r"network is unreachable|no route to host", "no way leads to its host"),
    (r"root certificate file|certificate file|private key file", "a certificate or key that it names cannot be read"),
    (r"certificate", "the server's certificate could not be verified"),
    (r"does not support ssl|server does not support", "the server offers no TLS"),
    (r"no such file or directory", NO_SOCKET),
    (r"password|authentication failed", "its name or its password is refused"),
    (r"role .* does not exist|tenant or user not found", "its name is not known there"),
    (r"database .* does not exist", "there is no database of its name"),
    (r"pg_hba\.conf", "the server lets no one in from here (pg_hba.conf)"),
    (r"too many (?:clients|connections)|connection slots|max client", "the server takes no more connections"),
    (r"starting up|shutting down|recovery", "the server is starting or stopping"),
    (r"closed the connection", "the server closed the connection, or is no PostgreSQL"),
    (r"permission denied", "its role may not do that"),
)  # fmt: skip


def reason(error: psycopg.Error) -> str:
    """The cause of the failure as the end of a sentence about the address; holds no part of the address."""
    text = str(error)
    for sign, words in _KNOWN:
        if re.search(sign, text, re.I):
            return words
    return type(error).__name__


def is_of_connecting(error: object) -> TypeGuard[psycopg.OperationalError]:
    """Whether the text is libpq's about a failed connection; the server's errors about statements have a code."""
    if isinstance(error, PoolClosed | PoolTimeout | TooManyRequests):
        return False
    return isinstance(error, psycopg.OperationalError) and error.sqlstate is None
