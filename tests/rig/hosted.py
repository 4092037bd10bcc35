"""A hosted project's Storage on this machine, and the official client for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import httpx
from flask import Flask

from sandbox.http import HttpServer
from sandbox.supabase.project import KeyKind, Project
from sandbox.supabase.storage import migrated, storage
from sandbox.supabase.storage_shelf import Shelf
from supabase import Client, ClientOptions, create_client


@dataclass
class Hosted:
    """A project whose Storage is being served, as it is after the migrations."""

    project: Project
    shelf: Shelf = field(default_factory=migrated)
    http: httpx.Client = field(default_factory=httpx.Client)

    def token(self, user_id: UUID) -> str:
        """An access token of a person who has just signed in."""
        return self.project.token(user_id, uuid4(), {})

    def client(self, user_id: UUID | None = None, key: str | None = None) -> Client:
        """The official client, unchanged: as a person, or as a key (the secret one)."""
        apikey = key or (self.project.publishable_key if user_id else self.project.secret_key)
        options = ClientOptions(auto_refresh_token=False, persist_session=False, httpx_client=self.http)
        client = create_client(self.project.url, apikey, options)
        if user_id is not None:
            client.options.headers["Authorization"] = f"Bearer {self.token(user_id)}"
        return client


@contextmanager
def serving(kind: KeyKind = KeyKind.NEW, shelf: Shelf | None = None) -> Iterator[Hosted]:
    """Storage over HTTP until the block ends."""
    hosted = Hosted(Project(kind), migrated() if shelf is None else shelf)
    app = Flask("storage")
    app.register_blueprint(storage(hosted.project, hosted.shelf))
    server = HttpServer(app, "127.0.0.1", 0)
    hosted.project.url = f"http://127.0.0.1:{server.port}"
    try:
        yield hosted
    finally:
        hosted.http.close()
        server.stop()
