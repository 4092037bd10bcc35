"""The site's GraphQL: operations by their friendly name, each answered by the module that knows it."""

import json
from collections.abc import Callable

from flask import Blueprint, Response, request

from .answers import Json, fail, refuse, reply

blueprint = Blueprint("graphql", __name__)

Operation = Callable[[Json], Response]
_OPERATIONS: dict[str, tuple[Operation, str | None]] = {}


def operation(friendly_name: str, doc_id: str | None = None) -> Callable[[Operation], Operation]:
    """Make a function the answer to an operation, under that ``doc_id`` only where one is given.

    It gets the variables and checks headers and session itself.
    """

    def register(answer: Operation) -> Operation:
        _OPERATIONS[friendly_name] = (answer, doc_id)
        return answer

    return register


@blueprint.post("/api/graphql")
@blueprint.post("/graphql/query")
def answer() -> Response:
    """Answer the operation that the form names; an unknown one is answered as a retired one."""
    name = request.form.get("fb_api_req_friendly_name", "")
    known, doc_id = _OPERATIONS.get(name, (None, None))
    if known is None or request.headers.get("X-FB-Friendly-Name", name) != name:
        return fail(400, "invalid request")
    if doc_id is not None and request.form.get("doc_id") != doc_id:
        return fail(400, "invalid request")
    return known(_variables())


def _variables() -> Json:
    try:
        variables = json.loads(request.form.get("variables", "{}"))
    except ValueError:
        variables = None
    if not isinstance(variables, dict):
        refuse(reply({"errors": [{"message": "variables could not be read", "severity": "CRITICAL"}]}))
    return variables
