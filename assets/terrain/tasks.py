"""Making a terrain ready, as a job: killed with its worker it is put back, and goes on where it was."""

import contextlib

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from assets.terrain import actions
from assets.terrain.models import Terrain


@task()
def make_terrain_ready(terrain_id: int) -> str:
    """Convert, fill, find depressions; the state that the terrain is then in."""
    terrain = Terrain.objects.filter(pk=terrain_id).first()
    if terrain is None:
        return "removed"
    with contextlib.suppress(actions.Stopped):
        actions.make_ready(terrain, at=timezone.now())
    state = Terrain.objects.filter(pk=terrain_id).values_list("state", flat=True).first()
    return state or "removed"


def line_up(terrain: Terrain) -> None:
    """Have a worker make it ready, once the row is committed."""
    transaction.on_commit(lambda: make_terrain_ready.enqueue(terrain.pk))
