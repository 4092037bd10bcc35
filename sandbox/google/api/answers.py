"""The shapes of answers and errors that both APIs share."""

import json
import zlib
from dataclasses import dataclass, field

from flask import Response

Json = dict[str, object]


@dataclass
class ApiError(Exception):
    """A refusal; ``rpc`` is the name of its status, which only some errors carry."""

    code: int
    reason: str
    message: str
    domain: str = "global"
    location: str | None = None
    location_type: str | None = None
    rpc: str | None = None
    details: list[Json] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def body(self) -> Json:
        """Return the error as JSON."""
        row: Json = {"message": self.message, "domain": self.domain, "reason": self.reason}
        if self.location is not None:
            row |= {"location": self.location, "locationType": self.location_type}
        error: Json = {"code": self.code, "message": self.message, "errors": [row]}
        if self.rpc is not None:
            error["status"] = self.rpc
        if self.details:
            error["details"] = self.details
        return {"error": error}


def reply(body: Json, status: int = 200) -> Response:
    """Return ``body`` as the APIs write JSON."""
    return Response(f"{json.dumps(body, indent=2)}\n", status, content_type="application/json; charset=UTF-8")


def refuse(error: ApiError) -> Response:
    """Return an error."""
    answer = reply(error.body(), error.code)
    answer.headers.update(error.headers)
    return answer


def etag(body: object) -> str:
    """Return the mark of a version of ``body``."""
    return f"{zlib.crc32(json.dumps(body, sort_keys=True).encode()):08x}"


def parameter_error(reason: str, message: str, location: str) -> ApiError:
    """Return the 400 for a parameter of the Data API."""
    return ApiError(400, reason, message, "youtube.parameter", location, "parameter")
