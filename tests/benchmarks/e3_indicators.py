"""E3, its second half: Boston's requests of 2015 as incidents, and indicators from the roll-ups.

The areas are repaired and imported as cells (25 neighbourhoods; islands apart), the report is printed; all
26,035 requests come in through the importer of `incidents import` with their own times; rates from the
roll-ups are held against a count of the file's own OnTime_Status. Then 1,000,000 incidents are set up by SQL,
counted by the clock's own functions, and every answer of the page is asked for: each within 1 s.
"""

import csv
import json
import os
import statistics
import tempfile
import time
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg2
import shapely
from shapely.geometry import mapping as as_geojson
from shapely.geometry import shape

from geogrid.core.sql import statement
from geogrid.embedded.testing import TestDatabase, fresh_database
from tests.benchmarks.e3_boston import FORMAT, ZONE
from tests.grid_units.made_up_city import COUNTY, fill, made_up_city

HERE = Path(__file__).parent
REQUESTS = "complaints/boston_311_2015_8types.csv"
AREAS = "complaints/boston_neighborhoods.geojson"
PAGE_S, TIMES = 1.0, 5
MANY = int(os.environ.get("E3_INCIDENTS", 1_000_000))
SMALLEST_M2 = 2_000  # rocks in the harbour
HEALED_M = 40.0
MAPPING = f"""
source = "boston-311"
zone = "America/New_York"
time_format = "{FORMAT}"
channel = "boston-311"
clock_skew_s = 60
[columns]
number = "CASE_ENQUIRY_ID"
reported_at = "OPEN_DT"
deadline_at = "TARGET_DT"
closed_at = "CLOSED_DT"
lng = "LONGITUDE"
lat = "LATITUDE"
class = "TYPE"
location_text = "Location"
"""
QUESTIONS = {
    "communities, 30 days": "by=COMMUNITY&start=2025-06-01&end=2025-06-30",
    "streets, a year": "by=STREET&start=2025-01-01&end=2025-12-31",
    "cells, a year": "by=CELL&start=2025-01-01&end=2025-12-31",
    "cells, odd days of two years": "by=CELL&start=2024-01-16&end=2025-12-20",
    "units, two years": "by=UNIT&start=2024-01-01&end=2025-12-31",
    "people, two years": "by=PERSON&start=2024-01-01&end=2025-12-31",
    "classes, two years": "by=CLASS&start=2024-01-01&end=2025-12-31",
    "channels, today's grid": "by=CHANNEL&start=2024-01-01&end=2025-12-31&view=is",
    "responsibility grids, a month": "by=DUTY&start=2025-06-01&end=2025-06-30",
    "communities of a class": "by=COMMUNITY&start=2025-01-01&end=2025-12-31&klass={klass}",
}


def main(small: bool) -> int:
    folder = os.environ.get("GEOGRID_TEST_DATA", "")
    path = Path(folder) / REQUESTS
    if not folder or not path.is_file():
        print("E3 short: data missing (GEOGRID_TEST_DATA)")
        return 0 if small else 1
    with tempfile.TemporaryDirectory() as var:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "geogrid.settings", "GEOGRID_VAR": var}
        with fresh_database() as database:
            os.environ.update(database.environment())
            import django

            django.setup()
            is_alike = boston(Path(folder), Path(var), small)
            from django.db import connections

            connections.close_all()
        with fresh_database() as database:
            _use(database)
            slowest = million(database, 20_000 if small else MANY)
    ok = is_alike and (small or slowest <= PAGE_S)
    alike = "alike" if is_alike else "not alike"
    verdict = "ok" if ok else "short"
    print(f"E3 indicators: slowest answer {slowest:.2f} s <= {PAGE_S:.0f} s, Boston {alike} {verdict}")
    return 0 if ok else 1


def _use(database: TestDatabase) -> None:
    from django.db import connections

    app = database.app
    settings = connections["default"].settings_dict
    settings |= {"NAME": app.database, "USER": app.user, "PASSWORD": app.password}
    settings |= {"HOST": app.host, "PORT": str(app.port)}


def boston(folder: Path, var: Path, small: bool) -> bool:
    """Areas and requests of Boston; whether the roll-ups say what the file says."""
    from django.db import connection

    from geogrid.core.actor import System
    from geogrid.core.models import City
    from geogrid.organisations.models import User
    from grid_units.duties.models import Membership
    from grid_units.importing.loading import import_grid
    from incidents.evaluation.keeping import keep_all
    from incidents.past_cases.importing import import_past_cases
    from incidents.past_cases.mapping import read_mapping

    City.objects.create(name="Boston", name_en="Boston", county_code="250250", zone="America/New_York")
    user = User.objects.create(username="boston")
    Membership.objects.create(user=user, role="administrator", unit_prefix="")
    outcome = import_grid(
        areas(folder / AREAS, var / "boston.geojson"), actor=System("import"), tolerance_m=HEALED_M,
        holes_are_meant=True, anywhere=True, report=var / "boston-report",
    )  # fmt: skip
    print(f"areas: {len(outcome.loaded.added)} cells, {len(outcome.healed)} repaired; report:")
    for path in outcome.report:
        if path.suffix == ".csv":
            print("\n".join(f"  {line[:150]}" for line in path.read_text("utf-8-sig").splitlines()[:8]))
    with (folder / REQUESTS).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    rows = rows[:: 40 if small else 1]
    chosen = var / "requests.csv"
    with chosen.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    for run in ("first", "second"):
        began = time.monotonic()
        with chosen.open(encoding="utf-8", newline="") as file:
            done = import_past_cases(
                file, read_mapping(MAPPING), actor=System("import"), now=datetime.now(UTC)
            )
        print(
            f"{run} run: {done.rows} rows, {done.added} added, {done.known} known, "
            f"{len(done.refused)} refused, {done.unplaced} without a place, {time.monotonic() - began:.0f} s"
        )
        for why, count in Counter(one.why for one in done.refused).most_common(5):
            print(f"  {count} refused: {why}")
        if run == "first":
            refused = {one.number for one in done.refused}
        elif done.added:
            print("the second run added something")
            return False
    began = time.monotonic()
    keep_all()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FILTER (WHERE unit_code = ''), count(*) FROM incident")
        outside, count = cursor.fetchone()
    print(f"counted in {time.monotonic() - began:.0f} s: {count} incidents, {outside} outside of the areas")
    return agrees([row for row in rows if row["CASE_ENQUIRY_ID"] not in refused], user)


def areas(path: Path, to: Path) -> Path:
    """The neighbourhoods as a file of cells: parts of each apart, with codes that the importer reads."""
    features = []
    known = json.loads(path.read_text(encoding="utf-8"))["features"]
    for at, feature in enumerate(sorted(known, key=lambda one: one["properties"]["Name"]), 1):
        parts = shapely.get_parts(shapely.make_valid(shape(feature["geometry"])))
        polygons = [part for part in parts if part.geom_type == "Polygon"]
        large = sorted((p for p in polygons if _area_m2(p) > SMALLEST_M2), key=lambda p: -p.area)
        for nth, part in enumerate(large, 1):
            code = f"250250001{at:03}{nth:03}"
            name = feature["properties"]["Name"] + (f" {nth}" if nth > 1 else "")
            features.append(
                {"type": "Feature", "properties": {"code": code, "name": name}, "geometry": as_geojson(part)}
            )
    to.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return to


def _area_m2(part: Any) -> float:
    return float(part.area) * 111_320**2 * 0.74


def agrees(rows: list[dict[str, str]], user: Any) -> bool:
    """Rates by the roll-ups against the file counted apart: closed in time of what had a target."""
    first, last = date(2014, 12, 31), date(2016, 12, 31)
    due = on_time = closed = without = open_ = 0
    status: Counter[str] = Counter()
    for row in rows:
        without += not row["TARGET_DT"]
        open_ += not row["CLOSED_DT"]
        if not row["TARGET_DT"]:
            continue
        target = datetime.strptime(row["TARGET_DT"], FORMAT).replace(tzinfo=ZONE)
        if not first <= target.date() <= last:
            continue
        due += 1
        status[row["OnTime_Status"]] += 1
        if row["CLOSED_DT"]:
            closed += 1
            on_time += datetime.strptime(row["CLOSED_DT"], FORMAT).replace(tzinfo=ZONE) <= target
    asked(user, "by=COMMUNITY")  # the first question of a process loads the addresses
    took_s, said = asked(user, f"by=COMMUNITY&start={first}&end={last}")
    by_key = dict(zip((one["key"] for one in said["indicators"]), said["total"]["rates"], strict=True))
    rate, closing = by_key["on_time_closing_rate"], by_key["closing_rate"]
    print(f"{len(rows)} requests, {without} without target, {open_} without closing; "
          f"the city says {dict(status)} of those with a target")  # fmt: skip
    print(f"roll-ups: due {rate['denominator']}, closed {closing['numerator']}, in time {rate['numerator']}; "
          f"the file: due {due}, closed {closed}, in time {on_time}, ONTIME {status['ONTIME']}; "
          f"{took_s * 1000:.0f} ms")  # fmt: skip
    return (rate["denominator"], closing["numerator"], rate["numerator"]) == (due, closed, on_time)


def million(database: TestDatabase, count: int) -> float:
    """Seconds of the slowest answer with so many incidents over two years."""
    from assets.actions import load_catalogue
    from geogrid.core.models import City
    from geogrid.organisations.models import Organisation, User
    from grid_units.duties.models import Membership
    from incidents.actions import load_event_classes
    from incidents.evaluation.keeping import keep_all
    from incidents.models import EventClass

    load_catalogue()
    load_event_classes()
    City.objects.create(name="E3", name_en="E3", county_code=COUNTY, zone="Asia/Shanghai")
    for n in range(20):
        Organisation.objects.create(code=f"E3-{n}", name=f"单位{n}", kinds=["handling_unit"])
    people = User.objects.bulk_create(User(username=f"worker{n}") for n in range(120))
    chief = User.objects.create(username="chief")
    Membership.objects.create(user=chief, role="commander", unit_prefix="")
    cells = made_up_city(30, 20)
    connection = psycopg2.connect(database.superuser.url())
    with connection, connection.cursor() as cursor:
        fill(cursor, cells)
    connection.autocommit = True
    began = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for part in statement(HERE, "e3_indicators").split(";\n"):
            if part.strip():
                cursor.execute(part, {"count": count, "people": [one.pk for one in people]})
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM (ANALYZE)")
    print(f"{count} incidents with their steps set up in {time.monotonic() - began:.0f} s")
    began = time.monotonic()
    keep_all()
    print(f"facts and roll-ups built in {time.monotonic() - began:.0f} s")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) evaluation_fact, evaluation_day, evaluation_month")
        cursor.execute("SELECT count(*) FROM evaluation_fact")
        [(facts,)] = cursor.fetchall()
        cursor.execute("SELECT count(*) FROM evaluation_day")
        [(days,)] = cursor.fetchall()
    connection.close()
    print(f"{facts} facts, {days} rows of days")
    return slowest_answer(chief, f"E{EventClass.objects.order_by('id').first().pk}")  # type: ignore[union-attr]


def slowest_answer(user: Any, klass: str) -> float:
    slowest = 0.0
    for name, question in QUESTIONS.items():
        said = question.format(klass=klass)
        took = statistics.median(asked(user, said)[0] for _ in range(TIMES))
        rows = len(asked(user, said)[1]["rows"])
        print(f"{name:32} {took * 1000:7.0f} ms, {rows} rows")
        slowest = max(slowest, took)
    keys = ",".join(row["key"] for row in asked(user, QUESTIONS["communities, 30 days"])[1]["rows"][:12])
    line = f"by=COMMUNITY&start=2024-01-01&end=2025-12-31&indicator=closing_rate&keys={keys}"
    month = f"{QUESTIONS['communities, 30 days']}&indicator=closing_rate&key={keys[:12]}"
    for name, path in (
        ("lines of two years", f"/api/evaluation/series?{line}"),
        ("receipt of a community's month", f"/api/evaluation/receipt?{month}"),
        ("its cases", f"/api/evaluation/receipt/cases?{month}"),
    ):
        took = statistics.median(asked(user, path)[0] for _ in range(TIMES))
        print(f"{name:32} {took * 1000:7.0f} ms")
        slowest = max(slowest, took)
    whole = f"/api/evaluation/receipt?{QUESTIONS['cells, a year']}&indicator=closing_rate"
    print(f"receipt of the whole year (no bound) {asked(user, whole)[0]:.1f} s")
    return slowest


def asked(user: Any, said: str) -> tuple[float, Any]:
    """(seconds, answer) of one request, up to the bytes that are sent."""
    from rest_framework.test import APIClient

    from geogrid.organisations.models import User

    client = APIClient(SERVER_NAME="127.0.0.1")
    client.force_authenticate(User.objects.get(pk=user.pk))
    began = time.perf_counter()
    answer = client.get(said if said.startswith("/") else f"/api/evaluation/figures?{said}")
    took_s = time.perf_counter() - began
    assert answer.status_code == 200, answer.content[:500]
    return took_s, answer.json()
