"""The browser in a container whose shared memory is as small as Railway's."""

import os
import subprocess
import sys

import pytest

from tests.conftest import REPO
from tests.worker.large_page import SIDE

pytestmark = pytest.mark.slow
# A mount of this process's own, gone with it.
SMALL = 'mount -t tmpfs -o size=64m tmpfs /dev/shm && exec "$@"'


def in_a_small_container(*command: str) -> subprocess.CompletedProcess[str]:
    whole = ["unshare", "--mount", "sh", "-c", SMALL, "sh", *command]
    return subprocess.run(whole, cwd=REPO, env=os.environ, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module", autouse=True)
def may_mount() -> None:
    try:
        tried = in_a_small_container("true").returncode
    except FileNotFoundError:
        tried = 1
    if tried:
        pytest.skip("this machine does not let the tests mount a small /dev/shm")


def test_a_page_larger_than_the_shared_memory_is_drawn() -> None:
    told = in_a_small_container(sys.executable, "-m", "tests.worker.large_page")
    assert told.stdout.splitlines()[-1:] == [f"{SIDE} {SIDE}"], told.stdout + told.stderr
