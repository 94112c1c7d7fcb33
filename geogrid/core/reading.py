"""Reading outside Django: a few threads with a connection each, and queries that can be given up."""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg2

from geogrid.embedded.urls import database_url

THREADS = 4
log = logging.getLogger(__name__)


class Cancelled(Exception):
    """Nobody waits for the answer any more."""


def reader_url(role: str = "app") -> str:
    """The URL of a login; where this role has none, the app's.

    Raises:
        OperationalError: when there is no database yet.
    """
    url = database_url(role) or database_url("app")
    if url is None:
        raise psycopg2.OperationalError("There is no database yet: run `geogrid db start`.")
    return url


class Query:
    """One piece of reading that may be given up. `cursor` runs one statement at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: Any = None
        self._is_over = False

    def run(self, connection: Any, read: Callable[[Any], Any]) -> Any:
        """`read(cursor)` on this connection.

        Raises:
            Cancelled: when it was given up, before or meanwhile.
        """
        with self._lock:
            if self._is_over:
                raise Cancelled
            self._connection = connection
        try:
            with connection.cursor() as cursor:
                return read(cursor)
        except psycopg2.extensions.QueryCanceledError:
            if self._is_over:
                raise Cancelled from None
            raise
        finally:
            with self._lock:
                self._connection = None

    def give_up(self) -> None:
        """Stop the statement that runs, if one does, and start no other."""
        with self._lock:
            self._is_over = True
            if self._connection is not None:
                self._connection.cancel()


class Readers:
    """The threads and their connections, all of one login, for reading only."""

    def __init__(self, role: str, threads: int = THREADS) -> None:
        self._role = role
        self._own = threading.local()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=f"reading as {role}")

    async def read(self, work: Callable[[Any], Any], query: Query | None = None) -> Any:
        """`work(cursor)` in a thread of ours, where it may run statements and compute.

        Raises:
            Cancelled: when `query` was given up.
            psycopg2.Error: when the database did not answer.
        """
        asked = query or Query()
        return await asyncio.get_running_loop().run_in_executor(self._pool, self.read_now, work, asked)

    def read_now(self, work: Callable[[Any], Any], query: Query | None = None) -> Any:
        """As `read`, in the calling thread; a connection that broke is made anew, once."""
        asked = query or Query()
        connection = getattr(self._own, "connection", None)
        if connection is not None and not connection.closed:
            try:
                return asked.run(connection, work)
            except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
                if isinstance(error, psycopg2.extensions.QueryCanceledError):
                    raise
                log.info("the reading connection broke, making another: %s", error)
                connection.close()
        self._own.connection = connection = self._connect()
        return asked.run(connection, work)

    def _connect(self) -> Any:
        made = psycopg2.connect(
            reader_url(self._role),
            application_name="geogrid reading",
            connect_timeout=10,
            options="-c jit=off -c timezone=UTC -c statement_timeout=20s",
        )
        made.set_session(readonly=True, autocommit=True)
        return made

    def close(self) -> None:
        """End the threads; their connections go with them."""
        self._pool.shutdown(wait=False, cancel_futures=True)
