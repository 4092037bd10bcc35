"""A column of a file: its name, its type, its source, and its meaning in one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import LiteralString

from psycopg import sql


class Kind(StrEnum):
    """The type of a column's cells; the value is its name for people."""

    TEXT = "text"
    NUMBER = "number"
    YES_NO = "true or false"
    MOMENT = "date and time"
    DAY = "date"


@dataclass(frozen=True, slots=True)
class Column:
    """`sql` gives text, a whole or floating number, a boolean, a timestamptz or a date, according to `kind`."""

    name: str
    kind: Kind
    sql: LiteralString
    means: str
    width: int = 12


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file. `source` and `where` may use %(user_id)s, %(profile_id)s and the bounds of the period:
    %(start)s and %(end)s (aware moments or NULL), %(first_day)s and %(last_day)s (dates or NULL). A column may use
    %(profile_url)s, the address of a person on the platform with `{username}` for the name.
    """

    columns: tuple[Column, ...]
    source: LiteralString
    where: LiteralString
    order: LiteralString

    def select(self) -> sql.Composed:
        """The statement for the rows, in the columns' order, the newest first."""
        shown = sql.SQL(", ").join(sql.SQL(column.sql) for column in self.columns)
        return sql.SQL("select {} from {} where {} order by {}").format(
            shown, sql.SQL(self.source), sql.SQL(self.where), sql.SQL(self.order)
        )

    def count(self) -> sql.Composed:
        """The statement for the number of rows, as `number`."""
        return sql.SQL("select count(*) as number from {} where {}").format(sql.SQL(self.source), sql.SQL(self.where))


def text(name: str, expression: LiteralString, means: str, width: int = 14) -> Column:
    return Column(name, Kind.TEXT, expression, means, width)


def number(name: str, expression: LiteralString, means: str) -> Column:
    return Column(name, Kind.NUMBER, expression, means)


def yes_no(name: str, expression: LiteralString, means: str) -> Column:
    return Column(name, Kind.YES_NO, expression, means)


def moment(name: str, expression: LiteralString, means: str) -> Column:
    return Column(name, Kind.MOMENT, expression, means, 19)
