"""What is stored of an error is its code and parameters; the sentences are made of them when they are shown."""

import re
from collections.abc import Iterator

import pytest

from shared import errors
from shared.error_text import StoredError, message
from shared.error_variants import VARIANTS
from shared.errors import RollcallError


def kinds(kind: type[RollcallError] = RollcallError) -> Iterator[type[RollcallError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from kinds(narrower)


CODES = {kind.code for kind in kinds()} | {"internal", "worker_lost"}


@pytest.mark.parametrize("code", sorted(VARIANTS))
def test_each_variant_belongs_to_a_code_and_says_a_sentence(code: str) -> None:
    assert code in CODES
    for variant, (sentence, next_step) in VARIANTS[code].items():
        names = re.findall(r"%\((\w+)\)s", f"{sentence} {next_step or ''}")
        said = message(code, {"variant": variant, **dict.fromkeys(names, "value")})
        assert said is not None
        assert "%(" not in said


@pytest.mark.parametrize(
    "error",
    [
        errors.SessionDead(),
        errors.SandboxUnusable(),
        errors.DriverBroken("libatomic is missing"),
        errors.BrowserAway("refused", "start it"),
        errors.UnexpectedAnswer("Instagram's answer holds no list."),
        errors.WrongAccount().as_variant("other_username"),
        errors.NobodyAnswered().as_variant("minutes", minutes=7),
        errors.ArchiveOfAnother().as_variant("named", username="a", wanted="b"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_is_shown_of_a_stored_error_is_what_it_said(error: RollcallError) -> None:
    told = StoredError.of(error)
    assert message(told.code, told.params) == error.message == str(error)


def test_what_came_of_an_error_stands_around_its_own_sentences() -> None:
    ended = StoredError.of(errors.SessionDead(), instead="logs_in")
    assert (
        message(ended.code, ended.params, "instagram")
        == "Instagram has ended the session. Rollcall logs in again by itself now."
    )
    failed = StoredError.of(errors.WrongPassword(), before="failed", after="erased")
    said = message(failed.code, failed.params, "instagram")
    assert said is not None
    assert said.startswith("Rollcall could not log in again by itself. Instagram says that the password is wrong.")
    assert said.endswith("The stored password was erased.")
    because = {"because": ended.code, **ended.params}
    assert message("not_connected", because) == message(ended.code, ended.params)


def test_without_a_code_and_for_the_code_of_another_version_nothing_is_said() -> None:
    assert message(None, {}) is None
    assert message("made_up", {"variant": "x"}) is None
