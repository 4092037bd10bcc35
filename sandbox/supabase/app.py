"""A project's services in one application."""

from __future__ import annotations

from flask import Blueprint, Flask

from sandbox.supabase import auth_blueprint, control
from sandbox.supabase.auth_state import AuthState


def create_app(state: AuthState, *further: Blueprint) -> Flask:
    """Auth over this state, the control routes, and the blueprints of further services of the same project."""
    app = Flask(__name__)
    for service in (auth_blueprint.blueprint(state), control.blueprint(state), *further):
        app.register_blueprint(service)
    return app
