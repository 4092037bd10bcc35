"""Twenty times the rows do not take more memory: the peak of a process that writes one file."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from uuid import UUID

import pytest

from shared.domain.exports import Format
from tests.conftest import Database
from tests.rig import follower_file

Owned = tuple[UUID, UUID]


@pytest.fixture
def profiles(database: Database) -> tuple[Owned, Owned]:
    return follower_file.seed(database.owner, 5_000), follower_file.seed(database.owner, 100_000)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("form", Format)
def test_memory_is_flat(form: Format, database: Database, profiles: tuple[Owned, Owned], tmp_path: Path) -> None:
    def peak(profile: Owned) -> float:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            return process.submit(follower_file.ours, database.worker, *profile, form, tmp_path).result()[1]

    few, many = map(peak, profiles)
    assert (tmp_path / f"ours.{form}").stat().st_size > 2_500_000
    assert many < few * 1.2
