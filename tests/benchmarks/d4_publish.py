"""D4: a draft over 300 of 3,000 cells is published with 1 M assets and 100,000 open incidents.

While the transaction runs, a reader and an intake ask the database again and again; the longest of their
waits counts. Then the clock's batches give everything its cell: each asset, building and open incident must
lie in the cell that holds it, and the list must be what really changed. The edition before comes back bit for
bit, and the statistics as-was are the same to the last digit.
"""

import os
import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import psycopg2

from geogrid.embedded.testing import TestDatabase, fresh_database

TRANSACTION_S, WAIT_MS = 5.0, 200.0
SEED = 4
REPORT = (
    "INSERT INTO incident (public_id, number, stage, waiting, level, round, point, description, channel,"
    " source_number, event_class_id, reported_at)"
    " SELECT gen_random_uuid(), 'NEW-' || %s, 'REPORTED', '', 'COMMUNITY', 1, ST_PointOnSurface(geom), 'x',"
    " 'hotline', '', (SELECT min(id) FROM event_class), now() FROM cell WHERE id = %s RETURNING id"
)
STEP = (
    "INSERT INTO step_taken (incident_id, move, from_stage, to_stage, level, actor, taken_at, note, details)"
    " VALUES (%s, 'report', '', 'REPORTED', 'COMMUNITY', 'd4', now(), '', '{}')"
)
READ = (
    "SELECT c.code, count(a.id) FROM cell c JOIN asset a ON a.cell_id = c.id WHERE c.id = %s GROUP BY c.code"
)
CELLS = "SELECT id, code, ST_AsBinary(geom) FROM cell ORDER BY id"
AS_WAS = (
    "SELECT * FROM core.incidents_by_cell(now() - interval '2 months', now() - interval '1 month', false)"
)
OF_ASSETS = "SELECT id, cell_id FROM asset"
OF_INCIDENTS = "SELECT id, unit_code FROM incident WHERE stage = 'FILED'"
WRONG = {
    "assets": "SELECT count(*) FROM asset WHERE cell_id IS DISTINCT FROM core.cell_at(core.anchor_of(geom))",
    "buildings": "SELECT count(*) FROM building"
    " WHERE cell_id IS DISTINCT FROM core.cell_at(ST_PointOnSurface(geom))",
    "open incidents": "SELECT count(*) FROM incident i LEFT JOIN cell c ON c.id = core.cell_at(i.point)"
    " WHERE i.stage = 'FILED' AND i.unit_code <> coalesce(c.code, '')",
}


@dataclass
class Waits:
    """How long others waited while it was published, by who."""

    database: TestDatabase
    longest_ms: dict[str, float] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    begun: threading.Barrier = field(default_factory=lambda: threading.Barrier(3))
    over: threading.Event = field(default_factory=threading.Event)

    def ask(self, who: str, cells: list[int]) -> None:
        """Ask until it is over."""
        connection: Any = psycopg2.connect(self.database.app.url())
        connection.autocommit = who == "reader"
        chance, took, number = random.Random(who), 0.0, 0
        while not self.over.is_set():
            began = time.perf_counter()
            with connection.cursor() as cursor:
                if who == "reader":
                    cursor.execute(READ, [chance.choice(cells)])
                else:
                    cursor.execute("SELECT set_config('geogrid.actor', 'd4', true)")
                    cursor.execute(REPORT, [number, chance.choice(cells)])
                    if (reported := cursor.fetchone()) is not None:  # the cell vanished meanwhile
                        cursor.execute(STEP, reported)
                    connection.commit()
            took = max(took, (time.perf_counter() - began) * 1000)
            number += 1
            if number == 1:
                self.begun.wait(60)
            self.over.wait(0.005)
        connection.close()
        self.longest_ms[who], self.asked[who] = took, number


def publish(database: TestDatabase, cursor: Any, touched: int) -> list[str]:
    """Draw, publish, let the clock work, restore. Returns what is wrong."""
    from django.utils import timezone

    from geogrid.clock import due
    from grid_units.models import Edition
    from grid_units.workshop import drafts, publishing, review
    from grid_units.workshop.models import Draft, DraftCell, Regridded
    from tests.workshop.random_drafts import draw
    from tests.workshop.town import supervisor

    ann, ben = supervisor("ann"), supervisor("ben")
    before_edition = Edition.objects.latest("id")
    cells, as_was = rows(cursor, CELLS), rows(cursor, AS_WAS)
    assets, incidents = dict(rows(cursor, OF_ASSETS)), dict(rows(cursor, OF_INCIDENTS))
    draft, chance = drafts.make_draft(actor=ann, name="d4"), random.Random(SEED)
    while DraftCell.objects.filter(draft=draft).count() < touched:
        draw(draft, ann, 20 if touched > 50 else 4, chance)
    review.ask_for_review(draft=draft, actor=ann)
    review.approve(draft=draft, actor=ben)

    waits = Waits(database)
    others = [
        threading.Thread(target=waits.ask, args=[who, [cell_id for cell_id, _, _ in cells]])
        for who in ("reader", "intake")
    ]
    for other in others:
        other.start()
    waits.begun.wait(60)
    began = time.perf_counter()
    edition = publishing.publish(draft=Draft.objects.get(pk=draft.pk), actor=ben)
    took_s = time.perf_counter() - began
    waits.over.set()
    for other in others:
        other.join()
    print(
        f"published {DraftCell.objects.filter(draft=draft).count()} cells in {took_s:.2f} s; longest waits: "
        + ", ".join(f"{who} {ms:.0f} ms of {waits.asked[who]}" for who, ms in waits.longest_ms.items())
    )
    began = time.perf_counter()
    while due.regrid_assets(timezone.now()) + due.regrid_incidents(timezone.now()):
        pass
    print(f"everything in its cell after {time.perf_counter() - began:.1f} s")

    wrong = [
        f"{n} {what} in a wrong cell" for what, query in WRONG.items() if (n := rows(cursor, query)[0][0])
    ]
    listed = set(Regridded.objects.filter(edition=edition, kind="asset").values_list("ref", flat=True))
    changed = {ref for ref, cell_id in rows(cursor, OF_ASSETS) if assets[ref] != cell_id}
    told = {
        ref: (was, now)
        for ref, was, now in Regridded.objects.filter(edition=edition, kind="incident").values_list(
            "ref", "code_before", "code_after"
        )
    }
    moved = {
        ref: (incidents[ref], code) for ref, code in rows(cursor, OF_INCIDENTS) if incidents[ref] != code
    }
    print(f"{len(changed)} assets and {len(moved)} open incidents changed their cell")
    wrong += [] if listed == changed else [f"the list has {len(listed)} assets, {len(changed)} changed"]
    late = {ref for ref in told if ref not in incidents}  # taken in while it was published
    wrong += (
        []
        if {r: p for r, p in told.items() if r not in late} == moved
        else ["the list of incidents is wrong"]
    )
    wrong += [] if rows(cursor, AS_WAS) == as_was else ["the statistics as-was differ"]

    began = time.perf_counter()
    publishing.restore(edition=before_edition, actor=ben, reason="d4")
    back_s = time.perf_counter() - began
    wrong += [] if rows(cursor, CELLS) == cells else ["the edition before did not come back bit for bit"]
    while due.regrid_assets(timezone.now()) + due.regrid_incidents(timezone.now()):
        pass
    wrong += [] if dict(rows(cursor, OF_ASSETS)) == assets else ["the assets did not come back"]
    wrong += [] if rows(cursor, AS_WAS) == as_was else ["the statistics as-was differ after the way back"]
    print(f"restored in {back_s:.2f} s; {wrong or 'everything right'}")
    longest = max(waits.longest_ms.values())
    if took_s > TRANSACTION_S:
        wrong.append(f"the transaction took {took_s:.1f} s")
    if longest > WAIT_MS:
        wrong.append(f"somebody waited {longest:.0f} ms")
    print(f"D4 {took_s:.2f} s, {longest:.0f} ms 5 s, 200 ms {'short' if wrong else 'ok'}")
    return wrong


def rows(cursor: Any, query: str) -> list[Any]:
    cursor.execute(query)
    return [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in cursor.fetchall()]


def main(small: bool) -> int:
    import django

    with fresh_database() as database:
        os.environ |= database.environment() | {"DJANGO_SETTINGS_MODULE": "geogrid.settings"}
        django.setup()
        from django.db import connections

        from assets.actions import load_catalogue
        from incidents.actions import load_event_classes
        from tests.workshop.town import fill_town

        settings, app = connections["default"].settings_dict, database.app
        settings |= {"NAME": app.database, "USER": app.user, "PASSWORD": app.password}
        settings |= {"HOST": app.host, "PORT": str(app.port)}
        load_catalogue()
        load_event_classes()
        connection = psycopg2.connect(database.superuser.url())
        connection.autocommit = True
        cursor = connection.cursor()
        began = time.perf_counter()
        size = (8, 8, 2_000, 400, 500, 200) if small else (60, 50, 1_000_000, 40_000, 150_000, 100_000)
        columns, lines, assets, buildings, incidents, still_open = size
        fill_town(
            cursor, columns=columns, rows=lines, assets=assets, buildings=buildings, incidents=incidents,
            still_open=still_open,
        )  # fmt: skip
        print(f"filled in {time.perf_counter() - began:.0f} s")
        wrong = publish(database, cursor, 12 if small else 300)
        connections.close_all()
        connection.close()
    return 1 if wrong and not small else 0
