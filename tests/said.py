"""What a person reads of rows that hold codes and parameters, of a profile of Instagram."""

from collections.abc import Mapping
from typing import Any

from shared.alert_text import alert_text
from shared.error_text import message

Row = Mapping[str, Any]


def error_said(job: Row) -> str:
    """Of a job or an attempt; empty where there is no error."""
    return message(job["error_code"], job["error_params"], "instagram") or ""


def state_said(profile: Row) -> str:
    """Of the cause of a profile's state."""
    return message(profile["state_code"], profile["state_params"], "instagram") or ""


def alert_said(alert: Row) -> str:
    return alert_text(alert["kind"], alert["subject"], alert["params"], "instagram")


def own_words(sentence: str) -> dict[str, str]:
    """The parameters of an error that was raised in its own words."""
    return {"sentence": sentence, "next_step": ""}
