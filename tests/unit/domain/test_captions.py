"""Captions yield exactly the hashtags and mentions that the platform would link."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.captions import hashtags, mentions


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        (None, ()),
        ("", ()),
        ("a loaf #Bread #bread\n#homemade", ("bread", "homemade")),
        ("#café #CAFE\u0301", ("café",)),
        ("#写真 今日の一枚#写真展", ("写真", "写真展")),
        ("#جمال #हिन्दी #ภาษาไทย", ("جمال", "हिन्दी", "ภาษาไทย")),
        ("#a#b##c", ("a", "b", "c")),
        ("#100daysproject (#tips), #slow_living.", ("100daysproject", "tips", "slow_living")),
        ("#❤️ #bread🍞 #👩‍🍳!", ("❤️", "bread🍞", "👩‍🍳")),
        ("#️⃣ # #! #- §#", ()),
        ("C#sharp issue#12 x_#y", ()),
        ("see https://example.org/#top and www.example.org/a?b=#c, example.org/#d", ()),
        ("mail #sales@example.org, it&#39;s", ()),
        ("https://example.org/a。#after", ("after",)),
    ],
)
def test_tags_of_a_caption(text: str | None, tags: tuple[str, ...]) -> None:
    assert hashtags(text) == tags


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (None, ()),
        ("with @Alice.Smith and @alice.smith, @bob_2!", ("alice.smith", "bob_2")),
        (".@alice... (@bob.) “@carol”", ("alice", "bob", "carol")),
        ("撮影@alice さん @bobさん", ("alice", "bob")),
        ("me@example.org me.@example.org first+last@example.org", ()),
        ("@alice@example.social https://example.org/@bob linktr.ee/@carol", ()),
        ("@" + "a" * 30 + " @" + "b" * 31, ("a" * 30,)),
        ("@ @. @@dave #@erin", ("erin",)),
    ],
)
def test_mentions_of_a_caption(text: str | None, names: tuple[str, ...]) -> None:
    assert mentions(text) == names


_WORDS = st.text(st.characters(categories=["Lu", "Ll", "Lo", "Nd", "Mn"]), min_size=1, max_size=12)


@given(st.text())
def test_any_text_gives_clean_distinct_tags_that_are_found_again(text: str) -> None:
    tags = hashtags(text)
    assert len(set(tags)) == len(tags)
    assert all(tag and "#" not in tag and not any(c.isspace() for c in tag) for tag in tags)
    assert hashtags(" ".join(f"#{tag}" for tag in tags)) == tags


def _begins_with_a_mark(word: str) -> bool:
    return unicodedata.category(unicodedata.normalize("NFC", word)[0]).startswith("M")


@given(st.lists(_WORDS.filter(lambda word: not _begins_with_a_mark(word))))
def test_every_tag_written_is_found_in_order_once_whatever_its_script(words: list[str]) -> None:
    written = [unicodedata.normalize("NFC", unicodedata.normalize("NFC", word).lower()) for word in words]
    assert hashtags(" ".join(f"#{word}" for word in words)) == tuple(dict.fromkeys(written))


@given(st.text())
def test_any_text_gives_usernames_that_are_found_again(text: str) -> None:
    names = mentions(text)
    assert len(set(names)) == len(names)
    assert mentions(" ".join(f"@{name}" for name in names)) == names


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#0@www.aa", ()),
        ("write to #ada@www.example.org", ()),
        ("#awww.so cute", ("awww",)),
        ("see www.x.org/#no #yes", ("yes",)),
    ],
)
def test_www_begins_an_address_of_the_web_only_where_a_word_begins(text: str, tags: tuple[str, ...]) -> None:
    assert hashtags(text) == tags


_ADDRESSES = st.from_regex(r"[a-z0-9.]{0,8}[a-z0-9]@[a-z0-9]{1,8}\.[a-z]{2,5}", fullmatch=True)


@given(_ADDRESSES, st.sampled_from([" ", ",", "(", "\n"]))
def test_an_email_address_is_neither_tag_nor_mention(address: str, before: str) -> None:
    assert mentions(f"write to{before}{address}") == ()
    assert hashtags(f"write to{before}#{address}") == ()
