"""Official exports as Instagram made them over the years, small enough for a test."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FOLLOWS = "connections/followers_and_following/"
People = Mapping[str, datetime]
Members = dict[str, str | bytes]


def epoch(at: datetime) -> int:
    return int(at.timestamp())


def garbled(text: str) -> str:
    """The text as exports write it: its UTF-8 bytes as Latin-1 letters."""
    return text.encode().decode("latin-1")


def entry(name: str, at: datetime) -> dict[str, Any]:
    """A follower since 2023, and a followed account until 2025."""
    href = f"https://www.instagram.com/{name}"
    return {
        "title": "",
        "media_list_data": [],
        "string_list_data": [{"href": href, "value": name, "timestamp": epoch(at)}],
    }


def titled(name: str, at: datetime) -> dict[str, Any]:
    """A followed account since December 2025: the username in the title, none under `value`."""
    href = f"https://www.instagram.com/_u/{name}"
    return {"title": name, "string_list_data": [{"href": href, "timestamp": epoch(at)}]}


def labelled(name: str, at: datetime, label: str = "Nome de usuário") -> dict[str, Any]:
    """An entry of 2026's other lists, with labels in the account's language."""
    values = [
        {"label": "URL", "value": ""},
        {"label": "Nome", "value": "Ana"},
        {"label": garbled(label), "value": name},
    ]
    return {"timestamp": epoch(at), "media": [], "label_values": values, "fbid": "17841400000000003"}


def followers_2023(people: People) -> str:
    return json.dumps([entry(name, at) for name, at in people.items()])


def following_2025(people: People) -> str:
    return json.dumps({"relationships_following": [titled(name, at) for name, at in people.items()]})


def lists(followers: People | None = None, following: People | None = None) -> Members:
    """The two lists in this year's shape."""
    members: Members = {}
    if followers is not None:
        members[f"{FOLLOWS}followers_1.json"] = followers_2023(followers)
    if following is not None:
        members[f"{FOLLOWS}following.json"] = following_2025(following)
    return members


def html_page(people: People, *, made: str = "2026-08-12T05:03Z", shown: str = "Aug 11, 2026 10:03 pm UTC") -> str:
    """A list as a page; its dates are seven hours behind UTC unless told otherwise."""
    rows = "".join(
        f'<div class="_a6-p"><div><a target="_blank" href="https://www.instagram.com/{name}">{name}</a></div>'
        f"<div>{at:%b %d, %Y %I:%M} {at:%p}</div></div>".replace("AM<", "am<").replace("PM<", "pm<")
        for name, at in people.items()
    )
    head = f'<header>Generated on <time datetime="{made}">{shown}</time></header>' if made else ""
    return f"<html><head><title>Followers</title></head><body>{head}<main><h1>Followers</h1>{rows}</main></body></html>"


def signup(created_at: datetime, username: str = "alice.test") -> Members:
    """What the export says about the account's beginning."""
    about = {"Username": {"value": username}, garbled("Time"): {"value": "", "timestamp": epoch(created_at)}}
    path = "security_and_login_information/login_and_profile_creation/signup_details.json"
    return {path: json.dumps({"account_history_registration_info": [{"title": "", "string_map_data": about}]})}


def personal(username: str) -> Members:
    """What the export says about whose it is."""
    about = {garbled("Nome de usuário"): {"href": "", "value": username, "timestamp": 0}}
    path = "personal_information/personal_information/personal_information.json"
    return {path: json.dumps({"profile_user": [{"title": "", "string_map_data": about}]})}


def past_insights(file: str, *items: tuple[datetime | None, Mapping[str, str]]) -> Members:
    """One file of past insights (`posts`, `profiles_reached`, …); an item has the time of its post, or none."""
    found = []
    for at, texts in items:
        media = {"Media Thumbnail": {"uri": "media/x.jpg", "creation_timestamp": epoch(at), "title": ""}} if at else {}
        told = {garbled(label): {"href": "", "value": garbled(text), "timestamp": 0} for label, text in texts.items()}
        found.append({"title": "", "media_map_data": media, "string_map_data": told})
    path = f"logged_information/past_instagram_insights/{file}.json"
    return {path: json.dumps({f"organic_insights_{file}": found})}


def zipped(members: Members, made_at: datetime = datetime(2026, 6, 1, tzinfo=UTC), prefix: str = "") -> bytes:
    """The members as a ZIP file that was made at `made_at`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            moment = made_at.astimezone(UTC)
            info = zipfile.ZipInfo(
                prefix + name, (moment.year, moment.month, moment.day, moment.hour, moment.minute, 0)
            )
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return out.getvalue()


def written(path: Path, members: Members, made_at: datetime = datetime(2026, 6, 1, tzinfo=UTC)) -> Path:
    """The ZIP file, written to `path`."""
    path.write_bytes(zipped(members, made_at))
    return path
