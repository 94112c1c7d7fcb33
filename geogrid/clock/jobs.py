"""Workers of jobs (django-tasks), and what happens to the job of a worker that died.

Each worker holds an advisory lock under its own id for as long as it lives. A running job whose last worker's
lock is free has no worker any more, and is put back.
"""

import secrets
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg2
from django.db import connection
from django_tasks_db.management.commands.db_worker import Worker

from geogrid.core.sql import statement

SQL = Path(__file__).parent / "sql"
LOCK_SPACE = 72102  # first half of the advisory lock's key; the second is made of the worker's id
MOST_DEATHS = 3  # a job that took so many workers with it is not tried again


class LockedWorker(Worker):
    """A worker of all queues that is known to be alive by its lock."""

    def __init__(self, *, interval: float = 0.5, batch: bool = False) -> None:
        super().__init__(
            queue_names=["*"],
            interval=interval,
            batch=batch,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=f"worker-{secrets.token_hex(8)}",
            excluded_queue_names=[],
        )
        self._alive: Any = None

    def run(self) -> None:
        """Take up jobs until told to stop."""
        self.hold_lock()
        super().run()

    def hold_lock(self) -> None:
        """Hold the lock on a connection of its own: jobs open and close the other one as they like."""
        self._alive = connection.get_new_connection(connection.get_connection_params())
        self._alive.autocommit = True
        with self._alive.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", [LOCK_SPACE, self.worker_id])

    def run_task(self, db_task_result: Any) -> None:
        """Run one job. A worker that has lost its lock (the database was restarted) takes it again first."""
        try:
            with self._alive.cursor() as cursor:
                cursor.execute("SELECT 1")
        except psycopg2.Error:
            self.hold_lock()
        super().run_task(db_task_result)


def put_back_orphans(at: datetime) -> int:
    """Put jobs back whose worker died; fail those that took MOST_DEATHS workers with them.

    Returns how many jobs that were.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            statement(SQL, "put_back_orphans"),
            {"lock_space": LOCK_SPACE, "most_deaths": MOST_DEATHS, "at": at},
        )
        return int(cursor.rowcount)
