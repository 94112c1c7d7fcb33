"""A9: tiles over a million assets on 340 km2: sizes, none empty, and CPU per tile against tipg.

tipg is installed from the package index into var/bench-tipg (some of its releases bring psycopg 3, which
must not be importable by GeoGrid). Both serve the same table, in the same order, with the same three columns,
over HTTP and packed as a browser asks for it; CPU is that of the server's process and of its database
backends, from /proc.
"""

import http.client
import os
import random
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import psycopg2

from geogrid.embedded.paths import var_folder
from geogrid.embedded.testing import TestDatabase, fresh_database
from tests.asgi.running import free_port, serving, wait_while_running
from tests.benchmarks.million_assets import Ground, fill
from tiles.layers import layers_named
from tiles.service import TileService, pack
from tiles.squares import Square, square_at

LARGEST_BYTES = 500_000
BOUNDS = {14: 0.6, 15: 0.5, 16: 0.5}
TILES = {14: 40, 15: 120, 16: 300}
ROUNDS = 3
TICKS = os.sysconf("SC_CLK_TCK")
TIPG = var_folder() / "bench-tipg"


def squares_of(ground: Ground, z: int) -> list[Square]:
    """All tiles of a zoom that the city reaches into."""
    first, last = square_at(ground.west, ground.north, z), square_at(ground.east, ground.south, z)
    return [Square(z, x, y) for x in range(first.x, last.x + 1) for y in range(first.y, last.y + 1)]


def inner_squares(ground: Ground, z: int, amount: int) -> list[Square]:
    """Tiles that lie inside the city, drawn by lot."""
    first, last = square_at(ground.west, ground.north, z), square_at(ground.east, ground.south, z)
    inside = [
        Square(z, x, y) for x in range(first.x + 1, last.x) for y in range(first.y + 1, last.y)
    ] or squares_of(ground, z)
    return random.Random(9).sample(inside, min(amount, len(inside)))


# Sizes ------------------------------------------------------------------------------------------------
def check_sizes(database: TestDatabase, ground: Ground, amount: int) -> bool:
    """Every tile of z10 to z16 as the map gets it: none too large, none empty where there is data."""
    from geogrid.changes.passes import Pass

    service, layers, seen_by = TileService(), layers_named("assets"), Pass(0, 0)
    is_fine = True
    with psycopg2.connect(database.tile_reader.url()) as connection, connection.cursor() as cursor:
        for z in range(10, 17):
            sizes, found, began = [], 0, time.process_time()
            for square in squares_of(ground, z):
                plain = service.make(cursor, layers, square, seen_by)
                if not plain:
                    continue
                sizes.append((len(plain), len(pack(plain))))
                if z <= 14:
                    features = mapbox_vector_tile.decode(plain)["assets"]["features"]
                    found += sum(feature["properties"]["count"] for feature in features)
            largest, packed = max(size for size, _ in sizes), max(size for _, size in sizes)
            lost = z <= 14 and found != amount
            is_fine &= largest <= LARGEST_BYTES and not lost
            ms = (time.process_time() - began) / len(sizes) * 1000
            counted = f", counts add up to {found:,}" if z <= 14 else ""
            print(
                f"  z{z}: {len(sizes):5} tiles, largest {largest / 1000:5.0f} kB "
                f"({packed / 1000:.0f} kB packed), {ms:5.1f} ms of Python each{counted}",
                flush=True,
            )
            is_fine &= not empty_ones(connection, ground, z, len(sizes))
    return is_fine


def empty_ones(connection: Any, ground: Ground, z: int, made: int) -> bool:
    """Whether fewer tiles were made than there are tiles with an asset in them."""
    edge = squares_of(ground, z)[0].width
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT (floor(ST_X(geom_3857) / %s), floor(ST_Y(geom_3857) / %s)))"
            " FROM map_asset",
            [edge, edge],
        )
        [with_data] = cursor.fetchone()
    if made < with_data:
        print(f"  z{z}: {with_data} squares hold assets, but only {made} tiles have any", flush=True)
    return bool(made < with_data)


# CPU --------------------------------------------------------------------------------------------------
def cpu_of(pids: list[int]) -> float:
    """Seconds of CPU that these processes have used."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def tree_of(pid: int) -> list[int]:
    """A process and all below it."""
    below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in below for one in tree_of(int(child)))]


def backends(watcher: Any) -> list[int]:
    """The database's processes that serve somebody else."""
    with watcher.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return [pid for [pid] in cursor.fetchall()]


def fetch_all(port: int, paths: list[str]) -> int:
    """Get every path over one connection; the sum of bytes."""
    got = 0
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        for path in paths:
            connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 200:
                raise AssertionError(f"{path}: {answer.status} {body[:200]!r}")
            got += len(body)
    return got


def measure(watcher: Any, pid: int, port: int, paths: list[str]) -> tuple[float, int]:
    """Milliseconds of CPU a tile (the median of some rounds) and bytes of all."""
    fetch_all(port, paths)
    rounds, size = [], 0
    for _ in range(ROUNDS):
        pids = [*tree_of(pid), *backends(watcher)]
        before = cpu_of(pids)
        size = fetch_all(port, paths)
        rounds.append((cpu_of(pids) - before) / len(paths) * 1000)
    return statistics.median(rounds), size


@contextmanager
def tipg_serving(database: TestDatabase) -> Iterator[tuple[int, int]]:
    """tipg on the same database: its process and port."""
    python = str(TIPG / "bin" / "python")
    if not (TIPG / "bin" / "uvicorn").exists():
        print("  installing tipg into var/bench-tipg", flush=True)
        venv.create(TIPG, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "tipg", "uvicorn"], check=True)
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PG", "PYTHON"))},
        "DATABASE_URL": database.owner.url(),
        "TIPG_DB_SCHEMAS": '["public"]',
        "TIPG_TABLE_CONFIG__public_asset__geomcol": "geom_3857",
        "TIPG_MAX_FEATURES_PER_TILE": "1000000",
        "DB_MIN_CONN_SIZE": "1",
        "DB_MAX_CONN_SIZE": "4",
    }
    command = [python, "-m", "uvicorn", "tipg.main:app", "--port", str(port), "--log-level", "warning"]
    process = subprocess.Popen(command, env=environment, cwd=TIPG)
    try:
        wait_while_running(process, lambda: answers(port), within_s=60)
        yield process.pid, port
    finally:
        process.terminate()
        process.wait(10)


def answers(port: int) -> bool:
    try:
        fetch_all(port, ["/healthz"])
    except (OSError, AssertionError, http.client.HTTPException):
        return False
    return True


def compare(database: TestDatabase, ground: Ground, watcher: Any) -> dict[int, float]:
    """CPU of ours over CPU of tipg's, by zoom."""
    columns = "geom-column=geom_3857&properties=id,asset_class_id,state&limit=1000000"
    squares = {z: inner_squares(ground, z, TILES[z]) for z in BOUNDS}
    measured: dict[str, dict[int, tuple[float, int, int]]] = {"tipg": {}, "ours": {}}
    with tipg_serving(database) as (pid, port):
        for z in BOUNDS:
            start = "/collections/public.asset/tiles/WebMercatorQuad"
            paths = [f"{start}/{s.z}/{s.x}/{s.y}?{columns}" for s in squares[z]]
            measured["tipg"][z] = (
                *measure(watcher, pid, port, paths),
                features_of(port, paths[0], "default"),
            )
    with serving("tests.benchmarks.tile_server:application", database.environment()) as server:
        for z in BOUNDS:
            paths = [f"/tiles/compared/{s.z}/{s.x}/{s.y}.mvt?token={token_of()}" for s in squares[z]]
            measured["ours"][z] = (
                *measure(watcher, server.process.pid, server.port, paths),
                features_of(server.port, paths[0], "compared"),
            )
    for z in BOUNDS:
        for name, of_zoom in measured.items():
            ms, size, features = of_zoom[z]
            print(
                f"  z{z} {name}: {ms:6.2f} ms of CPU a tile, {size / len(squares[z]) / 1000:.1f} kB packed, "
                f"{features} features in the first",
                flush=True,
            )
    return {z: measured["ours"][z][0] / measured["tipg"][z][0] for z in BOUNDS}


def features_of(port: int, path: str, layer: str) -> int:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", path)
        return len(mapbox_vector_tile.decode(connection.getresponse().read())[layer]["features"])


def token_of() -> str:
    from geogrid.changes.passes import Pass, issue

    return issue(Pass(0, 0), now=time.time() + 3000)


def prepared(database: TestDatabase, amount: int) -> tuple[Any, Ground]:
    """The filled database, and a connection to watch it with."""
    watcher: Any = psycopg2.connect(database.superuser.url())
    watcher.autocommit = True
    ground = fill(watcher, amount)
    with watcher.cursor() as cursor:
        # Both read the bare table; its owner, which tipg is, passes the analysts' row policies.
        cursor.execute("GRANT SELECT ON asset TO geogrid_tile_reader")
        cursor.execute("ALTER TABLE asset DISABLE ROW LEVEL SECURITY")
        # tipg asks for each layer's extent at its start, by a function that GeoGrid takes from its roles.
        for given in ("text, text", "text, text, text", "text, text, text, boolean"):
            cursor.execute(f"GRANT EXECUTE ON FUNCTION st_estimatedextent({given}) TO PUBLIC")
        # Parallel workers come and go, and their CPU with them: without, all of it is seen.
        cursor.execute("SELECT current_database()")
        [name] = cursor.fetchone()
        cursor.execute(f'ALTER DATABASE "{name}" SET max_parallel_workers_per_gather = 0')
    return watcher, ground


def main(small: bool) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geogrid.settings")
    amount = 100_000 if small else 1_000_000
    with fresh_database() as database:
        watcher, ground = prepared(database, amount)
        are_fine = check_sizes(database, ground, amount)
        ratios = compare(database, ground, watcher)
        watcher.close()
    is_met = are_fine and (small or all(ratios[z] <= bound for z, bound in BOUNDS.items()))
    figures = ", ".join(f"z{z} {ratio:.2f}" for z, ratio in ratios.items())
    print(
        f"A9 {figures} of tipg's CPU; sizes {'fit' if are_fine else 'do not fit'}"
        f" <=0.6,0.5,0.5 and 500 kB {'ok' if is_met else 'short'}"
    )
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main("--small" in sys.argv))
