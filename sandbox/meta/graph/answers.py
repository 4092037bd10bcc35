"""The shapes of answers and errors of the Graph API."""

import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime

from flask import Response

from sandbox.meta.hosts import Host
from sandbox.meta.site import host

Json = dict[str, object]
OAUTH, OBJECT, INSTAGRAM = "OAuthException", "GraphMethodException", "IGApiException"
_ALWAYS_OAUTH = frozenset({3, 4, 10, 17, 32, 102, 190, 341, 368, 613, 80002, *range(200, 300)})


@dataclass
class GraphError(Exception):
    """A refusal; without a ``type`` it has the one that its host gives to its code."""

    code: int
    message: str
    subcode: int | None = None
    type: str = ""
    status: int = 400
    title: str | None = None
    advice: str | None = None
    """The sentence for the person."""
    transient: bool | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def body(self) -> Json:
        """Return the error as JSON."""
        error: Json = {"message": self.message, "type": self.type or _type(self.code), "code": self.code}
        more = {
            "error_subcode": self.subcode,
            "is_transient": self.transient,
            "error_user_title": self.title,
            "error_user_msg": self.advice,
        }
        error |= {name: value for name, value in more.items() if value is not None}
        return {"error": {**error, "fbtrace_id": f"A{secrets.token_urlsafe(16)}"}}


def _type(code: int) -> str:
    return INSTAGRAM if host() is Host.INSTAGRAM and code not in _ALWAYS_OAUTH else OAUTH


def reply(body: object, status: int = 200) -> Response:
    """Return ``body`` as the API writes JSON."""
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=True).replace("/", "\\/")
    return Response(text, status, content_type="application/json; charset=UTF-8")


def refuse(error: GraphError) -> Response:
    """Return an error."""
    answer = reply(error.body(), error.status)
    answer.headers.update(error.headers)
    if error.code == 190:
        reason = json.dumps(f"{OAUTH} {error.message}")
        answer.headers["WWW-Authenticate"] = f'OAuth "Facebook Platform" "invalid_token" {reason}'
    return answer


def no_such_object(identity: str) -> GraphError:
    """Return the refusal for an object that is not there, or that this token may not see."""
    message = (
        f"Unsupported get request. Object with ID '{identity}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation. Please read the Graph API documentation at "
        "https://developers.facebook.com/docs/graph-api"
    )
    return GraphError(100, message, 33, OBJECT)


def bad(message: str, subcode: int | None = None) -> GraphError:
    """Return the refusal of a parameter."""
    return GraphError(100, f"(#100) {message}", subcode)


def unknown() -> GraphError:
    """Return the refusal that says nothing, such as for a breakdown that a metric does not have."""
    return GraphError(1, "An unknown error has occurred.", status=500)


def no_permission(detail: str = "Application does not have permission for this action") -> GraphError:
    """Return the refusal for want of a permission."""
    return GraphError(10, f"(#10) {detail}")


def time_text(moment: datetime) -> str:
    """Return a moment as the API writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
