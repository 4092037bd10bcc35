"""The page that explains the numbers knows every formula and every derived figure there is."""

from dataclasses import fields
from pathlib import Path

import pytest

from shared.domain.engagement import FEW, Formula
from shared.domain.engagers import ENOUGH, FOLLOWED_FOR, LAST_POSTS
from shared.domain.metrics import METRICS as METRICS_DECLARED
from shared.domain.metrics import Metric
from shared.domain.statistics import formulas, slots, surprises, tags
from shared.domain.traversal.media_walk import SETTLED_AFTER, Verdict
from shared.store.profiles.days import FORMULA_VERSION, DayFigures
from web.profile.insight_labels import METRICS
from worker.importers.data_download import insight_labels

DOC = (Path(__file__).resolve().parents[2] / "docs" / "metrics.md").read_text()


@pytest.mark.parametrize("name", [*Formula, *Verdict, *(one.name for one in fields(DayFigures) if one.name != "day")])
def test_every_formula_verdict_and_column_is_explained(name: str) -> None:
    assert name in DOC


@pytest.mark.parametrize("formula", formulas.Formula)
def test_every_formula_of_the_statistics_has_its_row(formula: formulas.Formula) -> None:
    assert f"| `{formula}` |" in DOC


@pytest.mark.parametrize("metric", METRICS)
def test_every_past_insight_is_explained(metric: str) -> None:
    assert f"`{metric}`" in DOC


@pytest.mark.parametrize("metric", METRICS_DECLARED.values(), ids=lambda one: f"{one.platform}.{one.id}")
def test_every_declared_metric_is_explained_in_its_own_words(metric: Metric) -> None:
    assert f"| `{metric.id}` | {metric.level} | {metric.unit} | {metric.sentence} |" in DOC


def test_every_past_insight_that_is_read_has_its_words() -> None:
    read = {metric for metric in insight_labels.METRICS.values() if not metric.endswith("_change_percent")}
    assert read <= METRICS.keys()


def test_the_thresholds_are_those_of_the_code() -> None:
    assert f"n = {FEW} it is grey" in DOC
    assert f"older than {SETTLED_AFTER.days} days" in DOC
    assert f"the last {LAST_POSTS} posts" in DOC
    assert f"followers for {FOLLOWED_FOR.days} days or more" in DOC
    assert f"until {ENOUGH} of these lists are held whole" in DOC
    assert f"formula version {FORMULA_VERSION})" in DOC
    assert f"from {slots.FEWEST_POSTS} posts on, a block from {slots.FEWEST_IN_SLOT}" in DOC
    assert f"from {tags.FEWEST_POSTS} of each on" in DOC
    assert f"the last {surprises.BASELINE_DAYS} days ({surprises.FEWEST_DAYS} at least)" in DOC
