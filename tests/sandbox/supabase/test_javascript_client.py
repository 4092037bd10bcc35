"""The official JavaScript client accepts the stand-in too; skipped where there is no npm, or no registry."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from sandbox.supabase.project import KeyKind
from tests.sandbox.supabase.conftest import EMAIL, PASSWORD, Serve

SCRIPT = Path(__file__).with_name("supabase_js.mjs")
PACKAGE = "@supabase/supabase-js"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder outside the repository in which the package is installed."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("npm or node is not on this machine")
    made = tmp_path_factory.mktemp("npm")
    quiet = ("--no-audit", "--no-fund", "--no-save", "--ignore-scripts", "--loglevel=error")
    done = subprocess.run(
        [npm, "install", *quiet, "--prefix", str(made), PACKAGE], capture_output=True, text=True, check=False, cwd=made
    )
    if done.returncode != 0:
        pytest.skip(f"npm could not install {PACKAGE}: {done.stderr.strip().splitlines()[-1:]}")
    shutil.copy(SCRIPT, made / SCRIPT.name)
    return made


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(KeyKind))
def test_the_official_javascript_client_signs_up_in_and_out_refreshes_and_keeps_a_file(
    kind: KeyKind, folder: Path, serve: Serve
) -> None:
    running = serve(kind)
    command = ["node", SCRIPT.name, running.url, running.project.publishable_key, EMAIL, PASSWORD]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "signedUp": EMAIL,
        "taken": "user_already_exists",
        "wrong": [400, "invalid_credentials", "Invalid login credentials"],
        "rotated": True,
        "claims": EMAIL,
        "user": EMAIL,
        "stored": True,
        "twice": "The resource already exists",
        "listed": ["export.zip"],
        "linked": "the bytes",
        "loaded": "the bytes",
        "foreign": "new row violates row-level security policy",
        "removed": 1,
        "gone": "Object not found",
        "weak": ["weak_password", ["length"]],
        "out": True,
        "after": "AuthSessionMissingError",
    }
    assert [mail.kind for mail in running.auth.mails] == ["recovery"]
    assert "GET /auth/v1/.well-known/jwks.json" in running.auth.calls or kind is KeyKind.LEGACY
