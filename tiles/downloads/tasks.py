"""Making a download, as a job: killed with its worker it is put back, and starts again."""

from django.db import transaction
from django_tasks import task

from tiles.downloads import actions
from tiles.downloads.models import Download


@task()
def make_download(download_id: int) -> str:
    """Write the file; the state that the download is then in."""
    return actions.make(download_id)


def line_up(download: Download) -> None:
    """Have a worker make it, once the row is committed."""
    transaction.on_commit(lambda: make_download.enqueue(download.pk))
