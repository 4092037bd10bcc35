"""The tokens in the page for its own script, and the forms of the answers."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.platforms.instagram_web.reading.graphql import Tokens, jazoest, tokens_in, with_data

EQMC = '<script type="application/json" id="__eqmc" nonce="x">{"u":"\\/ajax\\/","e":"","f":"NAc:17","l":"AVq"}</script>'
LSD = '<script>requireLazy([["LSD",[],{"token":"AVother"},323]])</script>'


def test_the_tokens_are_read_from_the_page() -> None:
    assert tokens_in(f"<html>{LSD}{EQMC}</html>") == Tokens("NAc:17", "AVq")


def test_where_one_script_lacks_the_token_the_other_has_it() -> None:
    assert tokens_in(EQMC.replace('"l":"AVq"', '"w":0') + LSD) == Tokens("NAc:17", "AVother")


@pytest.mark.parametrize("html", ["", LSD, EQMC.replace('"f":"NAc:17"', '"w":0'), '<script id="__eqmc">{</script>'])
def test_the_page_of_a_stranger_has_no_tokens(html: str) -> None:
    assert tokens_in(html) is None


def test_tokens_are_not_shown() -> None:
    assert "NAc" not in repr(Tokens("NAc:17", "AVq"))


@pytest.mark.parametrize(
    "form",
    ["{0}", "for (;;);{0}", '{0}\n{{"extensions":{{}}}}', 'for (;;);{0}\r\n{{"label":"x","data":1}}', '{{"a":1}}\n{0}'],
)
def test_the_data_are_found_in_each_form_of_an_answer(form: str) -> None:
    body = json.dumps({"data": {"user": "for (;;);"}})
    line = with_data(form.format(body))
    assert line is not None
    assert json.loads(line.removeprefix("for (;;);")) == {"data": {"user": "for (;;);"}}


@pytest.mark.parametrize("body", ["", "<!DOCTYPE html>", '{"data":null,"errors":[]}', "for (;;);{}", "[]"])
def test_an_answer_without_data_is_none(body: str) -> None:
    assert with_data(body) is None


@given(st.text())
def test_no_text_makes_up_an_answer_or_tokens(text: str) -> None:
    told = with_data(text)
    assert told is None or told in text
    assert tokens_in(text) is None


def test_the_check_sum_of_a_token() -> None:
    assert jazoest("abc") == "2294"
