"""The simulated history as a job: the worker makes it while people already look at the map."""

from django_tasks import task
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from geogrid.demo.history import make_history

LINED_UP = [TaskResultStatus.READY, TaskResultStatus.RUNNING]


@task()
def simulate_history() -> int:
    """Make what is missing of the 90 days; how many incidents were made."""
    return make_history()


def line_up_history() -> None:
    """Have the worker make the history, unless that is lined up already; a whole history makes it a no-op."""
    if not DBTaskResult.objects.filter(task_path=simulate_history.module_path, status__in=LINED_UP).exists():
        simulate_history.enqueue()
