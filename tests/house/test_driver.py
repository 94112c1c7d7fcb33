"""Web, worker and manage.py all speak through psycopg2: Django silently prefers psycopg 3."""

import subprocess
import sys
from importlib.util import find_spec

import pytest

SAY_DRIVER = "from django.db import connection; print(connection.Database.__name__)"


def test_psycopg_3_cannot_be_imported():
    assert find_spec("psycopg") is None


@pytest.mark.parametrize(
    "ready",
    [
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'geogrid.settings'; import geogrid.asgi",
        "from geogrid.cli import _ready_django; _ready_django()",
        "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'geogrid.settings'; django.setup()",
    ],
    ids=["web", "worker", "manage.py"],
)
def test_the_driver_is_psycopg2(ready: str):
    said = subprocess.run(
        [sys.executable, "-c", f"{ready}\n{SAY_DRIVER}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert said.stdout.strip() == "psycopg2"
