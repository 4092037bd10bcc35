"""All helpers for templates, in two lists. None of them asks the database: views load what templates show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask

from shared.platforms import label_of
from web import translation
from web.admin import labels
from web.http import assets, periods
from web.profile import forecast, insight_labels
from web.profile.charts import bundle
from web.text import amounts, numbers, platforms, values

FILTERS: dict[str, Callable[..., Any]] = {
    "ago": values.ago,
    "amount": amounts.amount,
    "browser": values.browser,
    "clock": values.clock,
    "day": values.day,
    "error_sentence": labels.error_sentence,
    "kind_title": labels.kind_title,
    "metric_words": insight_labels.metric_words,
    "number": values.number,
    "other_list": insight_labels.other_list,
    "percent": numbers.percent,
    "plain_day": numbers.plain_day,
    "platform_label": label_of,
    "quota_title": labels.quota_title,
    "seconds": labels.seconds,
    "shown_figure": insight_labels.shown_figure,
    "signed": numbers.with_sign,
    "size": values.size,
    "span": values.span,
    "translate": translation.translate,
}
GLOBALS: dict[str, Callable[..., Any]] = {
    "asset": assets.asset,
    "carried_period": periods.query_of,
    "chart_script": bundle.script_address,
    "connects_by": platforms.connects_by,
    "example_walks": forecast.example_walks,
    "growth_rate": numbers.growth_rate,
    "has_names": platforms.has_names,
    "here": periods.here,
    "how_known": numbers.evidence_words,
    "language": translation.language,
    "list_changes": insight_labels.list_changes,
    "login_page": platforms.login_page,
    "neighbour": periods.neighbour,
    "now": values.now,
    "comparisons": periods.comparisons,
    "query_without": periods.query_without,
    "other_periods": periods.other_choices,
    "period_choices": periods.choices,
    "period_label": periods.label,
    "period_parts": periods.parts_of,
    "profile_url": platforms.profile_url,
    "reads": platforms.reads,
    "shows_audience": platforms.shows_audience,
    "source_words": platforms.source_words,
    "walk_length": forecast.walk_length,
}


def add_to(app: Flask) -> None:
    """Gives templates these and the functions of `web.translation`."""
    translation.add_to(app)
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(GLOBALS)
