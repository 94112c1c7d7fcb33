"""Terrains: what is taken and refused, the work on them, and what is asked of them."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psycopg2
import pytest
import rasterio
import shapely
from django.contrib.gis.geos import LineString, MultiLineString, MultiPolygon, Point, Polygon
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, OperationalError, connection, transaction
from pyproj import Geod

from assets.models import Asset, Building, Road
from assets.terrain import actions, tasks
from assets.terrain.checking import METRES, VerticalUnit
from assets.terrain.inundation import inside, inundation_at
from assets.terrain.models import Depression, Terrain
from geogrid.clock.jobs import LockedWorker
from geogrid.core.actor import System
from geogrid.core.errors import Conflict, Invalid, NotFound
from tests.assets.town import MIDDLE, NOON, A, person
from tests.terrain.ground import BOWL, BOWL_DEPTH_M, geotiff, grid, slope, with_bowl

HERE = grid().middle_of(*BOWL)
TEST = System("test")


@pytest.fixture
def administrator(town):
    return person("root", "administrator")


class TestBringingIn:
    def test_a_terrain_knows_its_place_its_heights_and_its_depression(self, bowl):
        [depression] = bowl.depressions.all()

        assert (bowl.state, bowl.progress, bowl.pieces_done) == ("ready", 1.0, 1)
        assert bowl.lowest_m == pytest.approx(float(with_bowl().min()), abs=1e-3)
        assert bowl.outline.contains(Point(*HERE, srid=4326))
        assert depression.depth_m == pytest.approx(BOWL_DEPTH_M, rel=0.2)
        assert depression.geom.contains(depression.deepest)
        assert not (bowl.store.folder / "pieces").exists()

    @pytest.mark.parametrize("unit", list(VerticalUnit))
    def test_heights_become_metres_whatever_they_were_counted_in(self, bring_in, unit):
        in_metres = with_bowl()
        made = bring_in((in_metres / METRES[unit]).astype(np.float64), unit=unit.value)

        assert np.abs(made.store.heights(made.grid.whole) - in_metres).max() < 1e-5

    def test_unknown_ground_stays_unknown(self, bring_in):
        heights = with_bowl()
        heights[:10] = -9999

        made = bring_in(heights)

        kept = made.store.heights(made.grid.whole)
        assert np.isnan(kept[:10]).all() and not np.isnan(kept[10:]).any()

    def test_degrees_are_a_grid_too(self, bring_in):
        lng, lat = MIDDLE[A]
        step = 2 / 111_320
        turn = rasterio.transform.from_origin(lng - 60 * step * 2, lat + 60 * step, step * 2, step)
        made = bring_in(with_bowl(), how={"crs": "EPSG:4326", "transform": turn})

        [depression] = made.depressions.all()
        assert depression.area_m2 == pytest.approx(1112, rel=0.02)
        assert made.pixel_m == pytest.approx(2, rel=0.01)

    def test_a_coordinate_system_can_be_said_for_a_file_that_says_none(self, bring_in):
        with pytest.raises(Invalid, match="coordinate system"):
            bring_in(with_bowl(), how={"crs": None})

        assert bring_in(with_bowl(), how={"crs": None}, crs="epsg:3879").state == "ready"

    @pytest.mark.parametrize(
        ("heights", "how", "words"),
        [
            (np.stack([slope(), slope()]), {}, "bands"),
            (slope().astype(np.complex64), {"nodata": None}, "no heights"),
            (slope()[:2], {}, "rows and columns"),
            (slope(), {"transform": rasterio.Affine(2, 1, 25_000_000, 1, -2, 6_700_000)}, "north-up"),
            (slope(), {"transform": rasterio.Affine.identity()}, "no place"),
            (slope(), {"crs": "EPSG:4326"}, "earth"),
            (
                slope(),
                {"transform": rasterio.Affine(900, 0, 25_496_000, 0, -900, 6_669_000)},
                "pixel",
            ),
        ],
        ids=["two bands", "complex", "two rows", "turned", "nowhere", "metres as degrees", "coarse"],
    )
    def test_what_is_no_terrain_is_refused_in_words_and_leaves_nothing(
        self, bring_in, folder, heights, how, words
    ):
        with pytest.raises(Invalid, match=words) as refused:
            bring_in(heights, how=how)

        assert "file" in refused.value.fields
        assert not Terrain.objects.exists() and not list(folder.glob("*"))

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"II*\0 no more",
            b"<VRTDataset rasterXSize='5' rasterYSize='5'><VRTRasterBand dataType='Byte' band='1'>"
            b"<SimpleSource><SourceFilename>/etc/passwd</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>",
        ],
        ids=["empty", "cut off", "a file that names other files"],
    )
    def test_what_is_no_geotiff_is_refused(self, db, content):
        with pytest.raises(Invalid, match="GeoTIFF"):
            actions.register(file=io.BytesIO(content), name="x", vertical_unit="metre", actor=TEST, at=NOON)

    def test_heights_that_are_none_are_refused_by_the_job_with_a_hint(self, bring_in):
        made = bring_in(np.full((50, 50), 60_000, np.float32), how={"nodata": None})

        assert made.state == "refused" and "unit" in made.problem

    def test_a_huge_file_is_refused_before_it_is_kept_whole(self, db, folder, monkeypatch):
        monkeypatch.setattr(actions, "MOST_BYTES", 1000)

        with pytest.raises(Invalid, match="MB"):
            actions.register(file=geotiff(slope()), name="x", vertical_unit="metre", actor=TEST, at=NOON)
        assert not list(folder.glob("*"))

    def test_only_files_in_the_inbox_are_taken_from_the_server(self, settings, db, tmp_path):
        (settings.TERRAIN_INBOX / "dem.tif").write_bytes(b"x")
        (tmp_path / "secret.tif").write_bytes(b"x")
        (settings.TERRAIN_INBOX / "link.tif").symlink_to(tmp_path / "secret.tif")

        assert actions.file_on_server("dem.tif").name == "dem.tif"
        for path in ("../secret.tif", str(tmp_path / "secret.tif"), "link.tif", "", ".", "none.tif"):
            with pytest.raises(Invalid):
                actions.file_on_server(path)


class TestTheWork:
    @pytest.fixture
    def waiting(self, bring_in, monkeypatch):
        """A terrain of four pieces with a bowl in each of two."""
        monkeypatch.setattr("assets.terrain.grids.Grid.pieces.__defaults__", (60, 12))
        return bring_in(np.minimum(with_bowl(at=(30, 30)), with_bowl(at=(90, 90))), ready=False)

    def test_it_is_done_in_pieces(self, waiting):
        actions.make_ready(waiting, at=NOON)

        waiting.refresh_from_db()
        assert (waiting.pieces, waiting.pieces_done, waiting.state) == (4, 4, "ready")
        assert sorted(waiting.depressions.values_list("piece", flat=True)) == [0, 3]

    def test_killed_between_pieces_it_goes_on_and_doubles_nothing(self, waiting, monkeypatch):
        class Killed(BaseException):
            pass

        kept, done = waiting.store.__class__.keep_piece, []

        def die_at_the_fourth(store: Any, piece: Any, depth: Any) -> None:
            done.append(piece.number)
            kept(store, piece, depth)
            if len(done) == 4:
                raise Killed

        monkeypatch.setattr("assets.terrain.store.Store.keep_piece", die_at_the_fourth)
        with pytest.raises(Killed):
            actions.make_ready(waiting, at=NOON)
        again = Terrain.objects.get()
        actions.make_ready(again, at=NOON)

        again.refresh_from_db()
        assert done == [0, 1, 2, 3, 3]
        assert again.state == "ready" and again.depressions.count() == 2

    def test_cancelled_it_stops_and_resumed_it_ends(self, waiting, monkeypatch):
        kept = waiting.store.__class__.keep_piece

        def cancel_meanwhile(store: Any, piece: Any, depth: Any) -> None:
            kept(store, piece, depth)
            if piece.number == 1 and Terrain.objects.get().state == "working":
                actions.cancel(terrain=waiting, actor=TEST)

        monkeypatch.setattr("assets.terrain.store.Store.keep_piece", cancel_meanwhile)
        told = tasks.make_terrain_ready.func(waiting.pk)
        stopped = Terrain.objects.get()
        actions.resume(terrain=stopped, actor=TEST)
        monkeypatch.setattr("assets.terrain.store.Store.keep_piece", kept)
        after = tasks.make_terrain_ready.func(waiting.pk)

        assert (told, stopped.state, stopped.pieces_done) == ("cancelled", "cancelled", 1)
        assert 0 < stopped.progress < 1
        assert after == "ready" and waiting.depressions.count() == 2

    def test_what_is_not_worked_on_cannot_be_cancelled_or_resumed(self, bowl):
        for change in (actions.cancel, actions.resume):
            with pytest.raises(Conflict):
                change(terrain=bowl, actor=TEST)

    def test_files_that_no_terrain_has_are_swept_after_a_day(self, bowl, folder):
        (folder / "4711").mkdir()
        (folder / "4711" / "source.tif").write_bytes(b"half of it")
        now = datetime.now(UTC)

        soon = actions.sweep_files(at=now)
        later = actions.sweep_files(at=now + timedelta(days=2))

        assert (soon, later) == (0, 1)
        assert [path.name for path in folder.iterdir()] == [str(bowl.pk)]

    def test_a_second_job_waits_for_the_first_and_does_nothing_twice(self, waiting, owner):
        """The first holds the terrain; the second begins when it ends, and finds it ready."""
        with owner.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(72110, %s)", [waiting.pk])
            with connection.cursor() as ours, pytest.raises(OperationalError), transaction.atomic():
                ours.execute("SET LOCAL lock_timeout = '50ms'")
                actions.make_ready(waiting, at=NOON)
            cursor.execute("SELECT pg_advisory_unlock(72110, %s)", [waiting.pk])

        assert tasks.make_terrain_ready.func(waiting.pk) == "ready"
        assert tasks.make_terrain_ready.func(waiting.pk) == "ready"
        assert waiting.depressions.count() == 2

    def test_removed_it_leaves_no_row_and_no_file(self, bowl, folder):
        actions.remove(terrain=bowl, actor=TEST)

        assert not Terrain.objects.exists() and not Depression.objects.exists()
        assert not list(folder.glob("*"))

    def test_the_change_log_hears_when_it_can_be_used(self, bowl):
        with connection.cursor() as cursor:
            cursor.execute("SELECT op, refs FROM change WHERE kind = 'terrain' ORDER BY id")
            told = cursor.fetchall()

        assert told[0] == ("insert", [str(bowl.pk)])
        assert told[-1] == ("update", [str(bowl.pk)])


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"state": "ready", "ready_at": None}, "ready_at"),
        ({"state": "elsewhere", "ready_at": None}, "state"),
        ({"vertical_unit": "cubit"}, "unit"),
        ({"pieces_done": 9}, "pieces"),
        ({"state": "refused", "ready_at": None, "problem": ""}, "problem"),
    ],
)
def test_the_database_refuses_what_cannot_be(bowl, change, constraint):
    with pytest.raises(IntegrityError, match=f"terrain_.*{constraint}"), transaction.atomic():
        Terrain.objects.update(**change)


def test_sql_cannot_draw_a_depression_that_crosses_itself(bowl):
    bow_tie = MultiPolygon(Polygon(((24, 60), (25, 61), (25, 60), (24, 61), (24, 60))), srid=4326)

    with pytest.raises(Exception, match="Self-intersection") as refused, transaction.atomic():
        Depression.objects.update(geom=bow_tie)
    assert isinstance(refused.value.__cause__, psycopg2.Error)


class TestInundation:
    def test_a_depth_at_a_place_becomes_a_level_and_an_area(self, bowl):
        found = inundation_at(lng=HERE[0], lat=HERE[1], depth_m=0.3)

        assert found.level_m == pytest.approx(found.ground_m + 0.3)
        assert found.shape.covers(shapely.Point(HERE))
        assert not found.above_spill and not found.touches_window
        assert 0 < found.area_m2 < 1112

    def test_it_grows_with_the_level_and_says_when_it_would_run_off(self, bowl):
        [depression] = bowl.depressions.all()
        full = inundation_at(lng=HERE[0], lat=HERE[1], level_m=depression.spill_level_m)
        over = inundation_at(lng=HERE[0], lat=HERE[1], level_m=depression.spill_level_m + 0.2)

        assert full.spill_level_m == pytest.approx(depression.spill_level_m, abs=1e-4)
        assert full.area_m2 == pytest.approx(depression.area_m2, rel=0.01)
        assert (full.above_spill, over.above_spill) == (False, True)
        assert (full.touches_window, over.touches_window) == (False, True)

    def test_a_small_window_is_said_to_be_too_small(self, bowl):
        found = inundation_at(lng=HERE[0], lat=HERE[1], depth_m=0.5, window_m=10)

        assert found.touches_window

    def test_a_dry_place_has_no_shape(self, bowl):
        found = inundation_at(lng=HERE[0], lat=HERE[1], depth_m=0)

        assert found.shape is None and found.area_m2 == 0

    def test_the_finest_terrain_that_knows_the_place_answers(self, bowl, bring_in):
        finer = slope(200)
        finer[90:110, 90:110] = -9999
        west, north = grid().transform.c, grid().transform.f
        turn = rasterio.transform.from_origin(west + 20, north - 20, 1, 1)
        made = bring_in(finer, how={"transform": turn})

        outside_its_hole = made.grid.middle_of(20, 20)
        assert inundation_at(lng=HERE[0], lat=HERE[1], depth_m=0.1).terrain == bowl
        assert inundation_at(lng=outside_its_hole[0], lat=outside_its_hole[1], depth_m=0.1).terrain == made

    def test_files_that_are_gone_are_said_to_be(self, bowl, as_user):
        bowl.store.ground.unlink()

        asked = {"lon": HERE[0], "lat": HERE[1], "depth_cm": 10}
        answer = as_user(person("visitor")).get("/api/terrain/inundation", asked)

        assert answer.status_code == 409 and "bring it in again" in answer.json()["detail"]

    def test_where_no_terrain_is_ready_nothing_is_said(self, bring_in, town):
        bring_in(with_bowl(), ready=False)

        with pytest.raises(NotFound):
            inundation_at(lng=HERE[0], lat=HERE[1], depth_m=0.1)


class TestInside:
    @pytest.fixture
    def things(self, bowl, lamp_class) -> None:
        """Two buildings of which one is in the bowl, two lamps likewise, a street through the middle."""
        lng, lat = HERE

        def house(east: float) -> MultiPolygon:
            box = (lng + east, lat, lng + east + 1e-4, lat + 1e-4)
            return MultiPolygon(Polygon.from_bbox(box), srid=4326)

        Building.objects.create(source="t", source_id="in", geom=house(0), dwellings=7, households=6)
        Building.objects.create(source="t", source_id="out", geom=house(0.002), dwellings=5, households=5)
        Asset.objects.create(asset_class=lamp_class, geom=Point(lng, lat, srid=4326))
        Asset.objects.create(asset_class=lamp_class, geom=Point(lng + 0.002, lat, srid=4326))
        Asset.objects.create(asset_class=lamp_class, geom=Point(lng, lat, srid=4326), state="removed")
        line = MultiLineString(LineString((lng - 0.003, lat), (lng + 0.003, lat)), srid=4326)
        Road.objects.create(source="t", source_id="r", kind="residential", geom=line)

    def test_buildings_households_assets_and_metres_of_road_are_counted(self, things):
        found = inundation_at(lng=HERE[0], lat=HERE[1], depth_m=0.5)

        area = found.geometry()
        assert area is not None
        counted = inside(area)

        assert (counted["buildings"], counted["dwellings"], counted["households"]) == (1, 7, 6)
        assert (counted["assets"], counted["assets_by_class"][0]["code"]) == (1, "0137")
        west, _, east, _ = found.shape.bounds
        across = Geod(ellps="WGS84").inv(west, HERE[1], east, HERE[1])[2]
        assert counted["road_m"] == pytest.approx(across, rel=0.05)
        assert counted["walkway_m"] == 0

    def test_the_api_gives_a_feature_with_all_of_it(self, things, as_user, town):
        client = as_user(person("visitor"))

        answer = client.get("/api/terrain/inundation", {"lon": HERE[0], "lat": HERE[1], "depth_cm": 50})

        said = answer.json()
        assert answer.status_code == 200, said
        assert (said["type"], said["geometry"]["type"]) == ("Feature", "MultiPolygon")
        assert said["properties"]["inside"]["households"] == 6
        assert said["properties"]["is_simulated"] is False


class TestApi:
    @pytest.mark.parametrize(
        "asked",
        [
            {},
            {"lon": 24.9, "lat": 60.1},
            {"lon": 24.9, "lat": 60.1, "depth_cm": 10, "level_m": 3},
            {"lon": "nan", "lat": 60.1, "depth_cm": 10},
            {"lon": 24.9, "lat": 95, "depth_cm": 10},
            {"lon": 24.9, "lat": 60.1, "depth_cm": -1},
            {"lon": 24.9, "lat": 60.1, "depth_cm": 10, "window_m": 1e9},
        ],
        ids=str,
    )
    def test_what_is_no_question_is_answered_with_what_is_wrong(self, as_user, town, asked):
        answer = as_user(person("visitor")).get("/api/terrain/inundation", asked)

        assert answer.status_code == 422 and answer.json()["detail"]

    def test_a_level_far_above_the_ground_is_no_water(self, bowl, as_user):
        answer = as_user(person("visitor")).get(
            "/api/terrain/inundation", {"lon": HERE[0], "lat": HERE[1], "level_m": 900}
        )

        assert answer.status_code == 422 and "ground" in answer.json()["detail"]

    def test_nobody_asks_without_a_login(self, bowl, client):
        for path in ("", "/inundation?lon=1&lat=1&depth_cm=1", "/depressions?bbox=1,1,2,2"):
            assert client.get(f"/api/terrain{path}").status_code == 401

    def test_an_administrator_brings_one_in_and_a_worker_makes_it_ready(
        self, transactional_db, as_user, folder
    ):
        from tests.assets.town import draw_town

        draw_town()
        client = as_user(person("root", "administrator"))
        file = SimpleUploadedFile("dem.tif", geotiff(with_bowl()).read())

        made = client.post("/api/terrain", {"file": file, "name": "谷", "vertical_unit": "metre"})
        before = client.get(f"/api/terrain/{made.json()['id']}").json()
        LockedWorker(batch=True).run()
        [after] = client.get("/api/terrain").json()

        assert (made.status_code, before["state"], after["state"]) == (202, "waiting", "ready")
        assert (after["depressions"], after["progress"], after["name"]) == (1, 1.0, "谷")
        gone = client.delete(f"/api/terrain/{after['id']}")
        assert gone.status_code == 204 and not list(Path(folder).glob("*"))

    def test_a_file_from_the_inbox_is_brought_in_by_its_name(self, settings, as_user, administrator):
        (settings.TERRAIN_INBOX / "big.tif").write_bytes(geotiff(with_bowl()).read())

        made = as_user(administrator).post(
            "/api/terrain", {"path": "big.tif", "name": "x", "vertical_unit": "foot"}
        )

        assert made.status_code == 202 and Terrain.objects.get().vertical_unit == "foot"

    def test_the_unit_of_the_heights_must_be_said(self, as_user, administrator):
        file = SimpleUploadedFile("dem.tif", geotiff(slope()).read())

        answer = as_user(administrator).post("/api/terrain", {"file": file, "name": "x"})

        assert answer.status_code == 422 and "vertical_unit" in answer.json()["fields"]

    def test_only_who_imports_brings_in_and_removes(self, bowl, as_user, town):
        client = as_user(person("sun", "supervisor", "910101001"))

        assert client.post("/api/terrain", {"name": "x"}).status_code == 403
        for method, path in (("post", "/cancel"), ("post", "/resume"), ("delete", "")):
            assert getattr(client, method)(f"/api/terrain/{bowl.pk}{path}").status_code == 403

    def test_depressions_of_a_box_come_as_geojson(self, bowl, as_user):
        client = as_user(person("visitor"))
        west, south, east, north = bowl.outline.extent

        here = client.get("/api/terrain/depressions", {"bbox": f"{west},{south},{east},{north}"}).json()
        deep = client.get(
            "/api/terrain/depressions", {"bbox": f"{west},{south},{east},{north}", "min_depth_m": 5}
        ).json()

        [feature] = here["features"]
        assert here["whole"] is True and deep["features"] == []
        assert feature["properties"]["deepest"] == pytest.approx(list(HERE), abs=2e-5)
        assert client.get("/api/terrain/depressions", {"bbox": "1,2,3"}).status_code == 422


def test_a_job_for_a_removed_terrain_ends_quietly(db):
    assert tasks.make_terrain_ready.func(4711) == "removed"
