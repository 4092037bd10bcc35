"""Run a project over real HTTP, in a thread of this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Blueprint

from sandbox.http import HttpServer
from sandbox.supabase.app import create_app
from sandbox.supabase.auth_state import AuthConfig, AuthState, NoUsers, Users
from sandbox.supabase.database import DatabaseUsers, ProjectDatabase
from sandbox.supabase.project import Project
from sandbox.supabase.storage import storage


class Running:
    """A project that serves until it is stopped."""

    def __init__(self, auth: AuthState, host: str, port: int, further: tuple[Blueprint, ...]) -> None:
        self.auth, self.project = auth, auth.project
        self._server = HttpServer(create_app(auth, *further), host, port)
        self.url = f"http://{host}:{self._server.port}"
        self.project.url = self.url

    def stop(self) -> None:
        """Stop serving and free the port; a second call does nothing."""
        self._server.stop()

    def mailed(self, address: str) -> str:
        """The link in the newest mail to this address; LookupError without one."""
        with self.project.lock:
            found = [mail.link for mail in self.auth.mails if mail.to == address.lower()]
        return found[-1]


@contextmanager
def stand_in(site_url: str, database: ProjectDatabase) -> Iterator[Running]:
    """A whole project for a site of this address: accounts that confirm theirs by mail, and Storage."""
    config = AuthConfig(site_url=site_url, redirect_urls=(f"{site_url}/**",), shortest_password=8)
    running = start(Project(), config, DatabaseUsers(database.auth), further=lambda project: (storage(project),))
    try:
        yield running
    finally:
        running.stop()


def start(
    project: Project,
    config: AuthConfig | None = None,
    users: Users | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    further: Callable[[Project], tuple[Blueprint, ...]] = lambda _: (),
) -> Running:
    """Serve the project; `further` makes the blueprints of its other services. OSError if the port is taken."""
    auth = AuthState(project, config or AuthConfig(), users or NoUsers())
    return Running(auth, host, port, further(project))
