"""Removing old rows reads an index, never a whole table, and nothing that points at them does either."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from shared.store.deletion import retention
from shared.store.deletion.retention import Old

Owner = psycopg.Connection[dict[str, Any]]
_INDEX = {
    Old.ATTEMPTS: "sync_attempts_started_idx",
    Old.JOBS: "sync_jobs_ended_idx",
    Old.ALERTS: "alerts_created_idx",
    Old.CONSENTS: "oauth_states_expires_idx",
}


def test_every_key_that_points_at_a_job_has_an_index(owner: Owner) -> None:
    rows = owner.execute(
        "select c.conrelid::regclass::text as table, a.attname as column, exists ("
        "   select from pg_index i where i.indrelid = c.conrelid and i.indkey[0] = a.attnum) as indexed"
        " from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]"
        " where c.contype = 'f' and c.confrelid = 'public.sync_jobs'::regclass"
    ).fetchall()
    assert len(rows) >= 6
    assert [f"{row['table']}.{row['column']}" for row in rows if not row["indexed"]] == []


@pytest.mark.parametrize("what", list(_INDEX))
def test_the_cleaner_finds_what_is_old_by_an_index(owner: Owner, what: Old) -> None:
    # Empty tables would be read whole by choice; what is asked is whether they could be read otherwise.
    owner.execute("set enable_seqscan = off")
    assert _INDEX[what] in _plan(owner, what, timedelta(days=30))


def _plan(owner: Owner, what: Old, age: timedelta) -> str:
    statement = b"explain " + retention.statement(what).encode()
    rows = owner.execute(statement, {"age": age, "limit": 1000}).fetchall()
    return "\n".join(row["QUERY PLAN"] for row in rows)
