"""One word for one thing: no text that a person reads has a word that the pages have given up."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from tests.rig import shown
from tests.rig.shown import Shown

# The row of 5.2.2 that gave the word up, or the settled word that took its place.
GIVEN_UP: Mapping[str, tuple[str, ...]] = {
    "5.2.2.1": (r"\bput(?:ting|s)? (?:it |them |this |one )?away\b",),
    "5.2.2.2": (r"\bhand(?:s|ed|ing)?\b(?: [\w'-]+){0,4}? over\b",),
    "5.2.2.3": (r"\bsee the work\b",),
    "5.2.2.4": (r"\bdo not reach back\b", r"\bn/a (?:at the start|before)\b"),
    "5.2.2.5": (r"\btakes a second (?:reading|sync)\b",),
    "5.2.2.6": (r"\bcannot be told\b",),
    "5.2.2.7": (r"(?-i:(?:^|\. |> )Who (?:left|came|changed|follows|unfollowed|has followed)\b(?!,))",),
    "5.2.2.8": (r"\bwhom\b",),
    "5.2.2.9": (r"\bin no list of likers\b",),
    "5.2.2.10": (r"\b(?:since|renamed|came) between\b",),
    "5.2.2.11": (r"\bbefore the first reading\b", r"\bCame …"),
    "5.2.2.12": (r"\bagainst (?:the period before|the previous|… before|[+−])",),
    "5.2.2.13": (
        r"\blists could be read\b",
        r"\bread whole\b",
        r"\bwhole (?:follower |following )?list\b",
        r"(?-i:^Whole$)",
    ),
    "5.2.2.14": (
        r"\bgo(?:es|ing)? on\b(?! (?:working|counting))",
        r"\b(?:is|am|are) at work\b|^At work$",
        r"\bwait\w* (?:for )?its turn\b",
    ),
    "5.2.2.15": (r"\bmakes a pause\b", r"\broom again\b"),
    "5.2.2.16": (r"\bmay ask Instagram for\b",),
    "5.2.2.17": (r"\bInstagram asks something\b",),
    "5.2.2.18": (r"\bletters\b[^.]{0,40}\bQR\b",),
    "5.2.2.19": (r"\bBy you; no password\b",),
    "5.2.2.20": (r"\bFull lists?, next\b",),
    "5.2.2.21": (r"\b(?:link|file) is (?:over|gone)\b",),
    "5.2.2.22": (r"\bLooking up who\b",),
    "5.2.2.23": (r"\banew\b",),
    "5.2.2.24": (r"\bNobody's data\b", r"^Operation$"),
    "5.2.2.25": (r"\bgiven no job\b", r"\bown port tell\b"),
    "no one": (r"\bnobody\b", r"\bsomebody\b"),
    "sync": (r"\breadings?\b",),
    "cool-down": (
        r"\b(?:profiles?|Rollcall|it|they|account) (?:that )?rests?\b",
        r"\b(?:end|ends|ended) (?:the|any|its) rest\b",
        r"\brests this\b",
    ),
    "data download": (
        r"\bofficial (?:data |Instagram )*export",
        r"\bInstagram(?:'s)? (?:own )?(?:data )?exports?\b",
        r"\bexports? of Instagram\b",
        r"\b(?:your|this) export of\b|\bthis export\b",
    ),
}
# "Automated reading" names what Instagram's terms forbid, not a run of Rollcall.
_ALLOWED = re.compile(r"automated reading", re.I)


@pytest.fixture(scope="module")
def texts() -> list[Shown]:
    return list(shown.everything())


@pytest.mark.parametrize("row", GIVEN_UP)
def test_no_text_has_a_word_that_was_given_up(texts: list[Shown], row: str) -> None:
    given_up = re.compile("|".join(GIVEN_UP[row]), re.I)
    found = [
        f"{text.place}: …{cleaned[max(at.start() - 60, 0) : at.end() + 60]}…"
        for text in texts
        for cleaned in [_ALLOWED.sub("", text.text)]
        for at in given_up.finditer(cleaned)
    ]
    assert found == []


def test_the_text_of_a_template_is_what_a_person_reads() -> None:
    source = """{# Put away #}<p class="a b" title="a title">One {{ "two words" }} &amp; more</p>{% set x = "end" %}"""
    found = [" ".join(text.split()) for text in shown.template(source)]
    assert found == ["One … & more", "a title", "two words", "end"]


def test_the_text_of_a_module_is_its_sentences_and_the_help_of_its_commands() -> None:
    source = '''"""Put away."""
import click
@click.command("x")
def act() -> None:
    """Help of a command."""
def other(name: str) -> str:
    """Not shown."""
    query("select what from where")
    log("an_event")
    return f"Hello {name}, how are you?"
'''
    assert {"Help of a command.", "Hello …, how are you?"} <= set(shown.python(source))
    assert not {"Put away.", "Not shown.", "select what from where", "an_event"} & set(shown.python(source))


def test_the_text_of_a_script_is_its_strings() -> None:
    assert shown.script("""say("one text"); // it "goes on"\nconst x = `two ${n} texts`; y = "word";""") == [
        "one text",
        "two ${n} texts",
    ]
