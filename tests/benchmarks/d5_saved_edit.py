"""D5: one saved correction over HTTP: read, checked, cells, versions and outlines written, answered.

Moved corners, splits and merges (tests/workshop/random_drafts.py) by one supervisor against the grid in
force, through a running server, at 3,000 and at 30,000 cells. The time is that of the request, answer read.
"""

import json
import os
import random
import statistics
import time
from typing import Any

import psycopg2

from geogrid.embedded.testing import TestDatabase, fresh_database
from tests.asgi.running import CITY, Server, serving

TARGETS_MS = {3_000: 50.0, 30_000: 100.0}
SEED = 5
TOKEN = "ggt_of_the_workshop_benchmark"
_DRAWER = """
INSERT INTO user_account
    (username, display_name, password, first_name, last_name, email, is_superuser, is_staff, is_active,
     date_joined, phone, language, permission_epoch, is_simulated)
VALUES ('drawer', '', '!', '', '', '', false, false, true, now(), '', '', 0, false);
INSERT INTO membership (user_id, role, unit_prefix, valid_from)
SELECT id, 'supervisor', '', '2020-01-01' FROM user_account WHERE username = 'drawer';
INSERT INTO api_token (user_id, name, prefix, digest, scopes, created_at)
SELECT id, 'd5', 'ggt_of_t', %s, '{all}', now() FROM user_account WHERE username = 'drawer';
ANALYZE;
"""


def fill_grid(database: TestDatabase, columns: int, rows: int) -> None:
    """The made-up city, and a supervisor with a token."""
    from geogrid.organisations.authentication import digest_of
    from tests.grid_units.made_up_city import fill, made_up_city

    connection = psycopg2.connect(database.superuser.url())
    with connection, connection.cursor() as cursor:
        fill(cursor, made_up_city(columns, rows, block=20 if columns > 100 else 5))
        cursor.execute(_DRAWER, [digest_of(TOKEN)])
    connection.close()


def save_edits(server: Server, edits: int) -> tuple[list[float], int]:
    """(milliseconds of each accepted edit, refused ones)."""
    from grid_units.workshop import grid
    from tests.workshop.random_drafts import Drawing

    drawing = Drawing(grid.in_force(), random.Random(SEED))
    head = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    took: list[float] = []
    refused = 0
    connection = server.connection(timeout=60)
    connection.request("GET", "/api/workshop/drafts", headers=head)  # so that the server has started whole
    connection.getresponse().read()
    while len(took) < edits:
        body = drawing.edit()
        if body is None or body["title"] == "hand over":
            continue
        sent = json.dumps(body)
        began = time.perf_counter()
        connection.request("POST", "/api/workshop/edits", body=sent, headers=head)
        answer = connection.getresponse()
        said = json.loads(answer.read())
        took.append((time.perf_counter() - began) * 1000)
        if answer.status != 200:
            refused += 1
            print(f"refused: {answer.status} {said}")
            if refused > 3:
                break
            continue
        _take_over(drawing, said["cells"])
    connection.close()
    return took, refused


def _take_over(drawing: Any, cells: dict[str, Any]) -> None:
    """New cells have ids now: the drawing calls them by these."""
    for key, told in cells.items():
        name = f"c{told['id']}"
        if told["version"] is None:
            continue
        drawing.versions[name] = told["version"]
        if name != key:
            drawing.shapes[name] = drawing.shapes.pop(key)
            drawing.communities[name] = drawing.communities[key]
            drawing.origins[name] = []
            for keys in drawing.corners.values():
                if key in keys:
                    keys.discard(key)
                    keys.add(name)


def measure(columns: int, rows: int, edits: int, target_ms: float) -> tuple[float, bool]:
    """(p95 in milliseconds, whether all is well) of one size of city; prints its line."""
    import django
    from django.db import connections

    with fresh_database() as database:
        os.environ |= database.environment() | {"DJANGO_SETTINGS_MODULE": "geogrid.settings"}
        django.setup()
        settings = connections["default"].settings_dict
        app = database.app
        settings |= {"NAME": app.database, "USER": app.user, "PASSWORD": app.password}
        settings |= {"HOST": app.host, "PORT": str(app.port)}
        fill_grid(database, columns, rows)
        with serving(CITY, environment=database.environment()) as server:
            took, refused = save_edits(server, edits)
        connections.close_all()
        faults = faults_of(database)
    p95 = statistics.quantiles(took, n=20)[18]
    median = statistics.median(took)
    print(
        f"{columns * rows} cells: p50 {median:.0f} ms, p95 {p95:.0f} ms of {len(took)}, {refused} refused,"
        f" {faults or 'the grid is sound'}"
    )
    return p95, p95 <= target_ms and not refused and not faults


def faults_of(database: TestDatabase) -> list[str]:
    """What is wrong with the grid afterwards, seen from outside and inside."""
    from tests.grid_units.invariants import coverage, faults_in_codes, faults_inside

    connection = psycopg2.connect(database.superuser.url())
    with connection, connection.cursor() as cursor:
        found = coverage(cursor)[1] + faults_inside(cursor) + faults_in_codes(cursor)
    connection.close()
    return found


def main(small: bool) -> int:
    if small:
        sizes = [(8, 8, 12, TARGETS_MS[3_000])]
    else:
        sizes = [(60, 50, 300, TARGETS_MS[3_000]), (200, 150, 300, TARGETS_MS[30_000])]
    found = [measure(*size) for size in sizes]
    fine = all(is_fine for _, is_fine in found)
    print(
        "D5 " + ", ".join(f"{p95:.0f} ms" for p95, _ in found) + f" 50 ms, 100 ms {'ok' if fine else 'short'}"
    )
    return 0 if fine or small else 1
