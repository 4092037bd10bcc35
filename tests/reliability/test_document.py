"""The page about what holds is the one that the tests would write, and no fault is left out of it."""

import pytest

from sandbox.google.faults import FaultKind as GoogleFault
from sandbox.instagram.faults import FaultKind
from sandbox.tiktok.faults import FaultKind as TikTokFault
from tests.reliability.document import PAGE, text
from tests.reliability.scenarios import SCENARIOS
from tests.reliability.table import MACHINE_ROWS, OFFICIAL_ROWS, ROWS, TIKTOK_ROWS


def test_the_page_is_made_of_the_rows() -> None:
    assert PAGE.read_text(encoding="utf-8") == text(), "run: python -m tests.reliability"


@pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind is not FaultKind.CLEAR])
def test_every_fault_of_the_stand_in_has_a_row(kind: FaultKind) -> None:
    assert kind in {found for row in ROWS for found in row.kinds}


@pytest.mark.parametrize("kind", [kind for kind in GoogleFault if kind is not GoogleFault.CLEAR])
def test_every_fault_of_googles_stand_in_has_a_row(kind: GoogleFault) -> None:
    assert kind in {found for row in OFFICIAL_ROWS for found in row.kinds}


@pytest.mark.parametrize("kind", [kind for kind in TikTokFault if kind is not TikTokFault.CLEAR])
def test_every_fault_of_tiktoks_stand_in_has_a_row(kind: TikTokFault) -> None:
    assert kind in {found for row in TIKTOK_ROWS for found in row.kinds}


def test_every_row_has_its_own_name_and_every_machine_fault_its_scenario() -> None:
    keys = [row.key for row in ROWS]
    assert len(keys) == len(set(keys))
    assert {row.key for row in MACHINE_ROWS} <= set(SCENARIOS) <= set(keys)
