"""A6: the guard with versions and outlines on, under thousands of careless edits of 3,000 cells.

Random edits (tests/grid_units/random_edits.py) by one client and by four at once, on the grid of 2^-27
degree and once more on 2^-15, where rounding is 4,000 times coarser and shows every fault soonest. After each
commit the neighbourhood of the edit is checked by Shapely, and every so often the whole grid, from outside
and inside.
"""

import random
import statistics
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
import shapely

from geogrid.embedded.testing import TestDatabase, fresh_database
from tests.grid_units.invariants import Coverage, coverage, faults_in_codes, faults_inside
from tests.grid_units.made_up_city import ewkb, fill, in_degrees, made_up_city
from tests.grid_units.random_edits import EDITS, Target, target
from tests.grid_units.test_state_machine import GridEditors

P50_MS, P95_MS, ACCEPTED = 15.0, 60.0, 0.90
NEARBY = "SELECT geom FROM cell WHERE geom && ST_Expand(%s::geometry, 0.0005)"


@dataclass
class Tally:
    """What happened in one run; shared by its clients."""

    accepted: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    unnamed: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    deadlocks: int = 0
    commits: int = 0
    statement_ms: list[float] = field(default_factory=list)
    processor_ms: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def edits(self) -> int:
        return self.accepted + self.refused.total()


def connect(database: TestDatabase) -> Any:
    return psycopg2.connect(database.app.url(), application_name="a6")


def processor_ms(connection: Any) -> float:
    """Processor time that the server process of this connection has used: unmoved by what else runs here."""
    try:
        return int(Path(f"/proc/{connection.get_backend_pid()}/schedstat").read_text().split()[0]) / 1e6
    except OSError:
        return 0.0


def edit(connection: Any, chance: random.Random, tally: Tally, check_each: bool) -> None:
    """One random edit, all its transactions; a refusal ends it."""
    cursor = connection.cursor()
    name = chance.choice(list(EDITS))
    cell = target(cursor, chance)
    transactions = EDITS[name](cell, chance, cursor)
    connection.commit()
    for statements in transactions or []:
        began, busy = time.perf_counter(), processor_ms(connection)
        try:
            for statement in statements:
                cursor.execute(*statement)
            connection.commit()
        except psycopg2.Error as error:
            connection.rollback()
            _note_refusal(error, name, tally)
            return
        with tally.lock:
            tally.commits += 1
            tally.statement_ms.append((time.perf_counter() - began) * 1000 / len(statements))
            tally.processor_ms.append((processor_ms(connection) - busy) / len(statements))
        if check_each:
            _check_nearby(cursor, cell, tally)
            connection.commit()
    if transactions:
        with tally.lock:
            tally.accepted += 1


def _note_refusal(error: psycopg2.Error, name: str, tally: Tally) -> None:
    said = str(error.diag.message_primary)
    with tally.lock:
        tally.refused[name] += 1
        if error.pgcode == "40P01":
            tally.deadlocks += 1
        names_cell = "cell" in said.lower()
        names_place = any(mark in said for mark in (" near ", "[", " at "))
        if error.pgcode != "23514" or not (names_cell and names_place):
            tally.unnamed.append(f"{name}: {error.pgcode} {said}")


def _check_nearby(cursor: Any, cell: Target, tally: Tally) -> None:
    cursor.execute(NEARBY, [ewkb(in_degrees(cell.outline))])
    outlines = shapely.from_wkb([geom for (geom,) in cursor.fetchall()])
    if not shapely.coverage_is_valid(outlines):
        with tally.lock:
            tally.faults.append(f"gap or overlap near cell {cell.code}")


def check_all(connection: Any, tally: Tally, first: Coverage, exponent: int) -> Coverage:
    """The whole grid in one snapshot; what is wrong goes into the tally."""
    connection.set_session(isolation_level="REPEATABLE READ")
    cursor = connection.cursor()
    now, faults = coverage(cursor, exponent)
    faults += faults_inside(cursor) + faults_in_codes(cursor)
    connection.rollback()
    if (now.parts, now.holes) != (first.parts, first.holes):
        faults.append(f"{now.parts} parts and {now.holes} holes, first {first.parts} and {first.holes}")
    drift_m2 = abs(now.area_m2(exponent) - first.area_m2(exponent))
    if drift_m2 > first.rim_m * 2.0**-exponent * 111_320:
        faults.append(f"the area drifted by {drift_m2:.4f} m2")
    tally.faults += faults
    return now


def run(columns: int, rows: int, edits: int, clients: int, exponent: int, seed: int) -> Tally:
    """Fill a fresh database and edit it; prints a line."""
    tally = Tally()
    with fresh_database() as database:
        owner = psycopg2.connect(database.owner.url())
        with owner, owner.cursor() as cursor:
            if exponent != 27:
                cursor.execute(
                    "CREATE OR REPLACE FUNCTION core.grid_step() RETURNS double precision"
                    f" LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN power(2::double precision, -{exponent:d})"
                )
            fill(cursor, made_up_city(columns, rows, exponent=exponent))
            cursor.execute("ANALYZE")
        owner.close()
        watcher = connect(database)
        first, faults = coverage(watcher.cursor(), exponent)
        watcher.rollback()
        tally.faults += faults

        def work(number: int) -> None:
            connection = connect(database)
            chance = random.Random(seed * 100 + number)
            for _ in range(edits // clients):
                edit(connection, chance, tally, check_each=clients == 1)
            connection.close()

        began = time.monotonic()
        threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            check_all(watcher, tally, first, exponent)
            threads[0].join(timeout=20)
        seconds = time.monotonic() - began
        last = check_all(watcher, tally, first, exponent)
        watcher.close()
    cuts = statistics.quantiles(tally.statement_ms, n=100)
    busy = statistics.quantiles(tally.processor_ms, n=100)
    print(
        f"{clients} client(s), 2^-{exponent}: {tally.edits} edits in {seconds:.0f} s, "
        f"{tally.commits} commits, {tally.accepted / max(1, tally.edits):.1%} accepted; "
        f"a statement p50 {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms "
        f"(processor {busy[49]:.1f} and {busy[94]:.1f} ms); "
        f"{last.cells} cells, area {last.area_m2(exponent) - first.area_m2(exponent):+.6f} m2 "
        f"of {first.area_m2(exponent):.0f}; {len(tally.faults)} faults, {tally.deadlocks} deadlocks",
        flush=True,
    )
    print("   refused:", dict(tally.refused), flush=True)
    for fault in [*tally.faults[:5], *tally.unnamed[:5]]:
        print("   !", fault, flush=True)
    return tally


def run_state_machine(examples: int, steps: int) -> int:
    """Hypothesis looks for a sequence of edits that breaks an invariant (raises if it finds one)."""
    with fresh_database() as database:

        class Editors(GridEditors):
            url = database.owner.url()

        edits = Editors.run_many(examples, steps)
    print(f"state machine: {edits} edits in {examples} examples of {steps} steps, none unsound", flush=True)
    return edits


def main(small: bool) -> int:
    """Prints the figures; 0 when every bound holds."""
    columns, rows, edits = (15, 10, 60) if small else (60, 50, 2500)
    alone = run(columns, rows, edits, 1, 27, seed=1)
    together = run(columns, rows, edits, 4, 27, seed=2)
    coarse = run(columns, rows, edits, 1, 15, seed=3)
    runs = [alone, together, coarse]
    by_hypothesis = run_state_machine(2 if small else 60, 5 if small else 30)

    cuts = statistics.quantiles(alone.statement_ms, n=100)
    accepted = min(tally.accepted / max(1, tally.edits) for tally in (alone, together))
    sound = not any(tally.faults or tally.unnamed or tally.deadlocks for tally in runs)
    in_time = small or (cuts[49] <= P50_MS and cuts[94] <= P95_MS and accepted >= ACCEPTED)
    verdict = "ok" if sound and in_time else "short"
    print(
        f"A6 {sum(tally.edits for tally in runs) + by_hypothesis} edits, "
        f"{sum(len(tally.faults) for tally in runs)} faults, "
        f"{accepted:.1%} accepted, p50 {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms "
        f">=5000 edits, 0 faults, >={ACCEPTED:.0%}, p50<={P50_MS:.0f} ms, p95<={P95_MS:.0f} ms {verdict}"
    )
    return 0 if verdict == "ok" else 1
