"""POST /api/incidents for machines: a raw handler, because in a storm the intake is what must not queue.

What a report is, who may send it and what the answer says stand in the parts that the view in `api.py` uses
too. Left out are Django's middlewares, which serve browsers: sessions, CSRF, pages. So only calls that name
an API token and send JSON come here; all others go to the view.
"""

import asyncio
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import translation
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header
from rest_framework.exceptions import NotAuthenticated
from rest_framework.utils.encoders import JSONEncoder

from geogrid.core.errors import as_response
from geogrid.core.parsing import strict_json
from geogrid.core.raw import JSON, Answer, Scope, header
from geogrid.organisations.authentication import BEARER_REALM, user_of_header
from incidents.receiving import receive_report

PATH = "/api/incidents"
KEY = b"idempotency-key"
THREADS = 6
# A connection used so lately is not asked whether it is alive; Django asks before every request.
FRESH_S = 2.0
_last = threading.local()


def is_for_machines(scope: Scope) -> bool:
    """Whether this is a report in JSON by the holder of an API token."""
    return (
        scope["method"] == "POST"
        and scope["path"] == PATH
        and header(scope, "authorization")[:7].lower() == "bearer "
        and header(scope, "content-type").partition(";")[0].strip().lower() == JSON
    )


class MachineIntake:
    """Answers reports of machines, each in a thread of its own pool with a kept database connection."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="intake")

    async def answer(self, scope: Scope, body: bytes) -> Answer:
        """The answer to a call for which `is_for_machines` holds."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, _answer, scope, body)

    def close(self) -> None:
        """Let what was begun end, and take nothing new."""
        self._threads.shutdown()


def _answer(scope: Scope, body: bytes) -> Answer:
    kept: Any = connection
    kept.close_if_unusable_or_obsolete()
    if time.monotonic() < getattr(_last, "used", 0.0) + FRESH_S:
        kept.health_check_done = True
    with translation.override(_language(header(scope, "accept-language"))):
        status, said = _take(scope, body)
    _last.used = time.monotonic()
    headers = {"cache-control": "no-store", "vary": "Accept-Language"}
    if status == 401:
        headers["www-authenticate"] = BEARER_REALM
    text = json.dumps(said, cls=JSONEncoder, ensure_ascii=False, separators=(",", ":"))
    return Answer(status, text.encode(), JSON, headers)


def _take(scope: Scope, body: bytes) -> tuple[int, Any]:
    """(status, body) of the answer. What no caller could mend is raised, and becomes a 500 in the log."""
    try:
        found = user_of_header(header(scope, "authorization").encode("latin-1"))
        if found is None:
            raise NotAuthenticated
        key = next((value.decode("latin-1") for name, value in scope["headers"] if name == KEY), None)
        return receive_report(found[0], key, lambda: strict_json(body))
    except Exception as error:
        response = as_response(error, {})
        if response is None:
            raise
        return response.status_code, response.data


@lru_cache(maxsize=256)
def _language(accepted: str) -> str:
    """The language of the sentences in an answer, by the Accept-Language header."""
    for code, _ in parse_accept_lang_header(accepted.lower()):
        with suppress(LookupError):
            return get_supported_language_variant(code)
    return settings.LANGUAGE_CODE
