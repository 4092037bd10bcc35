"""Buckets: made, changed, emptied and removed by the secret key; no other role has a policy on them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, g, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.supabase import storage_errors as errors
from sandbox.supabase.project import Project
from sandbox.supabase.storage_caller import Role
from sandbox.supabase.storage_shelf import Bucket, Shelf

_UNITS = {"": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3, "B": 1}


def made(shelf: Shelf, name: str, asked: Mapping[str, Any], now: datetime | None = None) -> Bucket:
    """A new bucket; refuses a name that is taken."""
    if name in shelf.buckets:
        raise errors.exists()
    at = now or datetime.now(UTC)
    bucket = _changed(Bucket(name, False, at, at), asked, at)
    shelf.buckets[name] = bucket
    return bucket


@dataclass(slots=True)
class Buckets:
    project: Project
    shelf: Shelf

    def add_to(self, bp: Blueprint) -> None:
        rules = (
            ("GET", "/bucket", "buckets", self.all),
            ("POST", "/bucket", "make_bucket", self.make),
            ("GET", "/bucket/<name>", "bucket", self.one),
            ("PUT", "/bucket/<name>", "change_bucket", self.change),
            ("POST", "/bucket/<name>/empty", "empty_bucket", self.empty),
            ("DELETE", "/bucket/<name>", "remove_bucket", self.remove),
        )
        for method, rule, endpoint, view in rules:
            bp.add_url_rule(rule, endpoint, view, methods=[method])

    def all(self) -> ResponseReturnValue:
        return jsonify([_described(one) for one in self.shelf.buckets.values()] if self._may() else [])

    def one(self, name: str) -> ResponseReturnValue:
        return _described(self._own(name))

    def make(self) -> ResponseReturnValue:
        asked = request.get_json()
        if not self._may():
            raise errors.row_security()
        return {"name": made(self.shelf, str(asked.get("id") or asked["name"]), asked, self.project.now).id}

    def change(self, name: str) -> ResponseReturnValue:
        self.shelf.buckets[name] = _changed(self._own(name), request.get_json(), self.project.now)
        return {"message": "Successfully updated"}

    def empty(self, name: str) -> ResponseReturnValue:
        self._own(name)
        for bucket, key in [place for place in self.shelf.objects if place[0] == name]:
            self.shelf.remove(bucket, key)
        return {"message": "Successfully emptied"}

    def remove(self, name: str) -> ResponseReturnValue:
        self._own(name)
        if any(bucket == name for bucket, _ in self.shelf.objects):
            raise errors.not_empty()
        del self.shelf.buckets[name]
        return {"message": "Successfully deleted"}

    def _may(self) -> bool:
        return bool(g.caller.role is Role.SERVICE)

    def _own(self, name: str) -> Bucket:
        if not self._may():
            raise errors.no_bucket()
        return self.shelf.bucket(name)


def _changed(bucket: Bucket, asked: Mapping[str, Any], now: datetime) -> Bucket:
    return replace(
        bucket,
        public=bool(asked.get("public", bucket.public)),
        file_size_limit=_size(asked.get("file_size_limit", bucket.file_size_limit)),
        allowed_mime_types=asked.get("allowed_mime_types", bucket.allowed_mime_types),
        updated_at=now,
    )


def _size(value: object) -> int | None:
    if value is None or isinstance(value, int):
        return value
    match = re.fullmatch(r"(\d+)\s*([KMG]?B)?", str(value), re.I)
    if match is None:
        raise errors.invalid("Invalid file size format, hint: use 20GB / 20MB / 30KB / 3B")
    return int(match[1]) * _UNITS[(match[2] or "").upper()]


def _described(one: Bucket) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.id,
        "owner": "",
        "public": one.public,
        "file_size_limit": one.file_size_limit,
        "allowed_mime_types": one.allowed_mime_types,
        "created_at": one.created_at.isoformat(),
        "updated_at": one.updated_at.isoformat(),
        "type": "STANDARD",
    }
