"""Channels, uploads and videos by the Data API, held against the truth."""

import re

import pytest

from sandbox.google.data.shapes import duration, rounded
from sandbox.google.oauth.clients import ANALYTICS
from sandbox.google.server import Config, PersonConfig, start
from sandbox.world.channel.channel import ChannelConfig
from sandbox.world.channel.truth import truth
from sandbox.world.channel.videos import Privacy
from tests.sandbox.google.app import App, error_of
from tests.sandbox.google.conftest import QUIET, SMALL, Visit

ALL_PARTS = "id,snippet,contentDetails,statistics,status"


def uploads(app: App) -> str:
    """The own playlist of uploads."""
    details = app.channel().json()["items"][0]["contentDetails"]
    playlist: str = details["relatedPlaylists"]["uploads"]
    return playlist


def ids(app: App, **params: str) -> list[str]:
    """The ids of every upload, page by page."""
    asked = {"part": "contentDetails", "playlistId": uploads(app), "maxResults": "50"} | params
    found: list[str] = []
    while True:
        body = app.get("/youtube/v3/playlistItems", **asked).json()
        found += [item["contentDetails"]["videoId"] for item in body["items"]]
        if "nextPageToken" not in body:
            return found
        asked["pageToken"] = body["nextPageToken"]


def test_the_own_channel_has_its_counters_as_text(connected: App) -> None:
    body, channel = connected.channel().json(), connected.google.channels()[0]
    true, item = truth(channel), body["items"][0]
    assert (body["kind"], item["kind"]) == ("youtube#channelListResponse", "youtube#channel")
    assert (item["id"], item["snippet"]["title"]) == (true["id"], true["title"])
    assert item["snippet"]["customUrl"] == channel.handle
    assert item["contentDetails"]["relatedPlaylists"]["uploads"] == f"UU{channel.id[2:]}"
    assert item["statistics"] == {
        "viewCount": str(true["views"]),
        "subscriberCount": str(rounded(channel.subscribers)),
        "hiddenSubscriberCount": False,
        "videoCount": str(len(channel.listed(owner=False))),
    }
    assert int(item["statistics"]["subscriberCount"]) < channel.subscribers


@pytest.mark.parametrize(
    ("exact", "shown"),
    [(0, 0), (7, 7), (999, 999), (1000, 1000), (1234, 1230), (12_399, 12_300), (1_999_999, 1_990_000)],
)
def test_subscribers_are_rounded_down_to_three_digits(exact: int, shown: int) -> None:
    assert rounded(exact) == shown


@pytest.mark.parametrize(
    ("seconds", "text"), [(63, "PT1M3S"), (60, "PT1M"), (8, "PT8S"), (3600, "PT1H"), (3725, "PT1H2M5S"), (0, "PT0S")]
)
def test_a_length_is_written_in_iso_form(seconds: int, text: str) -> None:
    assert duration(seconds) == text


def test_hidden_subscribers_are_said_to_be_hidden(visit: Visit) -> None:
    app = visit(ChannelConfig(videos=2, hides_subscribers=True))
    app.connect()
    statistics = app.channel().json()["items"][0]["statistics"]
    assert (statistics["hiddenSubscriberCount"], statistics["subscriberCount"]) == (True, "0")


def test_only_the_asked_parts_come(connected: App) -> None:
    item = connected.channel(part="id,statistics").json()["items"][0]
    assert set(item) == {"kind", "etag", "id", "statistics"}


def test_uploads_come_page_by_page_newest_first(visit: Visit) -> None:
    app = visit(ChannelConfig(videos=130, age_days=200))
    app.connect()
    channel = app.google.channels()[0]
    true = [video.id for video in channel.listed(owner=True)]
    assert len(true) > 100
    assert ids(app) == true
    first = app.get("/youtube/v3/playlistItems", part="snippet,contentDetails", playlistId=uploads(app)).json()
    assert len(first["items"]) == 5
    assert first["pageInfo"] == {"totalResults": len(true), "resultsPerPage": 5}
    assert "prevPageToken" not in first
    assert [item["snippet"]["position"] for item in first["items"]] == [0, 1, 2, 3, 4]


def test_videos_come_in_batches_with_counts_as_text_where_they_are_shown(visit: Visit) -> None:
    app = visit(ChannelConfig(videos=130, age_days=200))
    app.connect()
    every = ids(app)
    items = [
        item
        for start in range(0, len(every), 50)
        for item in app.get("/youtube/v3/videos", part=ALL_PARTS, id=",".join(every[start : start + 50])).json()[
            "items"
        ]
    ]
    seen = {
        item["id"]: (
            item["statistics"]["viewCount"],
            item["statistics"].get("likeCount"),
            item["statistics"].get("commentCount"),
            item["status"]["privacyStatus"],
        )
        for item in items
    }
    rows = truth(app.google.channels()[0])["videos"]
    assert isinstance(rows, list)
    text = {None: None}
    assert seen == {
        row["id"]: (
            str(row["views"]),
            text.get(row["likes"], str(row["likes"])),
            text.get(row["comments"], str(row["comments"])),
            row["privacy"],
        )
        for row in rows
    }
    assert {likes is None for _, likes, _, _ in seen.values()} == {True, False}
    assert {comments is None for _, _, comments, _ in seen.values()} == {True, False}
    assert all(re.fullmatch(r"PT(\d+H)?(\d+M)?(\d+S)?", item["contentDetails"]["duration"]) for item in items)


def test_a_video_that_is_not_there_is_just_missing(connected: App) -> None:
    known = ids(connected)[0]
    body = connected.get("/youtube/v3/videos", part="id", id=f"{known},{known},aaaaaaaaaaa").json()
    assert [item["id"] for item in body["items"]] == [known]
    assert body["pageInfo"]["totalResults"] == 1


def test_a_channel_without_videos_has_no_playlist_of_uploads(visit: Visit) -> None:
    app = visit(ChannelConfig(videos=0))
    app.connect()
    answer = app.get("/youtube/v3/playlistItems", part="contentDetails", playlistId=uploads(app))
    assert error_of(answer) == (404, "playlistNotFound")


def test_a_key_reads_public_things_of_any_channel(app: App) -> None:
    key, channel = app.google.client.api_key, app.google.channels()[0]
    for by in ({"forHandle": channel.handle}, {"forHandle": channel.handle[1:].upper()}, {"id": channel.id}):
        body = app.get("/youtube/v3/channels", part="statistics", key=key, **by).json()
        assert [item["id"] for item in body["items"]] == [channel.id]
    assert "items" not in app.get("/youtube/v3/channels", part="id", key=key, forHandle="@no.one").json()
    assert error_of(app.channel(key=key)) == (401, "authorizationRequired")
    assert error_of(app.channel(key="AIzaWrong", mine="", id=channel.id)) == (400, "badRequest")


def test_a_strangers_private_videos_stay_private() -> None:
    people = tuple(
        PersonConfig(QUIET, (ChannelConfig(number=number, videos=150, age_days=200),), f"{number}@example.org")
        for number in (1, 2)
    )
    running = start(Config(people=people))
    try:
        app = App(running)
        own, other = app.google.channels()
        app.connect(account="1@example.org")
        private = {video.id: video.privacy for video in other.listed(owner=True)}
        listed = ids(app, playlistId=other.uploads)
        assert set(map(private.get, listed)) == {Privacy.PUBLIC}
        hidden = next(name for name, privacy in private.items() if privacy is Privacy.PRIVATE)
        unlisted = next(name for name, privacy in private.items() if privacy is Privacy.UNLISTED)
        body = app.get("/youtube/v3/videos", part="id", id=f"{hidden},{unlisted}").json()
        assert [item["id"] for item in body["items"]] == [unlisted]
        assert own.id != other.id
        app.http.close()
    finally:
        running.stop()


@pytest.mark.parametrize(
    ("path", "params", "reason"),
    [
        ("channels", {"mine": "true"}, "required"),
        ("channels", {"part": "snippet,pictures", "mine": "true"}, "unknownPart"),
        ("channels", {"part": "snippet"}, "missingRequiredParameter"),
        ("channels", {"part": "snippet", "mine": "true", "id": "UC1"}, "incompatibleParameters"),
        ("channels", {"part": "snippet", "mine": "true", "date": "today"}, "invalid"),
        ("playlistItems", {"part": "snippet"}, "missingRequiredParameter"),
        ("videos", {"part": "snippet"}, "missingRequiredParameter"),
        ("videos", {"part": "snippet", "id": ",".join(f"video{number:06}" for number in range(51))}, "invalidFilters"),
    ],
)
def test_a_wrong_call_is_400_and_costs_a_unit(connected: App, path: str, params: dict[str, str], reason: str) -> None:
    before = connected.google.spent.total()
    assert error_of(connected.get(f"/youtube/v3/{path}", **params)) == (400, reason)
    assert connected.google.spent.total() == before + 1


@pytest.mark.parametrize("size", ["51", "-1", "many"])
def test_a_page_has_at_most_fifty_items(connected: App, size: str) -> None:
    answer = connected.get("/youtube/v3/playlistItems", part="id", playlistId=uploads(connected), maxResults=size)
    assert error_of(answer) == (400, "invalidParameter")
    assert "[0, 50]" in answer.json()["error"]["message"]


def test_a_page_token_belongs_to_its_list(visit: Visit) -> None:
    app = visit(SMALL, ChannelConfig(number=2, videos=40, age_days=90))
    first, second = app.google.channels()
    app.connect(channel=first.id)
    asked = {"part": "id", "playlistId": second.uploads, "maxResults": "2"}
    token = app.get("/youtube/v3/playlistItems", **asked).json()["nextPageToken"]
    for wrong in ({"playlistId": first.uploads, "pageToken": token}, {"pageToken": "CDIQAA"}, {"pageToken": "%%"}):
        assert error_of(app.get("/youtube/v3/playlistItems", **(asked | wrong))) == (400, "invalidPageToken")
    assert app.get("/youtube/v3/playlistItems", **asked, pageToken=token).status_code == 200


def test_the_data_api_needs_its_scope(app: App) -> None:
    app.connect(scopes=[ANALYTICS])
    answer = app.channel()
    assert error_of(answer) == (403, "insufficientPermissions")
    assert answer.json()["error"]["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]


def test_units_are_counted_by_pacific_day(connected: App) -> None:
    connected.google.client.units = 3
    for _ in range(3):
        assert connected.channel().status_code == 200
    refused = connected.channel()
    assert error_of(refused) == (403, "quotaExceeded")
    assert refused.json()["error"]["errors"][0]["domain"] == "youtube.quota"
    assert "status" not in refused.json()["error"]
    assert connected.report().status_code == 200
    connected.control("advance", hours=13)
    connected.tokens |= connected.refresh().json()
    assert error_of(connected.channel()) == (403, "quotaExceeded")
    connected.control("advance", hours=1)
    connected.tokens |= connected.refresh().json()
    assert connected.channel().status_code == 200


def test_a_call_with_a_dead_token_costs_nothing(connected: App) -> None:
    connected.control("faults", kind="expired")
    assert error_of(connected.channel()) == (401, "authError")
    assert connected.google.spent.total() == 0


def test_pictures_are_where_the_thumbnails_say(connected: App) -> None:
    url = connected.channel().json()["items"][0]["snippet"]["thumbnails"]["default"]["url"]
    answer = connected.http.get(url)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
    assert answer.content.startswith(b"\x89PNG")


def test_an_address_that_is_not_there_is_404(connected: App) -> None:
    assert error_of(connected.get("/youtube/v3/search", part="snippet", q="bread")) == (404, "notFound")
