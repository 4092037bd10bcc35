"""Run a project over real HTTP, in a thread of this process."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint

from sandbox.http import HttpServer
from sandbox.supabase.app import create_app
from sandbox.supabase.auth_state import AuthConfig, AuthState, NoUsers, Users
from sandbox.supabase.project import Project


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
