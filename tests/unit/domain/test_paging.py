"""Paging by key: every row once, in order, whichever way one walks; a token that no page gave is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.paging import Cursor, Page, cut, read_token

Rows = list[tuple[str, int]]


def asked(rows: Rows, size: int, cursor: Cursor | None) -> Page[tuple[str, int]]:
    """What a query would find in the sorted rows."""
    if cursor is None:
        found = rows
    elif cursor.up:
        found = [row for row in reversed(rows) if row < (cursor.key, cursor.row_id)]
    else:
        found = [row for row in rows if row > (cursor.key, cursor.row_id)]
    return cut(found[: size + 1], size, cursor, lambda row: row)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 40)), unique=True), st.integers(1, 7))
def test_walking_down_and_up_again_meets_every_row_once(rows: Rows, size: int) -> None:
    rows.sort()
    down: Rows = []
    pages: list[tuple[tuple[str, int], ...]] = []
    cursor: Cursor | None = None
    while True:
        page = asked(rows, size, cursor)
        down += page.rows
        pages.append(page.rows)
        if page.next is None:
            break
        cursor = page.next
    assert down == rows
    back = [page.rows]
    while page.previous is not None:
        page = asked(rows, size, page.previous)
        back.append(page.rows)
    assert list(reversed(back)) == pages
    assert page.previous is None


@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), st.integers(0, 2**62), st.booleans()
)
def test_a_token_leads_back_to_its_row(key: str, row_id: int, up: bool) -> None:
    cursor = Cursor(key, row_id, up)
    assert read_token(cursor.token(), up=up) == cursor


@pytest.mark.parametrize(
    "token", ["x", "ü", "bnVsbA", "W10", "WzEsMl0", "WyJhIiwiYiJd", "WyJhIiwgOTk5OTk5OTk5OTk5OTk5OTk5OTld", "e30"]
)
def test_a_token_that_no_page_gave_is_refused(token: str) -> None:
    with pytest.raises(ValueError, match="not a page"):
        read_token(token, up=False)


@given(st.text())
def test_any_other_text_is_refused_or_read_but_never_breaks(token: str) -> None:
    with suppress(ValueError):
        assert read_token(token, up=True).up
