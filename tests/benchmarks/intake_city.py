"""A city for measuring the intake: thousands of staffed cells, and a table already full of incidents."""

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2

from geogrid.core.sql import statement
from geogrid.embedded.bootstrap import APP, OWNER, VARIABLES, create_database, run_bootstrap
from geogrid.embedded.cluster import SUPERUSER, Cluster
from geogrid.embedded.paths import REPOSITORY
from geogrid.embedded.scram import new_password
from tests.grid_units.made_up_city import COUNTY, fill, made_up_city

HERE = Path(__file__).parent
DATABASE = "a8"
CLIENTS = 8


_TOKENS = """
INSERT INTO api_token (user_id, name, prefix, digest, scopes, created_at)
SELECT id, 'a8', 'ggt_', %s, '{all}', now() FROM user_account WHERE username = %s
"""


_STEPS = """
INSERT INTO step_taken (incident_id, move, from_stage, to_stage, level, actor, taken_at, note, details)
SELECT id, 'report', '', 'REPORTED', 'COMMUNITY', 'a8', reported_at, '', '{}' FROM incident
"""


def cpu_seconds(root: int) -> float:
    """Processor time that a process and all below it have used so far, dead children included."""
    below, ticks = {root}, 0
    for path in sorted(Path("/proc").glob("[0-9]*/stat"), key=lambda path: int(path.parent.name)):
        try:
            parts = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended since
        if int(path.parent.name) in below or int(parts[1]) in below:
            below.add(int(path.parent.name))
            ticks += sum(int(part) for part in parts[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def parent_of(pid: int) -> int:
    """Id of the parent of a process."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def token_of(client: int) -> str:
    """The API token of a client of the benchmark."""
    return f"ggt_a8-benchmark-client-{client}"


@contextmanager
def durable_database() -> Iterator[tuple[dict[str, str], Any]]:
    """(environment of processes, superuser's connection) of a migrated database that waits for its disk."""
    with tempfile.TemporaryDirectory(prefix="geogrid-a8-") as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder) / "pg", say=lambda line: None)
        cluster.start()
        try:
            with cluster.locked():
                state = cluster.state()
                state.passwords |= {role: new_password() for role in VARIABLES}
                state.save(cluster.root)
                create_database(cluster, DATABASE)
                run_bootstrap(cluster, DATABASE)
            environment = {
                **os.environ,
                "DATABASE_URL": cluster.login(APP, DATABASE).url(),
                "DATABASE_OWNER_URL": cluster.login(OWNER, DATABASE).url(),
                "DJANGO_SETTINGS_MODULE": "geogrid.settings",
            }
            subprocess.run(
                [sys.executable, "-m", "django", "migrate", "--verbosity=0"],
                cwd=REPOSITORY,
                env={**environment, "GEOGRID_DB_ROLE": "owner"},
                check=True,
            )
            connection = psycopg2.connect(cluster.login(SUPERUSER, DATABASE).url())
            connection.autocommit = True
            yield environment, connection
            connection.close()
        finally:
            cluster.stop()


def fill_city(
    environment: dict[str, str], connection: Any, *, columns: int, rows: int, incidents: int
) -> None:
    """columns x rows cells, two workers a cell by shifts, the catalogue, and `incidents` old incidents."""
    catalogue = (
        "import django; django.setup(); from assets.actions import load_catalogue; "
        "from incidents.actions import load_event_classes; load_catalogue(); load_event_classes()"
    )
    subprocess.run([sys.executable, "-c", catalogue], cwd=REPOSITORY, env=environment, check=True)
    cells = made_up_city(columns, rows)
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("BEGIN")
        fill(cursor, cells)
        cursor.execute("COMMIT")
        cursor.execute(statement(HERE, "intake_people"), {"county": COUNTY, "clients": CLIENTS})
        for client in range(CLIENTS):
            digest = hashlib.sha256(token_of(client).encode()).hexdigest()
            cursor.execute(_TOKENS, [digest, f"client-{client}"])
        cursor.execute(statement(HERE, "intake_assets"))
        cursor.execute("SET session_replication_role = replica")
        indexes = _set_indexes_aside(cursor)
        cursor.execute(statement(HERE, "intake_incidents"), {"incidents": incidents, "cells": len(cells)})
        cursor.execute(_STEPS)
        for definition in indexes:
            cursor.execute(definition)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")
        cursor.execute("RESET synchronous_commit")


def _set_indexes_aside(cursor: Any) -> list[str]:
    """Drop the plain indexes of the incidents for the bulk load; what makes them again."""
    cursor.execute(
        """
        SELECT c.relname, pg_get_indexdef(i.indexrelid)
        FROM pg_index AS i
        JOIN pg_class AS c ON c.oid = i.indexrelid
        WHERE i.indrelid IN ('incident'::regclass, 'step_taken'::regclass) AND NOT i.indisunique
        """
    )
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f'DROP INDEX "{name}"')
    return [definition for _, definition in found]
