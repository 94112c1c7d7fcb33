"""A job whose worker died is put back; one whose worker lives is left alone."""

import os
import signal
import subprocess
import sys
from typing import Any

from django.utils import timezone
from django_tasks import task
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from geogrid.clock.jobs import MOST_DEATHS, LockedWorker, put_back_orphans
from geogrid.core.models import City


@task()
def note_that_it_ran(name: str) -> str:
    City.objects.update(attribution=name)
    return name


def running_job(worker_id: str, *earlier: str) -> Any:
    note_that_it_ran.enqueue("x")
    job = DBTaskResult.objects.get()
    job.worker_ids = list(earlier)
    job.claim(worker_id)
    return job


def test_the_job_of_a_dead_worker_is_put_back_and_done(transactional_db: None) -> None:
    job = running_job("worker-that-was-killed")

    put_back = put_back_orphans(timezone.now())
    LockedWorker(batch=True).run()

    job.refresh_from_db()
    assert (put_back, job.status, job.return_value) == (1, TaskResultStatus.SUCCESSFUL, "x")


def test_the_job_of_a_living_worker_is_left_alone(transactional_db: None) -> None:
    worker = LockedWorker()
    worker.hold_lock()
    job = running_job(worker.worker_id)

    put_back = put_back_orphans(timezone.now())

    job.refresh_from_db()
    assert (put_back, job.status) == (0, TaskResultStatus.RUNNING)


def test_a_job_that_takes_every_worker_with_it_is_given_up(transactional_db: None) -> None:
    job = running_job("last", *[f"worker-{n}" for n in range(MOST_DEATHS - 1)])

    put_back_orphans(timezone.now())

    job.refresh_from_db()
    assert job.status == TaskResultStatus.FAILED and "died" in job.traceback


def test_a_worker_killed_in_the_middle_of_a_job_loses_and_doubles_nothing(
    transactional_db: None, test_database: Any
) -> None:
    City.objects.create(name="x", county_code="910101", zone="UTC")
    script = """
import os, signal, django
django.setup()
from geogrid.clock.jobs import LockedWorker
class Killed(LockedWorker):
    def run_task(self, job):
        os.kill(os.getpid(), signal.SIGKILL)
Killed(batch=True).run()
"""
    note_that_it_ran.enqueue("done")
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "geogrid.settings"}
    died = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, check=False)
    job = DBTaskResult.objects.get()
    after_death = job.status

    put_back_orphans(timezone.now())
    LockedWorker(batch=True).run()

    job.refresh_from_db()
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    assert after_death == TaskResultStatus.RUNNING
    assert (job.status, len(job.worker_ids)) == (TaskResultStatus.SUCCESSFUL, 2)
    assert City.objects.get().attribution == "done"
