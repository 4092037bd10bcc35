"""Storage's refusals: HTTP 400 for everything but 500, and the real status as a string in the body."""

from __future__ import annotations


class Refused(Exception):
    """One refusal. `status` is what the body's `statusCode` says."""

    def __init__(self, status: int, error: str, code: str, message: str) -> None:
        self.status, self.error, self.code, self.message = status, error, code, message
        super().__init__(message)

    @property
    def http(self) -> int:
        return 500 if self.status == 500 else 400

    def body(self) -> dict[str, str]:
        return {"statusCode": str(self.status), "error": self.error, "message": self.message, "code": self.code}


def no_bucket() -> Refused:
    return Refused(404, "Bucket not found", "NoSuchBucket", "Bucket not found")


def no_object() -> Refused:
    return Refused(404, "not_found", "NoSuchKey", "Object not found")


def exists() -> Refused:
    return Refused(409, "Duplicate", "ResourceAlreadyExists", "The resource already exists")


def not_empty() -> Refused:
    return Refused(409, "InvalidRequest", "ResourceNotEmpty", "The bucket you tried to delete is not empty")


def row_security() -> Refused:
    return denied("new row violates row-level security policy")


def denied(message: str) -> Refused:
    return Refused(403, "Unauthorized", "AccessDenied", message)


def too_large() -> Refused:
    message = "The object exceeded the maximum allowed size"
    return Refused(413, "Payload too large", "EntityTooLarge", message)


def wrong_type(mime: str) -> Refused:
    return Refused(415, "invalid_mime_type", "InvalidMimeType", f"mime type {mime} is not supported")


def invalid_key(key: str) -> Refused:
    return Refused(400, "InvalidKey", "InvalidKey", f"Invalid key: {key}")


def invalid_token(message: str) -> Refused:
    return Refused(400, "InvalidJWT", "InvalidJWT", message)


def invalid_signature(message: str = "Invalid signature") -> Refused:
    return Refused(400, "InvalidSignature", "InvalidSignature", message)


def invalid(message: str) -> Refused:
    """A request that does not have the form that its route wants."""
    return Refused(400, "Error", "InvalidRequest", message)


def fault() -> Refused:
    return Refused(500, "Internal", "InternalError", "Internal Server Error")
