"""The few errors that actions raise, and the one place where they become HTTP."""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import DataError, Error, IntegrityError, InterfaceError, InternalError, OperationalError
from django.db import connection as django_connection
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

log = logging.getLogger(__name__)


class GeoGridError(Exception):
    """Something a person can understand and act on. The message is shown to them."""

    status: int = status.HTTP_400_BAD_REQUEST
    code = "bad_request"
    extra: dict[str, Any] = {}  # what else the answer holds, beside code and detail


class Conflict(GeoGridError):
    """Somebody else was first, or the thing is not in the state that was expected."""

    status = status.HTTP_409_CONFLICT
    code = "conflict"


class Forbidden(GeoGridError):
    """The actor may not do this."""

    status = status.HTTP_403_FORBIDDEN
    code = "forbidden"


class Invalid(GeoGridError):
    """What was sent cannot be taken. `fields` names the fields and what is wrong with each."""

    status = status.HTTP_422_UNPROCESSABLE_ENTITY
    code = "invalid"

    def __init__(self, message: str, fields: dict[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.fields = fields or {}


class NotFound(GeoGridError):
    """There is no such thing, or none that the actor may see."""

    status = status.HTTP_404_NOT_FOUND
    code = "not_found"


def _database_message(error: Error) -> tuple[str, str] | None:
    """(message, hint) of a refusal that a constraint or trigger of ours worded, or None."""
    diagnostics = getattr(error.__cause__, "diag", None)
    if diagnostics is None or diagnostics.message_primary is None:
        return None
    return diagnostics.message_primary, diagnostics.message_hint or ""


def _answer(code: str, detail: str, http_status: int, fields: Any = None) -> Response:
    body: dict[str, Any] = {"code": code, "detail": detail}
    if fields:
        body["fields"] = fields
    return Response(body, status=http_status)


def _plain(detail: Any) -> str:
    if isinstance(detail, dict):
        return "; ".join(f"{name}: {_plain(value)}" for name, value in detail.items())
    if isinstance(detail, list):
        return " ".join(_plain(value) for value in detail)
    return str(detail)


def as_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """HTTP answer of an error, as `{"code", "detail"}`; None lets a bug crash.

    A refusal by the database (check, trigger, unique, exclusion) is the caller's to mend and becomes
    422 or 409 with the database's own sentence.
    """
    if isinstance(error, GeoGridError):
        set_rollback()
        response = _answer(error.code, str(error), error.status, getattr(error, "fields", None))
        response.data |= error.extra
        return response
    if isinstance(error, Http404):
        return _answer("not_found", "There is no such thing here.", 404)
    if isinstance(error, PermissionDenied):
        return _answer("forbidden", "You may not do this.", 403)
    if isinstance(error, RequestDataTooBig):
        return _answer("too_large", "The request is larger than the server takes.", 413)
    if isinstance(error, exceptions.ValidationError):
        set_rollback()
        return _answer("invalid", _plain(error.detail), 422, error.detail)
    if isinstance(error, exceptions.APIException):
        set_rollback()
        response = _answer(
            str(getattr(error.detail, "code", "error")), _plain(error.detail), error.status_code
        )
        for name, value in (("WWW-Authenticate", getattr(error, "auth_header", None)),):
            if value:
                response[name] = value
        wait = getattr(error, "wait", None)
        if wait:
            response["Retry-After"] = str(int(wait))
        return response
    if isinstance(error, IntegrityError | DataError | InternalError):
        said = _database_message(error)
        if said is not None:
            if django_connection.in_atomic_block:
                django_connection.set_rollback(True)
            code = getattr(error.__cause__, "pgcode", "") or ""
            conflict = code in {"23505", "23P01", "40001", "40P01", "55P03"}
            detail = " ".join(part for part in said if part)
            return _answer("conflict" if conflict else "invalid", detail, 409 if conflict else 422)
    if isinstance(error, OperationalError):
        said = _database_message(error)
        code = getattr(error.__cause__, "pgcode", "") or ""
        if said is not None and code in {"55P03", "40P01", "57014"}:
            return _answer("busy", f"The database was busy, try again: {said[0]}", 409)
    if isinstance(error, OperationalError | InterfaceError):
        log.error("the database does not answer: %s", error)
        response = _answer("unavailable", "The database does not answer now. Try again in a moment.", 503)
        response["Retry-After"] = "5"
        return response
    return None
