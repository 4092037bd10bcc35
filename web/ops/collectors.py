"""The web's metrics: its own pages, and numbers from the database. Imported only where they are served."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from time import perf_counter

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from psycopg import OperationalError
from psycopg_pool import ConnectionPool

from shared.db.pools import WebConnection
from shared.store.operator import prometheus
from shared.store.operator.prometheus import Measure
from shared.telemetry.metrics import SHORT_SECONDS

_PATIENCE = 2.0
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
_FAMILIES = {
    "jobs": ("rollcall_queue_jobs", "Jobs that are not over.", ["kind", "state"]),
    "oldest": (
        "rollcall_queue_oldest_seconds",
        "Age of the oldest such job, since it was due or began.",
        ["kind", "state"],
    ),
    "due": ("rollcall_queue_due_jobs", "Jobs that may be claimed now.", ["kind"]),
    "lost": ("rollcall_queue_lost_jobs", "Jobs whose worker is silent for longer than its lease.", ["kind"]),
    "budget": ("rollcall_budget_profiles", "Profiles by how much of the day's requests is spent.", ["level"]),
    "cooling": ("rollcall_resting_profiles", "Profiles in a cool-down, by the reason.", ["reason"]),
}


class InDatabase(Collector):
    """The queue, the budgets and the cool-downs, counted again at each request."""

    def __init__(self, pool: ConnectionPool[WebConnection]) -> None:
        self._pool = pool

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Nothing, so that registering does not ask the database."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            with self._pool.connection(timeout=_PATIENCE) as conn:
                found: list[Measure] | None = prometheus.read(conn)
        except OperationalError:
            found = None
        yield GaugeMetricFamily("rollcall_database_up", "Whether the database answers.", value=int(found is not None))
        yield from _families(found or [])
        yield self._connections()

    def _connections(self) -> GaugeMetricFamily:
        made = GaugeMetricFamily("rollcall_web_connections", "Connections of this process's pool.", labels=["state"])
        help_text = self._pool.get_stats()
        for state, name in (("open", "pool_size"), ("free", "pool_available"), ("waited_for", "requests_waiting")):
            made.add_metric([state], help_text.get(name, 0))
        return made


def registry_of(app: Flask) -> CollectorRegistry:
    """A registry of this application's own, fed by its requests from now on."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(InDatabase(app.extensions["rollcall"].pool))
    seconds = Histogram(
        "rollcall_web_request_seconds",
        "Time from a request's arrival to its answer, by the route's template.",
        ["method", "route", "status"],
        buckets=SHORT_SECONDS,
        registry=registry,
    )

    @app.after_request
    def measured(response: Response) -> Response:
        method = request.method if request.method in _METHODS else "other"
        # The template, not the address, which holds ids and names.
        route = request.url_rule.rule if request.url_rule is not None else "none"
        status = f"{response.status_code // 100}xx"
        seconds.labels(method, route, status).observe(perf_counter() - g.get("started", perf_counter()))
        return response

    return registry


def _families(found: list[Measure]) -> Iterator[GaugeMetricFamily]:
    for measure, (name, help_text, labels) in _FAMILIES.items():
        family = GaugeMetricFamily(name, help_text, labels=labels)
        for row in found:
            if row.measure == measure:
                family.add_metric([row.label, row.state or ""][: len(labels)], row.value)
        yield family
