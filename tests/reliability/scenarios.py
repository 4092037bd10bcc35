"""Finds the scenario of a row: every machine fault has one, and so do platform faults of several steps."""

from collections.abc import Callable, Mapping
from uuid import UUID

from tests.reliability import crowded_door, disks, endurance, machine, mail, platform_scenarios
from tests.reliability.rows import Row
from tests.reliability.stage import House

SCENARIOS: Mapping[str, Callable[[House, Row], UUID]] = {
    "killed-before-the-claim": machine.killed_before_the_claim,
    "killed-after-the-claim": machine.killed_after_the_claim,
    "killed-in-the-middle": machine.killed_in_the_middle_of_a_page,
    "killed-before-publishing": machine.killed_before_publishing,
    "killed-after-publishing": machine.killed_after_publishing,
    "killed-while-it-asks": machine.killed_while_it_asks,
    "two-hundred-jobs": endurance.two_hundred_jobs,
    "two-workers": machine.frozen_and_woken,
    "connections-cut": machine.connections_cut,
    "database-stopped": machine.database_stopped,
    "database-crashed": machine.database_crashed,
    "database-died": machine.database_died,
    "notify-lost": machine.notify_lost,
    "clock-back": machine.clock_set_back,
    "clock-forward": machine.clock_set_forward,
    "chromium-killed": machine.chromium_killed,
    "chromium-hung": machine.chromium_hung,
    "page-killed": machine.renderer_killed,
    "database-full": disks.database_full,
    "export-folder-full": disks.export_folder_full,
    "idle-connections": crowded_door.idle_connections,
    "mail-that-no-server-takes": mail.mail_that_no_server_takes,
    "steady-gap": platform_scenarios.steady_gap,
    "challenged-while-jobs-wait": platform_scenarios.challenged_while_jobs_wait,
}
