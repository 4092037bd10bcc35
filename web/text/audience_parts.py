"""The words for the parts of an audience: breakdowns, and the values of their dimensions.

A value that has no words here is shown as the platform writes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from babel import Locale, UnknownLocaleError

from shared.messages import Message
from web.translation import _, language

EVERYTHING = "audience"
"""The name under which a refusal of the whole audience is stored."""
UNKNOWN = Message("Unknown")
BREAKDOWNS: Mapping[str, str] = {
    "age_gender": Message("Age and gender"),
    "age": Message("Age"),
    "gender": Message("Gender"),
    "country": Message("Country"),
    "city": Message("Town or city"),
    "online_hour": Message("Hour of the day"),
    "subscribed": Message("Subscribers and others"),
    "traffic": Message("Traffic source"),
    "content_type": Message("Kind of content"),
    "content_type_traffic": Message("Traffic source by kind of content"),
}
"""Each breakdown in the order in which pages show it."""
LIMITS: Mapping[str, str] = {
    "age_gender": Message("%(platform)s leaves it out where too few people watched."),
    "country": Message("Unknown is where %(platform)s could not tell the country."),
    "traffic": Message("The ways on which people came to a video; unknown is where %(platform)s could not tell."),
}
_VALUES: Mapping[str, str] = {
    "female": Message("women"),
    "f": Message("women"),
    "male": Message("men"),
    "m": Message("men"),
    "userspecified": Message("gender in their own words"),
    "subscribed": Message("Subscribers"),
    "unsubscribed": Message("Not subscribed"),
    "shorts": Message("Shorts"),
    "videoondemand": Message("Videos"),
    "livestream": Message("Live streams"),
    "story": Message("Stories"),
    "advertising": Message("Advertising"),
    "annotation": Message("Annotations"),
    "campaigncard": Message("Campaign cards"),
    "endscreen": Message("End screens"),
    "exturl": Message("Other websites and apps"),
    "hashtags": Message("Hashtag pages"),
    "notification": Message("Notifications"),
    "playlist": Message("Playlists"),
    "productpage": Message("Product pages"),
    "promoted": Message("Promotion by the platform"),
    "relatedvideo": Message("Suggested videos"),
    "soundpage": Message("Sound pages"),
    "subscriber": Message("Home and subscriptions"),
    "ytchannel": Message("Channel pages"),
    "ytotherpage": Message("Other pages of the platform"),
    "ytsearch": Message("Search on the platform"),
    "videoremixes": Message("Remixes"),
}
_NOT_STATED = frozenset({"zz", "u", "unknown", "unspecified", "nolinkother", "nolinkembedded", ""})
_AGE = re.compile(r"(?:age)?(\d{2})-(\d{2})?")


def breakdown_words(name: str) -> str:
    """The breakdown in words."""
    return _(BREAKDOWNS[name]) if name in BREAKDOWNS else name.replace("_", " ").capitalize()


def is_unknown(keys: Sequence[str]) -> bool:
    """Whether the platform says by one of these values that it does not know."""
    return any(_plain(key) in _NOT_STATED for key in keys)


def part_words(breakdown: str, keys: Sequence[str]) -> str:
    """The values of one part in words, such as "25–34, women"."""
    return ", ".join(_value_words(breakdown, key) for key in keys)


def _value_words(breakdown: str, key: str) -> str:
    if _plain(key) in _NOT_STATED:
        return _(UNKNOWN)
    if breakdown == "country":
        return _country(key)
    if age := _AGE.fullmatch(key):
        first, last = age.groups()
        return f"{first}–{last}" if last else _("%(age)s and older", age=first)
    known = _VALUES.get(_plain(key))
    return key if known is None else _(known)


def _country(code: str) -> str:
    try:
        names = Locale.parse(language(), sep="-").territories
    except (UnknownLocaleError, ValueError):
        return code
    return str(names.get(code, code))


def _plain(key: str) -> str:
    return key.replace("_", "").lower()
