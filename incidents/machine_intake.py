"""POST /api/incidents for machines: a raw handler, because in a storm the intake is what must not queue.

What a report is, who may send it and what the answer says stand in the parts that the view in `api.py` uses
too. Left out are Django's middlewares, which serve browsers: sessions, CSRF, pages. So only calls that name
an API token and send JSON come here; all others go to the view.

Reports that arrive while others are being written wait for that moment and are then written together. Nothing
waits for company: the more come, the more share one transaction, and the less each costs.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import Error
from django.utils import translation
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header
from rest_framework.exceptions import NotAuthenticated
from rest_framework.utils.encoders import JSONEncoder

from geogrid.core.errors import Conflict, as_response
from geogrid.core.gathering import Gatherer, Waiting
from geogrid.core.parsing import strict_json
from geogrid.core.raw import JSON, Answer, Scope, header, refusal
from geogrid.organisations.authentication import BEARER_REALM, user_of_header
from geogrid.organisations.models import User
from incidents.intake import Call, Receipt, report_all
from incidents.receiving import answer_to, call_of

PATH = "/api/incidents"
KEY = b"idempotency-key"
log = logging.getLogger(__name__)


def is_for_machines(scope: Scope) -> bool:
    """Whether this is a report in JSON by the holder of an API token."""
    return (
        scope["method"] == "POST"
        and scope["path"] == PATH
        and header(scope, "authorization")[:7].lower() == "bearer "
        and header(scope, "content-type").partition(";")[0].strip().lower() == JSON
    )


def machine_intake() -> Gatherer:
    """Writes reports in the order of their coming, those that wait together in one transaction."""
    return Gatherer("intake", _answer_all)


def _answer_all(together: list[Waiting]) -> None:
    read: list[tuple[Waiting, User, Call]] = []
    for waiting in together:
        with _faults_answered(waiting):
            read.append((waiting, *_read(waiting)))
    if not read:
        return
    try:
        receipts = report_all([call for _, _, call in read])
    except Error:
        _answer_one_by_one(read)
        return
    for (waiting, user, _), receipt in zip(read, receipts, strict=True):
        _give(waiting, user, receipt)


def _answer_one_by_one(read: list[tuple[Waiting, User, Call]]) -> None:
    """One of them broke a rule, and nothing of that call was kept: each gets its own."""
    for waiting, user, call in read:
        with _faults_answered(waiting):
            [receipt] = report_all([call])
            _give(waiting, user, receipt)


def _read(waiting: Waiting) -> tuple[User, Call]:
    found = user_of_header(header(waiting.scope, "authorization").encode("latin-1"))
    if found is None:
        raise NotAuthenticated
    key = next((value.decode("latin-1") for name, value in waiting.scope["headers"] if name == KEY), None)
    return found[0], call_of(found[0], key, lambda: strict_json(waiting.body))


def _give(waiting: Waiting, user: User, receipt: Receipt | Conflict) -> None:
    with _faults_answered(waiting):
        if isinstance(receipt, Conflict):
            raise receipt
        waiting.give(_answer(*answer_to(user, receipt)))


@contextmanager
def _faults_answered(waiting: Waiting) -> Iterator[None]:
    """Give what is raised here to the caller as the API words it, in the caller's language."""
    try:
        with translation.override(_language(header(waiting.scope, "accept-language"))):
            yield
    except Exception as error:
        response = as_response(error, {})
        if response is None:
            log.exception("a report could not be taken in")
            waiting.give(refusal(500, "error", "The server failed on this; it is noted."))
        else:
            later = {name.lower(): value for name, value in response.items() if name == "Retry-After"}
            waiting.give(_answer(response.status_code, response.data, later))


def _answer(status: int, said: Any, more: dict[str, str] | None = None) -> Answer:
    headers = {"cache-control": "no-store", "vary": "Accept-Language"} | (more or {})
    if status == 401:
        headers["www-authenticate"] = BEARER_REALM
    text = json.dumps(said, cls=JSONEncoder, ensure_ascii=False, separators=(",", ":"))
    return Answer(status, text.encode(), JSON, headers)


@lru_cache(maxsize=256)
def _language(accepted: str) -> str:
    """The language of the sentences in an answer, by the Accept-Language header."""
    for code, _ in parse_accept_lang_header(accepted.lower()):
        with suppress(LookupError):
            return get_supported_language_variant(code)
    return settings.LANGUAGE_CODE
