"""The simulated history as a job: the worker makes it while people already look at the map."""

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection
from django_tasks import task
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from geogrid.demo.history import make_history

LINED_UP = [TaskResultStatus.READY, TaskResultStatus.RUNNING]
NICENESS = 15
LONGEST_RESTS_S = 10.0


@task()
def simulate_history() -> int:
    """Make what is missing of the 90 days; how many incidents were made.

    Whoever opens the map meanwhile comes first: a thread of low priority makes the days (a priority is a
    thread's own on Linux, and nobody but root could give the worker's back), and rests after each.
    """
    with ThreadPoolExecutor(max_workers=1, initializer=_give_way) as alone:
        return alone.submit(_make_history).result()


def _give_way() -> None:
    os.setpriority(os.PRIO_PROCESS, 0, NICENESS)


def _make_history() -> int:
    try:
        return make_history(rest=Rests())
    finally:
        connection.close()


class Rests:
    """Rests as long as the work before took, so that a page that loads has half of the time to itself.

    All rests together are bounded: right after the start is when people wait for their first map.
    """

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep
        self._left_s = LONGEST_RESTS_S

    def __call__(self, worked_s: float) -> None:
        """Sleep after so many seconds of work."""
        rest_s = min(worked_s, self._left_s)
        self._left_s -= rest_s
        self._sleep(rest_s)


def line_up_history() -> None:
    """Have the worker make the history, unless that is lined up already; a whole history makes it a no-op."""
    if not DBTaskResult.objects.filter(task_path=simulate_history.module_path, status__in=LINED_UP).exists():
        simulate_history.enqueue()
