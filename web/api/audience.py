"""The audience of a profile as JSON: the parts of each breakdown, by official API and by data download."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from shared.db.pools import WebConnection
from shared.domain.metrics import Unit, metric_of
from shared.error_text import message
from shared.store.insights import reading
from shared.store.insights.reading import Refusal, ShareValue
from shared.store.profiles.profiles import ProfileRow
from web.api.shapes import number
from web.profile import past_insights
from web.profile.past_insights import OfAccount
from web.text.audience_parts import BREAKDOWNS, EVERYTHING, is_unknown, part_words
from web.text.values import iso
from web.translation import translate

NAMED = ("city", "country", "age", "gender", "gender_age")
"""The breakdowns that every answer has, empty where nothing is known."""
_OTHER_NAMES = {"age_gender": "gender_age"}
_OF_DOWNLOAD = re.compile(r"followers_by_(city|country|age)(?:_(men|women))?")
_GENDERS = {"men": "male", "women": "female"}


def load(conn: WebConnection, profile: ProfileRow) -> dict[str, Any]:
    """Each breakdown with its parts, the largest first; `others` has the platform's own ones."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in NAMED}
    for share in reading.audience(conn, profile.id):
        found.setdefault(_OTHER_NAMES.get(share.breakdown, share.breakdown), []).append(_share(profile, share))
    account = past_insights.of_account(conn, profile.id)
    for name, part in _of_download(account) if account is not None else ():
        found[name].append(part)
    refused = [_refusal(one, profile) for one in reading.refusals(conn, profile.id) if _is_audience(one)]
    others = {name: parts for name, parts in found.items() if name not in NAMED}
    return {**{name: found[name] for name in NAMED}, "others": others, "not_given": refused}


def _share(profile: ProfileRow, share: ShareValue) -> dict[str, Any]:
    declared = metric_of(profile.platform, share.metric)
    return {
        "keys": share.keys,
        "label": part_words(share.breakdown, share.keys),
        "unknown": is_unknown(share.keys),
        "metric": share.metric,
        "unit": None if declared is None else declared.unit,
        "value": number(share.value),
        "source": share.source,
        "from": share.first_day.isoformat(),
        "to": share.last_day.isoformat(),
        "read_at": iso(share.captured_at),
    }


def _of_download(account: OfAccount) -> Iterator[tuple[str, dict[str, Any]]]:
    """The parts in the newest data download, each after its breakdown; they are per hundred of the followers."""
    first, last = account.span or (None, None)
    for metric, parts in account.parts.items():
        if (named := _OF_DOWNLOAD.fullmatch(metric)) is None:
            continue
        breakdown, gender = named.groups()
        for part in parts:
            keys = [part.breakdown or "", *([_GENDERS[gender]] if gender else [])]
            yield (
                "gender_age" if gender else breakdown,
                {
                    "keys": keys,
                    "label": part_words(breakdown, keys),
                    "unknown": False,
                    "metric": metric,
                    "unit": Unit.PERCENT,
                    "value": number(part.value),
                    "source": "data_download",
                    "from": first.date().isoformat() if first else None,
                    "to": last.date().isoformat() if last else None,
                    "read_at": iso(account.at),
                },
            )


def _is_audience(one: Refusal) -> bool:
    return one.metric == EVERYTHING or one.metric in BREAKDOWNS


def _refusal(one: Refusal, profile: ProfileRow) -> dict[str, Any]:
    return {
        "breakdown": _OTHER_NAMES.get(one.metric, one.metric),
        "source": one.source,
        "since": iso(one.since),
        "because": translate(message(one.code, {}, profile.platform)),
    }
