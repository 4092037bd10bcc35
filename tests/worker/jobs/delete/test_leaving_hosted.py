"""Leaving at a hosted project: its Auth, its Storage and its database, each with the roles and rules of Supabase."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient
from psycopg.rows import dict_row

from sandbox.supabase.auth_state import AuthConfig
from sandbox.supabase.database import DatabaseUsers, ProjectDatabase
from sandbox.supabase.database import database as project_database
from sandbox.supabase.project import Project
from sandbox.supabase.server import Running, start
from sandbox.supabase.storage import migrated, storage
from sandbox.supabase.storage_shelf import Shelf
from shared.db import pools, roles
from shared.db.migrate import migrate
from shared.domain.backoff import RetryPolicy
from shared.domain.jobs import JobKind, JobState
from shared.files.supabase import SupabaseFiles
from shared.settings import load
from tests.rig import supabase_like
from tests.rig.scratch import scratch
from tests.said import error_said
from tests.web.auth.supabase.conftest import EMAIL, PASSWORD, PUBLIC, ROOMY, SECRET
from tests.web.conftest import RING
from tests.web.pages import post
from tests.worker.export_data import NOW, Data, Owner
from tests.worker.furnishing import furnish
from tests.worker.handling import Pool, claim, services_for
from web import create_app
from web.auth.supabase.factory import hosted_identity
from worker.jobs.delete import delete_account as erase
from worker.runner.attempt import Rules, attempt
from worker.services import Services

pytestmark = pytest.mark.slow
OTHER = "theo@example.org"
HELD = """
    select c.table_schema || '.' || c.table_name as name
    from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
    where c.column_name = 'user_id' and t.table_type = 'BASE TABLE' and c.table_schema in ('public', 'rollcall')
"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    folder = scratch("rc")
    with folder as name, supabase_like.server(Path(name)) as url:
        yield url


@pytest.fixture
def there(server: str) -> Iterator[ProjectDatabase]:
    """A project's database after `rollcall migrate`, run as its owner."""
    with project_database(server) as made:
        migrate(made.owner)
        yield made


@pytest.fixture
def owner(there: ProjectDatabase) -> Iterator[Owner]:
    """For arranging and checking: whoever runs the project, who is no superuser there."""
    with psycopg.connect(there.owner, autocommit=True, row_factory=dict_row) as conn:
        yield conn


@pytest.fixture
async def worker_pool(there: ProjectDatabase) -> AsyncIterator[Pool]:
    url = roles.allow_login(there.owner, roles.WORKER, roles.new_password())
    async with pools.worker_pool(url, 4) as pool:
        yield pool


@pytest.fixture
def shelf() -> Shelf:
    return migrated()


@pytest.fixture
def running(there: ProjectDatabase, shelf: Shelf) -> Iterator[Running]:
    config = AuthConfig(autoconfirm=True, site_url=PUBLIC, limits=ROOMY)
    users = DatabaseUsers(there.auth)
    made = start(Project(), config, users, further=lambda project: (storage(project, shelf),))
    yield made
    made.stop()


@pytest.fixture
def browser(there: ProjectDatabase, running: Running) -> Iterator[Callable[[], FlaskClient]]:
    """browser() -> one that has visited nothing yet, of a web process that signs people in at the project."""
    url = roles.allow_login(there.owner, roles.WEB, roles.new_password())
    settings = load(
        {}, supabase_url=running.url, supabase_publishable_key=running.project.publishable_key, public_url=PUBLIC
    )
    with pools.web_pool(url, 4) as pool:
        identity = hosted_identity(settings, pool, SECRET)
        files = SupabaseFiles(running.url, running.project.secret_key)
        yield create_app(settings, pool, RING.sealing_key, identity, files, SECRET).test_client
        identity.close()


@dataclass
class Place:
    """Dora, who leaves, and Theo, who stays."""

    running: Running
    shelf: Shelf
    owner: Owner
    services: Services
    dora: UUID
    theo: UUID

    def held(self, user: UUID) -> int:
        """Rows of this person in any table of ours and in Supabase's accounts."""
        tables = [row["name"] for row in self.owner.execute(HELD).fetchall()]
        assert len(tables) > 20
        counts = [self._count(f"select count(*) as n from {table} where user_id = %s", user) for table in tables]
        return sum(counts) + self._count("select count(*) as n from auth.users where id = %s", user)

    def folders(self) -> set[str]:
        return {name.split("/")[0] for _, name in self.shelf.objects}

    async def erase(self, secret_key: str | None = None) -> None:
        """Lets the worker do what was asked for, by its own rules."""
        settings = load(
            {},
            supabase_url=self.running.url,
            supabase_secret_key=secret_key or self.running.project.secret_key,
        )
        services = replace(self.services, settings=settings)
        rules = Rules(RetryPolicy(NOW - NOW, NOW - NOW, NOW - NOW), NOW - NOW)
        ctx = await claim(services.pool, [JobKind.DELETE_ACCOUNT])
        await attempt(ctx, lambda context: erase.run(context, services), rules, services.pool)

    def _count(self, statement: str, user: UUID) -> int:
        row = self.owner.execute(statement.encode(), [user]).fetchone()
        return int(row["n"]) if row else 0


@pytest.fixture
async def project(
    running: Running,
    shelf: Shelf,
    owner: Owner,
    worker_pool: Pool,
    browser: Callable[[], FlaskClient],
    make_profile: Callable[..., UUID],
    make_job: Callable[..., UUID],
) -> Place:
    files = SupabaseFiles(running.url, running.project.secret_key)
    services = replace(services_for(worker_pool), files=files)
    people = []
    for email in (EMAIL, OTHER):
        assert post(browser(), "/signup", email=email, password=PASSWORD).status_code == 302
        (user,) = (account.id for account in running.auth.accounts.values() if account.email == email)
        profile = make_profile(user, f"{email[:4]}.test", observed_at=NOW)
        await furnish(Data(owner, user, profile), services, make_job)
        people.append(user)
    return Place(running, shelf, owner, services, *people)


def _leaves(browser: FlaskClient) -> None:
    assert post(browser, "/login", email=EMAIL, password=PASSWORD).status_code == 302
    answer = post(browser, "/account/delete", confirm_password=PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login")


async def test_nothing_is_left_at_auth_in_storage_or_in_the_database(
    project: Place, browser: Callable[[], FlaskClient]
) -> None:
    stays = project.held(project.theo)
    assert project.folders() == {str(project.dora), str(project.theo)}
    _leaves(browser())
    await project.erase()
    assert set(project.running.auth.accounts) == {project.theo}
    assert (project.held(project.dora), project.held(project.theo)) == (0, stays)
    assert project.folders() == {str(project.theo)}
    assert post(browser(), "/login", email=EMAIL, password=PASSWORD).status_code == 400
    assert post(browser(), "/login", email=OTHER, password=PASSWORD).status_code == 302
    # The address is free again, and whoever takes it begins with nothing.
    assert post(browser(), "/signup", email=EMAIL, password=PASSWORD).status_code == 302


async def test_a_key_that_is_refused_leaves_the_account_for_the_right_one(
    project: Place, browser: Callable[[], FlaskClient], make_job: Callable[..., UUID]
) -> None:
    _leaves(browser())
    await project.erase(secret_key=project.running.project.publishable_key)
    job = project.owner.execute("select * from sync_jobs where kind = 'DELETE_ACCOUNT'").fetchone()
    assert job is not None
    assert job["state"] == JobState.FAILED
    assert "did not let the worker" in error_said(job)
    assert project.dora in project.running.auth.accounts
    make_job(project.dora, None, "DELETE_ACCOUNT")
    await project.erase()
    assert project.dora not in project.running.auth.accounts
    assert project.held(project.dora) == 0
