"""google-api-python-client reads a channel and its figures from the stand-in, by its own descriptions of the APIs."""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from sandbox.google.clicks import walk
from sandbox.google.oauth.clients import ANALYTICS, YOUTUBE
from sandbox.google.server import Running
from sandbox.world.channel.channel import Channel
from tests.foreign.hosts import CALLBACK


@pytest.fixture
def credentials(google: Running) -> Credentials:
    """The tokens of a person who agreed to both scopes."""
    client = google.google.client
    asked = {
        "client_id": client.id,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": f"{YOUTUBE} {ANALYTICS}",
        "access_type": "offline",
        "prompt": "consent",
    }
    back = walk(str(httpx.URL(f"{google.url}/o/oauth2/v2/auth", params=asked)))
    form = {
        "grant_type": "authorization_code",
        "code": httpx.URL(back).params["code"],
        "client_id": client.id,
        "client_secret": client.secret,
        "redirect_uri": CALLBACK,
    }
    tokens = httpx.post(f"{google.url}/token", data=form, timeout=120).raise_for_status().json()
    return Credentials(
        tokens["access_token"],
        refresh_token=tokens["refresh_token"],
        token_uri=f"{google.url}/token",
        client_id=client.id,
        client_secret=client.secret,
    )


def service(google: Running, name: str, version: str, credentials: Credentials | None, **given: str) -> Any:
    """A client made of the description that the library brings."""
    options = {"api_endpoint": google.url}
    return build(name, version, credentials=credentials, client_options=options, static_discovery=True, **given)


@pytest.fixture
def youtube(google: Running, credentials: Credentials) -> Any:
    """The Data API."""
    return service(google, "youtube", "v3", credentials)


@pytest.fixture
def reports(google: Running, credentials: Credentials) -> Any:
    """The reports of the Analytics API."""
    return service(google, "youtubeAnalytics", "v2", credentials).reports()


@pytest.fixture
def channel(google: Running) -> Channel:
    """The person's channel as it is."""
    return google.google.channels()[0]


def test_the_own_channel_is_read(youtube: Any, channel: Channel) -> None:
    answer = youtube.channels().list(part="snippet,statistics,contentDetails", mine=True).execute()
    (found,) = answer["items"]
    assert found["id"] == channel.id
    assert found["snippet"]["title"] == channel.title
    assert found["contentDetails"]["relatedPlaylists"]["uploads"] == channel.uploads
    assert int(found["statistics"]["videoCount"]) == len(channel.listed(owner=False))


def test_the_uploads_are_walked_to_their_end(youtube: Any, channel: Channel) -> None:
    items = youtube.playlistItems()
    request, found = items.list(part="contentDetails", playlistId=channel.uploads, maxResults=25), []
    while request is not None:
        answer = request.execute()
        found += [item["contentDetails"]["videoId"] for item in answer["items"]]
        request = items.list_next(request, answer)
    assert found == [video.id for video in channel.listed(owner=True)]
    assert len(found) > 50


def test_videos_are_read_fifty_at_a_time(youtube: Any, channel: Channel) -> None:
    ids = [video.id for video in channel.listed(owner=True)]
    answer = youtube.videos().list(part="snippet,statistics", id=",".join(ids[:50])).execute()
    assert [item["id"] for item in answer["items"]] == ids[:50]
    with pytest.raises(HttpError) as refused:
        youtube.videos().list(part="id", id=",".join(ids[:51])).execute()
    assert refused.value.status_code == 400
    assert refused.value.error_details[0]["reason"] == "invalidFilters"


def test_days_of_a_report_are_those_of_the_channel(reports: Any, channel: Channel) -> None:
    asked = {"ids": "channel==MINE", "startDate": "2026-11-01", "endDate": "2026-11-10"}
    answer = reports.query(**asked, metrics="views,engagedViews,likes", dimensions="day", sort="day").execute()
    assert [column["name"] for column in answer["columnHeaders"]] == ["day", "views", "engagedViews", "likes"]
    assert len(answer["rows"]) == 10
    lived = {day.isoformat(): channel.on(day) for day in days_of(answer["rows"])}
    assert {row[0]: (row[1], row[3]) for row in answer["rows"]} == {
        day: (one.views, one.likes) for day, one in lived.items()
    }


def days_of(rows: list[list[Any]]) -> list[date]:
    """The days of the rows of a report."""
    return [date.fromisoformat(row[0]) for row in rows]


def test_an_impossible_report_is_refused_with_its_reason(reports: Any) -> None:
    asked = {"ids": "channel==MINE", "startDate": "2026-11-01", "endDate": "2026-11-10"}
    with pytest.raises(HttpError) as refused:
        reports.query(**asked, metrics="views", dimensions="day,video").execute()
    assert refused.value.status_code == 400
    assert "not supported" in refused.value.reason


def test_a_token_that_is_over_is_renewed(google: Running, credentials: Credentials, youtube: Any) -> None:
    before = credentials.token
    google.google.advance(timedelta(hours=2))
    assert youtube.channels().list(part="id", mine=True).execute()["items"]
    assert credentials.token != before


def test_a_call_without_a_person_is_refused(google: Running) -> None:
    keyed = service(google, "youtube", "v3", None, developerKey=google.google.client.api_key)
    with pytest.raises(HttpError) as refused:
        keyed.channels().list(part="id", mine=True).execute()
    assert refused.value.status_code == 401
    assert keyed.channels().list(part="id", forHandle=google.google.channels()[0].handle).execute()["items"]


def test_a_spent_quota_says_so(google: Running, youtube: Any) -> None:
    google.google.client.units = 0
    with pytest.raises(HttpError) as refused:
        youtube.channels().list(part="id", mine=True).execute()
    assert refused.value.status_code == 403
    assert refused.value.error_details[0]["reason"] == "quotaExceeded"
