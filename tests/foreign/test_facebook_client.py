"""python-facebook-api logs a person in at the stand-in, and reads the account behind a Page."""

from datetime import date, timedelta

import pytest
from pyfacebook import FacebookError, GraphAPI, IGBusinessApi

from sandbox.meta.apps import PAGE_BASIC, PAGE_INSIGHTS, PAGES_LIST, PAGES_READ
from sandbox.meta.clicks import walk
from sandbox.meta.people import Account, media_id
from sandbox.meta.server import Running
from sandbox.world.channel.days import begin, end, span
from tests.foreign.hosts import CALLBACK, Hosts

SCOPES = [PAGE_BASIC, PAGE_INSIGHTS, PAGES_READ, PAGES_LIST]
SETTLED = list(span(date(2026, 11, 8), date(2026, 11, 17)))
"""Ten days whose figures do not change any more."""
WINDOW = {"since": str(int(begin(SETTLED[0]).timestamp())), "until": str(int(end(SETTLED[-1]).timestamp()))}


@pytest.fixture
def graph(meta: Running, hosts: Hosts) -> GraphAPI:
    """A client with the long token of a person who agreed to everything."""
    app = meta.meta.app
    client = GraphAPI(app_id=app.id, app_secret=app.secret, oauth_flow=True, redirect_uri=CALLBACK, scope=SCOPES)
    url, _ = client.get_authorization_url()
    client.exchange_user_access_token(response=walk(hosts.here(url)))
    client.access_token = client.exchange_long_lived_user_access_token()["access_token"]
    return client


@pytest.fixture
def account(meta: Running) -> Account:
    """The account as it is."""
    return meta.meta.accounts()[0]


@pytest.fixture
def business(meta: Running, graph: GraphAPI, account: Account) -> IGBusinessApi:
    """A client of the account."""
    app = meta.meta.app
    return IGBusinessApi(
        app_id=app.id, app_secret=app.secret, access_token=graph.access_token, instagram_business_id=account.id
    )


def test_a_token_says_what_it_is(meta: Running, graph: GraphAPI) -> None:
    app = meta.meta.app
    about = graph.debug_token(graph.access_token, f"{app.id}|{app.secret}")["data"]
    assert about["is_valid"]
    assert about["app_id"] == app.id
    assert set(SCOPES) <= set(about["scopes"])
    lasts = about["expires_at"] - meta.meta.now.timestamp()
    assert timedelta(days=59).total_seconds() < lasts <= timedelta(days=60).total_seconds()


def test_pages_lead_to_their_account(graph: GraphAPI, account: Account) -> None:
    fields = "id,name,access_token,instagram_business_account{id,username}"
    (page,) = graph.get_full_connections("me", "accounts", fields=fields)["data"]
    assert page["instagram_business_account"] == {"id": account.id, "username": account.username}
    token = graph.exchange_page_access_token(page["id"])
    assert graph.get_object(page["id"], fields="name", access_token=token)["name"] == page["name"]


def test_the_account_is_read(business: IGBusinessApi, account: Account) -> None:
    found = business.user.get_info()
    assert found.id == account.id
    assert found.username == account.username
    assert found.followers_count == len(account.world.population.followers.members)
    assert found.media_count == len(account.world.posts)


def test_posts_are_walked_to_their_end(business: IGBusinessApi, account: Account) -> None:
    found = business.user.get_media(fields="id,caption", count=None, limit=7)
    assert [one.id for one in found.data] == [media_id(post.pk) for post in reversed(account.world.posts)]


def test_a_post_is_read_with_its_figures(business: IGBusinessApi, account: Account) -> None:
    post = next(post for post in reversed(account.world.posts) if not post.hides_counts)
    done = post.engagement(account.world.now)
    found = business.media.get_info(media_id(post.pk))
    assert (found.like_count, found.comments_count) == (done.likes, done.comments)
    figures = business.media.get_insights(media_id(post.pk), metric="reach,likes,saved")
    assert {one.name for one in figures.data} == {"reach", "likes", "saved"}


def test_reach_is_a_series_of_days(business: IGBusinessApi) -> None:
    answer = business.user.get_insights(metric="reach", period="day", **WINDOW)
    (reach,) = answer.data
    assert len(reach.values) == len(SETTLED)
    assert all(isinstance(one.value, int) and one.end_time for one in reach.values)


def test_totals_are_those_of_the_world(business: IGBusinessApi, account: Account) -> None:
    answer = business.user.get_insights(metric="views,likes", period="day", metric_type="total_value", **WINDOW)
    lived = [account.insights.sum(day) for day in SETTLED]
    assert {one.name: one.total_value.value for one in answer.data} == {
        "views": sum(one.views for one in lived),
        "likes": sum(one.likes for one in lived),
    }


def test_an_audience_is_broken_down(business: IGBusinessApi) -> None:
    answer = business.user.get_insights(
        metric="follower_demographics",
        period="lifetime",
        metric_type="total_value",
        breakdown="age,gender",
    )
    (found,) = answer.data
    (parts,) = found.total_value.breakdowns
    assert parts.dimension_keys == ["age", "gender"]
    assert sum(one.value for one in parts.results) > 0


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"metric": "impressions", "period": "day"}, 100),
        ({"metric": "views", "period": "day", "metric_type": "time_series"}, 100),
    ],
    ids=["retired", "no series"],
)
def test_what_is_over_is_refused(business: IGBusinessApi, asked: dict[str, str], code: int) -> None:
    with pytest.raises(FacebookError) as refused:
        business.user.get_insights(**asked, **WINDOW)
    assert refused.value.code == code


def test_many_posts_at_once_are_for_older_apps(meta: Running, business: IGBusinessApi, account: Account) -> None:
    with pytest.raises(FacebookError) as refused:
        business.media.get_batch(ids=[media_id(post.pk) for post in account.world.posts[:2]])
    assert refused.value.code == 100


def test_a_wrong_secret_is_refused(meta: Running, business: IGBusinessApi) -> None:
    business.app_secret = "another"
    with pytest.raises(FacebookError) as refused:
        business.user.get_info()
    assert "appsecret_proof" in refused.value.message


def test_the_use_of_the_limits_is_read_from_headers(
    meta: Running, graph: GraphAPI, business: IGBusinessApi, account: Account
) -> None:
    meta.meta.app.calls_a_day, meta.meta.app.calls_an_hour = 10, 10
    business.user.get_info()
    graph.get_object("me")
    assert business.rate_limit.get_limit(account.id, "instagram").call_count == 10
    assert graph.rate_limit.get_limit().call_count == 10


def test_a_token_that_is_over_is_refused(meta: Running, business: IGBusinessApi) -> None:
    meta.meta.advance(timedelta(days=61))
    with pytest.raises(FacebookError) as refused:
        business.user.get_info()
    assert refused.value.code == 190
