"""Storage's stand-in, `/storage/v1` of a project: buckets, uploads, links that end, row-level security."""

from __future__ import annotations

import json
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, g, jsonify, request, send_file
from flask.typing import ResponseReturnValue

from sandbox.supabase import storage_errors as errors
from sandbox.supabase import storage_links as links
from sandbox.supabase import storage_lists as lists
from sandbox.supabase.project import Project
from sandbox.supabase.storage_buckets import Buckets, made
from sandbox.supabase.storage_caller import Caller, Role, WrongKey, caller
from sandbox.supabase.storage_errors import Refused
from sandbox.supabase.storage_shelf import Action, Shelf, Stored, Upload

_SERVICE = Caller(Role.SERVICE)
# Paths with their right in the address, or open to all.
_OPEN = frozenset({"signed", "put_signed", "public"})


def migrated() -> Shelf:
    """A Storage as it is after Rollcall's migrations: two private buckets, each person's folder their own."""
    shelf = Shelf()
    for name in shelf.policies:
        made(shelf, name, {})
    return shelf


def storage(project: Project, shelf: Shelf | None = None) -> Blueprint:
    """The routes of `/storage/v1`, to be registered with an application; `shelf` is what they keep."""
    kept = migrated() if shelf is None else shelf
    bp = Blueprint("storage", __name__, url_prefix="/storage/v1")
    routes = _Objects(project, kept)

    @bp.before_request
    def enter() -> None:
        if kept.failing:
            kept.failing -= 1
            raise errors.fault()
        if (request.endpoint or "").rpartition(".")[2] not in _OPEN:
            g.caller = caller(project, request.headers)

    @bp.errorhandler(Refused)
    def refused(error: Refused) -> ResponseReturnValue:
        return jsonify(error.body()), error.http

    @bp.errorhandler(WrongKey)
    def wrong_key(error: WrongKey) -> ResponseReturnValue:
        return jsonify(message=error.message, hint=error.hint), 401

    @bp.after_request
    def dated(answer: Response) -> Response:
        answer.headers["Date"] = format_datetime(project.now, usegmt=True)
        return answer

    routes.add_to(bp)
    Buckets(project, kept).add_to(bp)
    return bp


@dataclass(slots=True)
class _Objects:
    project: Project
    shelf: Shelf

    def add_to(self, bp: Blueprint) -> None:
        """The longer paths are distinguished by their first word, so each is a rule of its own."""
        rules = (
            ("POST", "/object/sign/<bucket>", "sign_many", self.sign_many),
            ("POST", "/object/sign/<bucket>/<path:name>", "sign", self.sign),
            ("GET", "/object/sign/<bucket>/<path:name>", "signed", self.signed),
            ("POST", "/object/upload/sign/<bucket>/<path:name>", "sign_upload", self.sign_upload),
            ("PUT", "/object/upload/sign/<bucket>/<path:name>", "put_signed", self.put_signed),
            ("POST", "/object/list/<bucket>", "list", self.list_folder),
            ("POST", "/object/list-v2/<bucket>", "list_flat", self.list_flat),
            ("POST", "/object/move", "move", self.move),
            ("POST", "/object/copy", "copy", self.copy),
            ("GET", "/object/info/<bucket>/<path:name>", "info", self.info),
            ("GET", "/object/public/<bucket>/<path:name>", "public", self.public),
            ("GET", "/object/authenticated/<bucket>/<path:name>", "authenticated", self.get),
            ("GET", "/object/<bucket>/<path:name>", "get", self.get),
            ("POST", "/object/<bucket>/<path:name>", "upload", self.upload),
            ("PUT", "/object/<bucket>/<path:name>", "update", self.update),
            ("DELETE", "/object/<bucket>/<path:name>", "delete", self.delete),
            ("DELETE", "/object/<bucket>", "remove", self.remove),
        )
        for method, rule, endpoint, view in rules:
            bp.add_url_rule(rule, endpoint, view, methods=[method])

    def upload(self, bucket: str, name: str) -> ResponseReturnValue:
        upsert = request.headers.get("x-upsert") == "true"
        self.shelf.check_upload(g.caller, bucket, name, replacing=False, upsert=upsert)
        return self._kept(g.caller.user_id, bucket, name)

    def update(self, bucket: str, name: str) -> ResponseReturnValue:
        self.shelf.check_upload(g.caller, bucket, name, replacing=True, upsert=False)
        return self._kept(g.caller.user_id, bucket, name)

    def get(self, bucket: str, name: str) -> ResponseReturnValue:
        return _bytes(self.shelf.find(g.caller, bucket, name))

    def public(self, bucket: str, name: str) -> ResponseReturnValue:
        if not self.shelf.bucket(bucket).public:
            raise errors.no_bucket()
        return _bytes(self.shelf.find(_SERVICE, bucket, name))

    def info(self, bucket: str, name: str) -> ResponseReturnValue:
        return lists.informed(self.shelf.find(g.caller, bucket, name))

    def sign(self, bucket: str, name: str) -> ResponseReturnValue:
        lifetime = links.seconds(_json().get("expiresIn"))
        self.shelf.find(g.caller, bucket, name)
        return {"signedURL": links.download(self.project, f"{bucket}/{name}", lifetime)}

    def sign_many(self, bucket: str) -> ResponseReturnValue:
        lifetime = links.seconds(_json().get("expiresIn"))
        self.shelf.bucket(bucket)
        seen = {one.name for one in self.shelf.seen(g.caller, bucket)}
        missing = "Either the object does not exist or you do not have access to it"
        return jsonify(
            [
                {"error": None, "path": name, "signedURL": links.download(self.project, f"{bucket}/{name}", lifetime)}
                if name in seen
                else {"error": missing, "path": name, "signedURL": None}
                for name in _json().get("paths", [])
            ]
        )

    def signed(self, bucket: str, name: str) -> ResponseReturnValue:
        claims = links.read(self.project, request.args.get("token"), f"{bucket}/{name}", "download")
        answer = _bytes(self.shelf.find(_SERVICE, bucket, name))
        answer.expires = claims["exp"]
        return answer

    def sign_upload(self, bucket: str, name: str) -> ResponseReturnValue:
        upsert = request.headers.get("x-upsert") == "true"
        self.shelf.check_upload(g.caller, bucket, name, replacing=False, upsert=upsert)
        url, token = links.upload(self.project, f"{bucket}/{name}", g.caller.user_id, upsert=upsert)
        return {"url": url, "token": token}

    def put_signed(self, bucket: str, name: str) -> ResponseReturnValue:
        claims = links.read(self.project, request.args.get("token"), f"{bucket}/{name}", "upload")
        self.shelf.check_upload(_SERVICE, bucket, name, replacing=False, upsert=bool(claims["upsert"]))
        return self._kept(claims["owner"], bucket, name)

    def list_folder(self, bucket: str) -> ResponseReturnValue:
        return jsonify(lists.folder(self.shelf.seen(g.caller, bucket), _json()))

    def list_flat(self, bucket: str) -> ResponseReturnValue:
        return lists.flat(self.shelf.seen(g.caller, bucket), _json())

    def remove(self, bucket: str) -> ResponseReturnValue:
        asked = _json().get("prefixes")
        if not isinstance(asked, list) or not asked:
            raise errors.invalid("body/prefixes must NOT have fewer than 1 items")
        seen = [one for one in self.shelf.seen(g.caller, bucket) if one.name in asked]
        mine = [one for one in seen if self.shelf.allows(g.caller, Action.DELETE, bucket, one.name)]
        gone = [self.shelf.remove(bucket, one.name) for one in mine]
        return jsonify([lists.described(one) | {"bucket_id": bucket} for one in gone if one])

    def delete(self, bucket: str, name: str) -> ResponseReturnValue:
        self.shelf.find(g.caller, bucket, name)
        if not self.shelf.allows(g.caller, Action.DELETE, bucket, name):
            raise errors.denied("Access denied")
        self.shelf.remove(bucket, name)
        return {"message": "Successfully deleted"}

    def move(self) -> ResponseReturnValue:
        found, target = self._source()
        self.shelf.check_upload(g.caller, found.bucket, target, replacing=False, upsert=False)
        if not self.shelf.allows(g.caller, Action.UPDATE, found.bucket, found.name):
            raise errors.row_security()
        self.shelf.move(found, target, self.project.now)
        return {"message": "Successfully moved"}

    def copy(self) -> ResponseReturnValue:
        found, target = self._source()
        self.shelf.check_upload(g.caller, found.bucket, target, replacing=False, upsert=False)
        with found.file.open("rb") as stream:
            upload = Upload(stream, found.mimetype, found.cache_control, found.metadata)
            self.shelf.put(g.caller.user_id, found.bucket, target, upload, self.project.now)
        return {"Key": f"{found.bucket}/{target}"}

    def _source(self) -> tuple[Stored, str]:
        asked = _json()
        found = self.shelf.find(g.caller, str(asked.get("bucketId")), str(asked.get("sourceKey")))
        return found, str(asked.get("destinationKey"))

    def _kept(self, owner: str | None, bucket: str, name: str) -> ResponseReturnValue:
        file = next(iter(request.files.values()), None)
        if file is None:
            raise errors.invalid("No content provided")
        metadata = json.loads(request.form["metadata"]) if "metadata" in request.form else None
        age = f"max-age={request.form.get('cacheControl', '3600')}"
        # The parser has put anything large on the disk; it is copied from there a piece at a time.
        upload = Upload(file.stream, file.content_type or "application/octet-stream", age, metadata)
        kept = self.shelf.put(owner, bucket, name, upload, self.project.now)
        return {"Key": f"{bucket}/{name}", "Id": kept.id}


def _json() -> dict[str, Any]:
    asked = request.get_json(silent=True)
    if not isinstance(asked, dict):
        raise errors.invalid("body must be object")
    return asked


def _bytes(one: Stored) -> Response:
    answer = send_file(one.file, one.mimetype, conditional=True, etag=False, last_modified=one.updated_at)
    answer.headers["ETag"] = one.etag
    answer.headers["Cache-Control"] = one.cache_control
    name = request.args.get("download")
    if name is not None:
        called = f" filename={quote(name)}; filename*=UTF-8''{quote(name)};" if name else ""
        answer.headers["Content-Disposition"] = f"attachment;{called}"
    return answer
