"""The database knows who is acting, whichever way a request writes: API, back office, anything else."""

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from geogrid.core.models import the_city
from geogrid.organisations.models import User

Execute = Callable[[str, Any, bool, dict[str, Any]], Any]
_NAME = "SELECT set_config('geogrid.actor', %s, true)"
_READS = ("SELECT", "SHOW", "EXPLAIN", "SAVEPOINT", "RELEASE", "ROLLBACK")


class NameTheActor:
    """Names the request's user to `core.actor()` in every transaction that the request opens.

    The name is always LOCAL to a transaction, so a connection never carries it to the next request, not
    even through a pool that shares connections between transactions. A single write outside a transaction
    gets one of its own. Reads outside a transaction cost nothing; they need no actor.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with connection.execute_wrapper(_Naming(request)):
            return self.get_response(request)


class CityTime:
    """In the back office, times are typed and shown on the city's own clock."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        city = the_city() if request.path.startswith("/office/") else None
        if city is None:
            return self.get_response(request)
        with timezone.override(city.timezone):
            return self.get_response(request)


class _Naming:
    """The wrapper around each statement of one request."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.named_in: object = None

    def username(self) -> str:
        """The user's name once it is known; asking must not run the query that finds it out."""
        user: Any = self.request.__dict__.get("user")
        if issubclass(type(user), User):  # not isinstance: it would make the lazy one ask the database
            return str(user.get_username())
        known = getattr(self.request, "_cached_user", None)
        return known.get_username() if isinstance(known, User) else ""

    def __call__(self, execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        username = self.username()
        if not username:
            return execute(sql, params, many, context)
        if not connection.in_atomic_block:
            if sql.lstrip()[:9].upper().startswith(_READS):
                return execute(sql, params, many, context)
            with transaction.atomic():
                execute(_NAME, [username], False, context)
                return execute(sql, params, many, context)
        outermost = connection.atomic_blocks[0]
        if self.named_in is not outermost:
            execute(_NAME, [username], False, context)
            self.named_in = outermost
        return execute(sql, params, many, context)
