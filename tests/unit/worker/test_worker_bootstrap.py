"""The worker's composition root."""

import dataclasses

import pytest

from shared.domain.jobs import JobKind
from shared.errors import ConfigError
from shared.settings import Settings
from worker import bootstrap
from worker.services import Services


def test_every_kind_of_job_has_a_handler() -> None:
    nothing = Services(**{field.name: None for field in dataclasses.fields(Services)})  # type: ignore[arg-type]
    assert bootstrap.handlers(nothing).keys() == set(JobKind)


def test_a_worker_without_a_database_says_what_to_set() -> None:
    with pytest.raises(ConfigError, match="DATABASE_URL is not set"):
        bootstrap.database_url(Settings())
