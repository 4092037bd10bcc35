"""Everything that templates may call, in two lists. None of it asks the database: views load what templates show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask

from web import (
    archive_words,
    assets,
    formats,
    operator_words,
    periods,
    reading_plan,
    stored_texts,
    translation,
    wording,
)
from web.charts import bundle

FILTERS: dict[str, Callable[..., Any]] = {
    "ago": wording.ago,
    "browser": wording.browser,
    "clock": wording.clock,
    "day": wording.day,
    "error_sentence": operator_words.error_sentence,
    "kind_title": operator_words.kind_title,
    "metric_words": archive_words.metric_words,
    "number": wording.number,
    "other_list": archive_words.other_list,
    "percent": formats.percent,
    "plain_day": formats.plain_day,
    "seconds": operator_words.seconds,
    "shown_figure": archive_words.shown_figure,
    "signed": formats.signed,
    "size": wording.size,
    "span": wording.span,
    "stored": stored_texts.stored,
    "translated": translation.translated,
}
GLOBALS: dict[str, Callable[..., Any]] = {
    "asset": assets.asset,
    "carried_period": periods.carried,
    "chart_script": bundle.script_address,
    "example_walks": reading_plan.example_walks,
    "growth_rate": formats.growth_rate,
    "here": periods.here,
    "how_known": formats.how_known,
    "language": translation.language,
    "list_changes": archive_words.list_changes,
    "neighbour": periods.neighbour,
    "now": wording.now,
    "period_choices": periods.choices,
    "walk_length": reading_plan.walk_length,
}


def add_to(app: Flask) -> None:
    """Gives templates these and the functions of `web.translation`."""
    translation.add_to(app)
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(GLOBALS)
