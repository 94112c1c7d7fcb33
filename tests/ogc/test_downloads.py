"""Downloads: every format holds what the asker sees, and nobody else gets it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyogrio
import pytest

from geogrid.embedded.paths import REPOSITORY
from tests.ogc.conftest import Town

pytestmark = pytest.mark.db
COVERS = "asset_public_facility"


@pytest.fixture(scope="module")
def worker(town: Town) -> Iterator[None]:
    """A worker of the town's jobs."""
    command = [sys.executable, "-m", "django", "db_worker", "--interval", "0.05"]
    environment = os.environ | town.environment | {"DJANGO_SETTINGS_MODULE": "geogrid.settings"}
    process = subprocess.Popen(command, cwd=REPOSITORY, env=environment, stderr=subprocess.DEVNULL)
    yield
    process.terminate()
    process.wait(20)


def call(town: Town, method: str, path: str, body: Any = None, who: str = "eve") -> tuple[int, Any]:
    answer = town.ask(
        method, f"/api/downloads{path}", body and json.dumps(body), who, Content_Type="application/json"
    )
    return answer.status, json.loads(answer.body) if answer.body else None


def made(town: Town, who: str = "eve", **wanted: Any) -> dict[str, Any]:
    """A download that has come to its end."""
    status, said = call(town, "POST", "", wanted, who)
    assert status == 202, said
    until = time.monotonic() + 200
    while said["state"] in ("waiting", "working"):
        assert time.monotonic() < until, said
        time.sleep(0.05)  # as a page that shows how far it is
        _, said = call(town, "GET", f"/{said['id']}", who=who)
    return dict(said)


def fetched(town: Town, download: dict[str, Any], folder: Path, who: str = "eve") -> Path:
    sent = town.ask("GET", f"/api/downloads/{download['id']}/file", who=who)
    assert sent.status == 303, sent.body
    answer = town.server.get(sent.headers["location"])  # the ticket is in the address
    assert answer.status == 200 and "attachment" in answer.headers["content-disposition"]
    assert len(answer.body) == download["bytes"]
    target = folder / answer.headers["content-disposition"].split('"')[1]
    target.write_bytes(answer.body)
    return target


@pytest.mark.parametrize("kind", ["gpkg", "fgb", "shp", "csv"])
def test_each_format_holds_every_row_with_its_words_and_its_place(
    town: Town, worker: None, tmp_path: Path, kind: str
):
    download = made(town, layer=COVERS, format=kind)
    assert download["state"] == "ready", download
    file = fetched(town, download, tmp_path)

    wanted = town.sql(
        f"SELECT code, name, state, first_date, ST_X(geom), ST_Y(geom) FROM gis.{COVERS} ORDER BY code"
    )
    source = f"/vsizip/{file}" if kind == "shp" else str(file)
    read = pyogrio.read_dataframe(source, use_arrow=False).sort_values("code")
    assert download["rows_written"] == download["rows_expected"] == len(read) == len(wanted)
    assert [str(code) for code in read["code"]] == [row[0] for row in wanted]
    assert list(read["name"]) == [row[1] for row in wanted]
    places = read.geometry if kind != "csv" else None
    if places is not None:
        assert read.crs.to_epsg() == 4326
        assert list(places.x) == pytest.approx([row[4] for row in wanted], abs=1e-9)
    else:
        assert file.read_bytes().startswith(b"\xef\xbb\xbf") and "POINT (24.9" in file.read_text("utf-8-sig")


def test_a_file_holds_what_was_asked_for_and_what_the_asker_sees(town: Town, worker: None, tmp_path: Path):
    box = "24.9375,60.125,24.9453125,60.14"
    damaged = made(town, layer=COVERS, format="gpkg", filter="state = 'damaged'", bbox=box)
    [[count]] = town.sql(
        f"SELECT count(*) FROM gis.{COVERS} WHERE state = 'damaged'"
        " AND geom && ST_MakeEnvelope(24.9375, 60.125, 24.9453125, 60.14, 4326)"
    )
    assert damaged["rows_written"] == count > 10

    hers = made(town, "ann", layer="incident", format="gpkg")
    assert hers["rows_written"] == 7
    read = pyogrio.read_dataframe(fetched(town, hers, tmp_path, "ann"))
    assert set(read["unit_code"]) == {"910101001001001"}
    assert not {"description", "contact_name", "contact_phone", "reported_by_id"} & set(read.columns)
    tables = made(town, layer="organisation", format="csv")
    assert tables["state"] == "ready" and tables["rows_written"] == 1


def test_nobody_else_sees_fetches_or_cancels_a_download(town: Town, worker: None, tmp_path: Path):
    download = made(town, layer="building", format="fgb")
    fetched(town, download, tmp_path)

    for who in ("ann", "dan"):
        assert download["id"] not in {one["id"] for one in call(town, "GET", "", who=who)[1]}
        for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/file")):
            assert call(town, method, f"/{download['id']}{path}", who=who)[0] == 404
    assert call(town, "GET", "", who="")[0] == 401
    for ticket in ("", "?ticket=x", "?ticket=e30.e30"):
        assert town.server.get(f"/files/x.gpkg{ticket}").status == 403


def test_who_lost_a_right_gets_no_file_that_was_made_with_it(town: Town, worker: None):
    download = made(town, "oona", layer="incident", format="csv")
    assert town.ask("GET", f"/api/downloads/{download['id']}/file", who="oona").status == 303

    hers = "user_id = (SELECT asked_by_id FROM download WHERE public_id = %s) RETURNING 1"
    town.sql(f"UPDATE membership SET unit_prefix = '910101001001' WHERE {hers}", download["id"])
    time.sleep(5.1)  # a token is known for five seconds
    assert town.ask("GET", f"/api/downloads/{download['id']}/file", who="oona").status == 409
    town.sql(f"UPDATE membership SET unit_prefix = '910101' WHERE {hers}", download["id"])


def test_a_cancelled_download_is_not_made_and_leaves_no_file(town: Town):
    """No worker runs here: it waits until it is cancelled."""
    status, download = call(town, "POST", "", {"layer": "cell", "format": "gpkg"}, "volunteer")
    assert status == 202 and download["state"] in ("waiting", "working", "ready")
    assert call(town, "DELETE", f"/{download['id']}", who="volunteer")[0] == 204

    assert call(town, "GET", f"/{download['id']}", who="volunteer")[1]["state"] == "cancelled"
    assert call(town, "GET", f"/{download['id']}/file", who="volunteer")[0] == 409
    files = Path(town.environment["GEOGRID_VAR"]) / "downloads"
    assert not files.exists() or not list(files.glob(f"{download['id']}*"))


@pytest.mark.parametrize(
    "wanted",
    [
        {"layer": "nothing", "format": "gpkg"},
        {"layer": "cell", "format": "dwg"},
        {"layer": "cell", "format": "gpkg", "filter": "pg_sleep(9) = 1"},
        {"layer": "cell", "format": "gpkg", "bbox": "1,2"},
        {"layer": "organisation", "format": "shp"},
        {"format": "gpkg"},
    ],
)
def test_what_cannot_be_made_is_refused_when_it_is_asked_for(town: Town, wanted: dict[str, str]):
    status, said = call(town, "POST", "", wanted)

    assert status == 422 and len(said["detail"]) > 10
