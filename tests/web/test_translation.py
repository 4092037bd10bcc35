"""Every text that a person meets goes through the translation, as a language with each message in brackets shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from flask import Flask, before_render_template, template_rendered
from flask.testing import FlaskClient
from psycopg import sql
from psycopg_pool import ConnectionPool

from shared import error_text
from shared.db.pools import WebConnection
from shared.error_variants import VARIANTS
from shared.errors import RollcallError
from shared.messages import Message, render
from shared.store.followers.segments import Kind
from shared.store.users.email_alerts import Mail
from shared.store.users.email_confirmations import Asked
from tests.conftest import REPO, Personas
from tests.rig.history import NOW, History, days_ago
from tests.rig.official import READ_AT, Figures, fill
from tests.rig.populated import populate
from tests.web.conftest import MakeApp, SignedInAs
from tests.web.pages import post
from web import translation
from worker.notify import confirm, deliver

LANGUAGE = "eo"
KEYWORDS = {**DEFAULT_KEYWORDS, "Message": None, "plural": (1, 2)}
# Identifiers stand in <code>.
_NOT_READ = frozenset({"script", "style", "code"})
_SHOWN = frozenset({"alt", "aria-label", "placeholder", "title"})
# What no catalog translates: dates, sizes, units, names.
_MONTHS = [name for tag in ("en", LANGUAGE) for name in Locale(tag).months["format"]["abbreviated"].values()]
_DATA = re.compile(
    rf"\d+ ({'|'.join(_MONTHS)})( \d{{4}})?|"
    r"\bUTC\b|\d+(\.\d+)? (kB|MB|Bytes|KiB|MiB|GiB)\b"
    r"|\d+(\.\d+)? (s|min|h)\b|@[\w.]+|\S+@example\.org|#\w+|\b(Rollcall|Instagram|CSV|XLSX)\b|\ber_\w+"
    r"|\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\b[a-f0-9]{32}\b"
)


@pytest.fixture(scope="session")
def messages() -> Catalog:
    """Every message of the product, each translated to itself in brackets."""
    with (REPO / "babel.cfg").open(encoding="utf-8") as file:
        mapping, options = import_module("babel.messages.frontend").parse_mapping_cfg(file)
    catalog = Catalog(locale=LANGUAGE)
    for _, _, message, _, context in extract_from_dir(REPO, mapping, options, KEYWORDS):
        forms = tuple(map(bracketed, message)) if isinstance(message, tuple) else bracketed(message)
        catalog.add(message, forms, context=context)
    return catalog


def bracketed(text: str) -> str:
    return f"⟦{text}⟧"


@pytest.fixture(scope="session")
def translations(messages: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("translations")
    target = folder / LANGUAGE / "LC_MESSAGES" / "messages.mo"
    target.parent.mkdir(parents=True)
    written = BytesIO()
    write_mo(written, messages)
    target.write_bytes(written.getvalue())
    return folder


@pytest.fixture
def app(make_app: MakeApp, translations: Path) -> Flask:
    made = make_app(operators=frozenset({"alice@example.org"}), mail_from="rollcall@example.org", smtp_url="smtp://x")
    made.extensions["babel"].locale_selector = lambda: LANGUAGE
    made.extensions["babel"].translation_directories[:] = [str(translations)]
    return made


@pytest.fixture
def history(owner: psycopg.Connection[dict[str, Any]], people: Personas, make_profile: Callable[..., UUID]) -> History:
    made = History(owner, people.alice, make_profile(people.alice, external_id="9", observed_at=NOW, followers=122))
    populate(made)
    for age, followers in ((20, 90), (3, 122)):
        made.counted(days_ago(age), followers)
    return made


class _Page(HTMLParser):
    """The text of a page that is shown outside brackets, and the texts of attributes, each by itself."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.depth = self._hidden = 0
        self.bare: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _NOT_READ
        for name, value in attrs:
            if name in _SHOWN or name.startswith(("data-words", "data-title-", "data-to-")):
                self.bare.append(re.sub("⟦.*⟧", " ", value or "", flags=re.S))

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in _NOT_READ

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        for piece in re.split("([⟦⟧])", data):
            if piece in ("⟦", "⟧"):
                self.depth += 1 if piece == "⟦" else -1
            elif self.depth == 0 and piece:
                self.bare.append(piece)


@pytest.fixture
def stored(owner: psycopg.Connection[dict[str, Any]]) -> Callable[[], list[str]]:
    """The texts of all rows but single words, longest first: what people wrote, and sentences that rows store.

    An error that was raised in its own words is stored with them.
    """

    def read() -> list[str]:
        columns = owner.execute(
            "select table_name, column_name, data_type = 'jsonb' as is_params from information_schema.columns"
            " where table_schema = 'public'"
            " and (data_type in ('text', 'ARRAY') or data_type = 'jsonb' and column_name like '%params')"
        ).fetchall()
        found: set[str] = set()
        for column in columns:
            name, table = sql.Identifier(column["column_name"]), sql.Identifier(column["table_name"])
            value = sql.SQL("{} ->> 'sentence'" if column["is_params"] else "{}::text").format(name)
            query = sql.SQL("select distinct {0} as value from public.{1} where {0} is not null").format(value, table)
            found |= {row["value"] for row in owner.execute(query)}
        words = (text for text in found if not re.fullmatch(r"\{.*|[a-z_-]+|[A-Z_]+|\W*|.{0,2}", text, re.S))
        return sorted(words, key=len, reverse=True)

    return read


def untranslated(page: str, data: list[str]) -> list[str]:
    """What a page shows that neither comes from a message nor is data."""
    read = _Page(page)
    assert read.depth == 0
    left = []
    for text in read.bare:
        for known in data:
            text = text.replace(known, " ")
        text = _DATA.sub(" ", text)
        if re.search(r"[^\W\d_]{2}", text):
            left.append(text.strip())
    return left


def pages_of(history: History, owner: psycopg.Connection[dict[str, Any]]) -> Iterator[str]:
    root = f"/profiles/{history.profile}"
    yield from ("/", "/account", "/account/connections")
    yield from ("/connect", "/connect/instagram", "/connect/cookies", "/connect/data-download")
    yield from (root, f"{root}?period=all", f"{root}/activity", f"{root}/activity?only=failures", f"{root}/settings")
    yield from (f"{root}/followers?period=all&kind={kind}" for kind in Kind)
    yield from (f"{root}/content?period=all", f"{root}/content?kind=stories&period=all", f"{root}/content?q=nothing")
    yield from (
        f"{root}/audience",
        f"{root}/exports",
        f"{root}/imports",
        f"{root}/followers?q=nothing",
        "/no-such-page",
        "/jobs/x",
    )
    yield from ("/admin", "/admin/jobs", "/admin/profiles", "/admin/system", "/mail/confirm?token=x")
    media = owner.execute("select id, kind from media order by id").fetchall()
    for kind, who in (("story", "viewers"), ("image", "likers")):
        yield f"{root}/content/{next(row['id'] for row in media if row['kind'] == kind)}/{who}"
    for state in ("FAILED", "COMPLETED"):
        job = owner.execute("select id from sync_jobs where state = %s limit 1", (state,)).fetchone()
        assert job is not None
        yield f"/jobs/{job['id']}"
    yield from pages_of_channel(history, owner)


def pages_of_channel(history: History, owner: psycopg.Connection[dict[str, Any]]) -> Iterator[str]:
    """The pages of official figures, of a channel with some of everything."""
    row = owner.execute(
        "insert into profiles (user_id, username, platform, observed_at)"
        " select user_id, username, 'youtube', %s from profiles where id = %s returning id",
        (READ_AT, history.profile),
    ).fetchone()
    assert row is not None
    root = f"/profiles/{row['id']}"
    yield from (f"{root}/insights", f"{root}/audience")
    fill(Figures(owner, history.user, row["id"]))
    yield from (
        f"{root}/insights?period=all",
        f"{root}/insights?metric=shares",
        f"{root}/audience",
        root,
        f"{root}/followers",
    )


def test_pages_show_messages_and_data_only(
    history: History,
    owner: psycopg.Connection[dict[str, Any]],
    people: Personas,
    signed_in_as: SignedInAs,
    stored: Callable[[], list[str]],
) -> None:
    alice, data = signed_in_as(people.alice), stored()
    for path in pages_of(history, owner):
        page = alice.get(path).text
        assert "⟦" in page, path
        assert (path, untranslated(page, data)) == (path, [])


def test_pages_without_a_sign_in_show_messages_only(client: FlaskClient) -> None:
    for path in ("/", "/login", "/signup", "/no-such-page"):
        assert (path, untranslated(client.get(path).text, [])) == (path, [])
    sent = client.post("/api/auth/facebook/data-deletion", data={"signed_request": "a.b"}).get_json()
    state = client.get(f"/data-deletion/{sent['confirmation_code']}").text
    assert untranslated(state, [sent["confirmation_code"]]) == []
    wrong = post(client, "/signup", email="nobody", password="short")
    assert untranslated(wrong.text, ["nobody"]) == []
    assert untranslated(client.post("/login").text, []) == []


def test_faults_and_notes_come_through_the_translation(
    people: Personas, signed_in_as: SignedInAs, history: History, stored: Callable[[], list[str]]
) -> None:
    alice, data = signed_in_as(people.alice), stored()
    root = f"/profiles/{history.profile}"
    for path, fields in (
        ("/connect/instagram", {"username": "!", "totp_secret": "?"}),
        ("/connect/cookies", {"username": "!", "cookies": "nonsense"}),
        ("/connect/data-download", {}),
        ("/account/password", {"old_password": "x", "new_password": "short"}),
        (f"{root}/settings", {}),
        (f"{root}/sync", {}),
        (f"{root}/delete", {"confirm": "other"}),
        (f"{root}/exports", {"what": "nothing"}),
    ):
        page = post(alice, path, **fields)
        assert page.status_code >= 400
        assert (path, untranslated(page.text, data)) == (path, [])
    post(alice, f"{root}/disconnect")
    assert untranslated(alice.get(f"{root}/settings").text, data) == []


def is_translated(shown: str) -> bool:
    """Whether nothing of the text is outside the brackets of the pseudo-language."""
    while "⟦" in shown:
        inner = re.sub(r"⟦[^⟦⟧]*⟧", "", shown)
        if inner == shown:
            return False
        shown = inner
    return shown.strip() == ""


def test_every_error_has_its_sentence_and_next_step_translated(app: Flask) -> None:
    waiting: list[type[RollcallError]] = [RollcallError]
    with app.test_request_context():
        for kind in waiting:
            waiting += kind.__subclasses__()
            if kind.__module__.startswith("shared.errors"):
                for text in (kind.sentence, kind.next_step):
                    assert is_translated(translation.translate(text)), kind
                    told = error_text.message(kind.code, {})
                    assert translation.translate(told).count("⟦") == translation.translate(told).count("⟧") > 0, kind


@pytest.mark.parametrize("code", sorted(VARIANTS))
def test_every_variant_of_an_error_is_translated_before_its_values_are_filled_in(app: Flask, code: str) -> None:
    with app.test_request_context():
        for variant, texts in VARIANTS[code].items():
            names = re.findall(r"%\((\w+)\)s", " ".join(text or "" for text in texts))
            told = error_text.message(code, {"variant": variant, **dict.fromkeys(names, "value")})
            assert is_translated(translation.translate(told))


def test_a_message_with_values_is_translated_before_they_are_filled_in(app: Flask) -> None:
    inner = Message("This is not an e-mail address, such as name@example.org.")
    text = Message("%(what)s %(why)s", what=inner, why="<b>")
    assert text == f"{inner} <b>"
    assert render(text, bracketed) == f"⟦{bracketed(inner)} <b>⟧"


def test_mails_come_through_the_translation() -> None:
    mail = Mail(
        1,
        1,
        "ada@example.org",
        "ada",
        UUID(int=0),
        "list_partial",
        "follower",
        {"reason": "The list was read in part."},
        "instagram",
    )
    asked = Asked(UUID(int=0), "ada@example.org", 1)
    letters = [
        deliver.letter(mail, "https://rollcall.example.org", bracketed),
        deliver.letter(mail, None, bracketed),
        confirm.letter(asked, "token", "https://rollcall.example.org", bracketed),
    ]
    for letter in letters:
        left = re.sub(r"⟦.*?⟧|https://\S+", "", letter.text, flags=re.S)
        assert re.search("[A-Za-z]", left) is None
        assert "%(" not in letter.text


def test_values_are_escaped_and_messages_may_hold_tags(app: Flask) -> None:
    with app.test_request_context():
        template = app.jinja_env.from_string(
            "{% trans x=x %}<b>{{ x }}</b>{% endtrans %}{{ ngettext('1', '%(num)s', n) }}"
        )
        assert template.render(x="<i>", n=1250).endswith("<b>&lt;i&gt;</b>1,250")


def test_no_template_opens_a_transaction(
    history: History,
    owner: psycopg.Connection[dict[str, Any]],
    app: Flask,
    web_pool: ConnectionPool[WebConnection],
    people: Personas,
    signed_in_as: SignedInAs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Views load what a page shows: its sign-in and its operator take a transaction each, the page itself one more."""
    rendering: list[str] = []
    opened: list[str] = []
    connection = web_pool.connection

    def counted(*given: Any, **named: Any) -> Any:
        opened.append(rendering[-1] if rendering else "view")
        return connection(*given, **named)

    def begins(_: Flask, template: Any, **__: Any) -> None:
        rendering.append(template.name)

    def ends(*_: Any, **__: Any) -> None:
        rendering.pop()

    alice = signed_in_as(people.alice)
    monkeypatch.setattr(web_pool, "connection", counted)
    before_render_template.connect(begins, app)
    template_rendered.connect(ends, app)
    for path in pages_of(history, owner):
        opened.clear()
        alice.get(path)
        assert (path, [name for name in opened if name != "view"]) == (path, [])
        most = 6 if path == "/account" else 3
        assert (path, len(opened)) <= (path, most)
