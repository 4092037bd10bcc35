"""An address that never answers is given up, and the next one is tried."""

import asyncio

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from shared.db.pools import web_pool
from shared.db.reach import reachable
from tests.conftest import Database
from tests.rig.doors import gate, silence
from worker.runner import notifications


def test_limits_are_added_and_what_the_address_says_itself_stays() -> None:
    assert conninfo_to_dict(reachable("postgresql://db.example.org/x"))["connect_timeout"] == "5"
    assert conninfo_to_dict(reachable("postgresql://db.example.org/x?connect_timeout=30"))["connect_timeout"] == "30"


def test_the_second_address_of_a_name_is_reached_when_the_first_never_answers(database: Database) -> None:
    with gate(database.web) as way, silence() as nowhere:
        url = make_conninfo(way.url, host="127.0.0.1,127.0.0.1", port=f"{nowhere},{way.port}", connect_timeout=2)
        with web_pool(url, 1) as pool, pool.connection() as conn:
            assert conn.execute("select 1 as one").fetchone() == {"one": 1}


def test_an_ipv6_address_that_no_route_leads_to_gives_way_to_the_ipv4_one(database: Database) -> None:
    with gate(database.web) as way:
        # As a resolver gives them for one name: 2001:db8::/32 is for documentation, and no one has it.
        url = make_conninfo(way.url, host="db,db", hostaddr="2001:db8::1,127.0.0.1", connect_timeout=2)
        with psycopg.connect(reachable(url)) as conn:
            assert conn.execute("select 1").fetchone() == (1,)


async def test_the_worker_listens_through_the_second_address_too(database: Database) -> None:
    with gate(database.worker) as way, silence() as nowhere:
        url = make_conninfo(way.url, host="127.0.0.1,127.0.0.1", port=f"{nowhere},{way.port}", connect_timeout=2)
        heard = asyncio.Event()
        task = asyncio.create_task(notifications.listen(url, lambda _: heard.set()))
        await heard.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
