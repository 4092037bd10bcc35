"""`/healthz`: whether this process can answer people, for load balancers and containers."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from psycopg import OperationalError

from web.parts import parts

bp = Blueprint("health", __name__)
_PATIENCE = 2.0


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    try:
        with parts().pool.connection(timeout=_PATIENCE) as conn:
            conn.execute("select 1")
    except OperationalError:
        return jsonify(status="the database does not answer"), 503
    return jsonify(status="ok")
