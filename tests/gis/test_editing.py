"""What analysts write through the layers: the rules of everybody, in their own area, under their own name."""

from contextlib import closing
from typing import Any

import psycopg2
import pytest
from django.db import connection

from assets.models import Asset, Building
from grid_units.models import Cell, CellVersion
from incidents.models import Incident, StepTaken
from tests.assets.town import MIDDLE, SIDE, SOUTH, WEST, A, B, C
from tests.gis.city import NEAR, analyst

CORNER = 0.1 * SIDE


def run(opened: Any, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with opened.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


def refused(opened: Any, sql: str, *values: object) -> tuple[str, str]:
    """Message and hint of a statement that must be refused."""
    with pytest.raises(psycopg2.Error) as refusal:
        run(opened, sql, *values)
    return refusal.value.diag.message_primary or "", refusal.value.diag.message_hint or ""


def point(lng: float, lat: float) -> str:
    return f"SRID=4326;POINT({lng} {lat})"


def house(*corners: tuple[int, int]) -> str:
    """A ring through these corners, in tenths of a cell's side."""
    ring = ",".join(f"{WEST + x * CORNER} {SOUTH + y * CORNER}" for x, y in (*corners, corners[0]))
    return f"SRID=4326;MULTIPOLYGON((({ring})))"


def history(table: str, row_id: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT op, actor FROM row_history WHERE table_name = %s AND row_id = %s ORDER BY id",
            [table, row_id],
        )
        return list(cursor.fetchall())


def changes(kind: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM change WHERE kind = %s", [kind])
        return int(cursor.fetchone()[0])


def lamp_id(words: str = "near lamp") -> int:
    return Asset.objects.get(name=words).pk


class TestAssets:
    def test_a_new_one_gets_code_cell_and_defaults_and_is_told(self, qgis):
        before = changes("asset")
        lng, lat = MIDDLE[B]
        [(class_id,)] = run(qgis, "SELECT id FROM gis.asset_class WHERE code = '0137'")

        # As QGIS writes it: every column of the layer, empty where nobody filled it in.
        [(new,)] = run(
            qgis,
            "INSERT INTO gis.asset_public_facility (id, code, asset_class_id, name, state, owner_id, cell_id,"
            " updated_at, geom) VALUES (NULL, NULL, %s, 'lid', 'intact', NULL, NULL, NULL, %s) RETURNING id",
            class_id,
            point(lng, lat),
        )

        made = Asset.objects.get(pk=new)
        assert made.code.startswith("9101010137") and made.cell and made.cell.code == B
        assert (made.created_by, made.source, made.note) == ("ann", "QGIS", "")
        assert changes("asset") == before + 1

    def test_owner_and_place_change_under_the_analysts_name(self, qgis):
        lng, lat = MIDDLE[B]
        [(unit,)] = run(qgis, "SELECT id FROM gis.organisation WHERE code = 'water'")

        run(qgis, "UPDATE gis.asset_public_facility SET maintainer_id = %s WHERE id = %s", unit, lamp_id())
        run(qgis, "UPDATE gis.asset_public_facility SET geom = %s WHERE id = %s", point(lng, lat), lamp_id())

        lamp = Asset.objects.get(pk=lamp_id())
        assert lamp.maintainer_id == unit and lamp.cell and lamp.cell.code == B
        assert history("asset", lamp.pk) == [("update", "ann"), ("update", "ann")]

    def test_one_is_deleted_or_the_sentence_says_why_not(self, qgis):
        run(qgis, "DELETE FROM gis.asset_landscaping WHERE name = 'near bench'")
        assert not Asset.objects.filter(name="near bench").exists()

        message, hint = refused(qgis, "DELETE FROM gis.asset_other WHERE name = 'near gauge'")
        assert "cannot be deleted" in message and "removed" in hint

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ("geom = {far}", "outside of your area"),
            ("geom = NULL", "no place"),
            ("owner_id = 424242", "there is no unit 424242"),
            ("state = 'stolen'", 'its state cannot be "stolen"'),
            ("code = '9101010137999999'", 'the column "code" cannot be changed'),
            ("asset_class_id = 424242", "it has no class"),
            ("placement = 'roof'", "asset placement is known"),
            ("name = repeat('x', 201)", "value too long"),
            ("geom = 'SRID=4326;LINESTRING(24.94 60.126, 24.95 60.126)'", "is drawn as point"),
        ],
    )
    def test_a_wrong_change_is_refused_in_a_sentence_with_a_hint(self, qgis, change: str, said: str):
        asked = change.format(far=f"'{point(*MIDDLE[C])}'")

        message, hint = refused(
            qgis, f"UPDATE gis.asset_public_facility SET {asked} WHERE id = %s", lamp_id()
        )

        assert said in message
        assert hint

    def test_a_class_of_another_layer_is_sent_there(self, qgis):
        message, _ = refused(
            qgis,
            "INSERT INTO gis.asset_public_facility (asset_class_id, geom)"
            " SELECT id, %s FROM gis.asset_class WHERE code = '0407'",
            point(*MIDDLE[A]),
        )

        assert "belongs to the layer asset_landscaping" in message


class TestCells:
    def test_a_name_changes(self, qgis):
        run(qgis, "UPDATE gis.cell SET name = '码头' WHERE code = %s", A)

        assert Cell.objects.get(code=A).name == "码头"
        assert CellVersion.objects.filter(code=A).latest("id").actor == "ann"

    def test_a_split_as_qgis_makes_it_leaves_the_coverage_whole(self, qgis, owner):
        cell = Cell.objects.get(code=A)
        west, east, north, cut = WEST, WEST + SIDE, SOUTH + SIDE, SOUTH + SIDE / 2

        def ring(south: float, top: float) -> str:
            return (
                f"SRID=4326;POLYGON(({west} {south},{east} {south},{east} {top},{west} {top},{west} {south}))"
            )

        run(qgis, "UPDATE gis.cell SET geom = %s WHERE id = %s", ring(SOUTH, cut), cell.pk)
        [(new,)] = run(
            qgis,
            "INSERT INTO gis.cell (id, code, community_id, name, kind, geom)"
            " VALUES (NULL, %s, %s, 'split', 'GENERAL', %s) RETURNING code",
            A,
            cell.community_id,
            ring(cut, north),
        )

        assert new.startswith(A[:12]) and new != A
        assert run(owner, "SELECT bad, excess_m2 FROM core.grid_audit()") == [(0, 0)]

    def test_a_merge_gives_the_ground_to_the_cell_beside_it(self, qgis, owner):
        run(qgis, "DELETE FROM gis.cell WHERE code = %s", A)

        assert list(Cell.objects.order_by("code").values_list("code", flat=True)) == [B, C]
        assert run(owner, "SELECT bad, excess_m2 FROM core.grid_audit()") == [(0, 0)]

    def test_a_corner_on_the_border_to_another_street_stays(self, qgis):
        west, east, north = WEST + SIDE, WEST + 2 * SIDE, SOUTH + SIDE
        bulge = (
            f"SRID=4326;POLYGON(({west} {SOUTH},{east} {SOUTH},{east + CORNER} {SOUTH + SIDE / 2},"
            f"{east} {north},{west} {north},{west} {SOUTH}))"
        )

        message, hint = refused(qgis, "UPDATE gis.cell SET geom = %s WHERE code = %s", bulge, B)

        assert "outside of your area" in message or "communit" in message.lower()
        assert hint


class TestBuildings:
    def test_one_is_drawn_changed_and_deleted(self, qgis):
        outline = house((0, 0), (1, 0), (0, 1))

        [(new,)] = run(qgis, "INSERT INTO gis.building (name, geom) VALUES ('hut', %s) RETURNING id", outline)
        run(qgis, "UPDATE gis.building SET households = 3 WHERE id = %s", new)

        assert Building.objects.filter(pk=new, cell__code=A).exists()
        run(qgis, "DELETE FROM gis.building WHERE id = %s", new)
        assert history("building", new) == [("update", "ann"), ("delete", "ann")]

    def test_one_that_crosses_itself_is_refused(self, qgis):
        bow = house((0, 0), (1, 1), (1, 0), (0, 1))

        message, hint = refused(qgis, "UPDATE gis.building SET geom = %s WHERE name = 'near house'", bow)

        assert "Self-intersection" in message
        assert hint


class TestWaterloggingPoints:
    def test_name_note_and_place_change(self, qgis):
        lng, lat = MIDDLE[B]

        run(
            qgis,
            "UPDATE gis.waterlogging_point SET note = 'pump', geom = %s WHERE code = 'WL-near'",
            point(lng, lat),
        )

        assert run(qgis, "SELECT note, ST_X(geom) FROM gis.waterlogging_point") == [("pump", lng)]

    def test_its_depth_is_measured_not_written(self, qgis):
        message, hint = refused(qgis, "UPDATE gis.waterlogging_point SET depth_cm = 0")

        assert 'the column "depth_cm" cannot be changed' in message and "name" in hint


class TestIncidents:
    def test_a_new_place_is_a_step_signed_by_the_analyst(self, qgis, near):
        lng, lat = MIDDLE[B]

        run(qgis, "UPDATE gis.incident SET geom = %s WHERE number = 'N-near'", point(lng, lat))

        incident = Incident.objects.get(number="N-near")
        step = StepTaken.objects.filter(incident=incident).latest("id")
        assert incident.unit_code == B
        assert (step.move, step.actor, step.actor_user) == ("move_place", "ann", near.user)
        assert step.details["from"]["cell"] == A and step.details["to"]["cell"] == B

    def test_a_new_class_takes_the_place_of_the_old_one(self, qgis):
        run(
            qgis,
            "UPDATE gis.incident SET asset_class_id = (SELECT id FROM gis.asset_class WHERE code = '0137')"
            " WHERE number = 'N-near'",
        )

        incident = Incident.objects.get(number="N-near")
        assert incident.asset_class and incident.asset_class.code == "0137"
        assert incident.event_class is None
        assert history("incident", incident.pk) == [("update", "ann")]

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ("event_class_id = NULL", "no class any more"),
            ("event_class_id = 424242", "no such class"),
            ("stage = 'CLOSED'", 'the column "stage" cannot be changed'),
            ("unit_code = '910101002001001'", 'the column "unit_code" cannot be changed'),
            ("geom = NULL", "cannot be taken away"),
            ("geom = 'SRID=4326;POINT(24.9573 60.1289)'", "outside of your area"),
        ],
    )
    def test_a_wrong_change_is_refused_in_a_sentence_with_a_hint(self, qgis, change: str, said: str):
        message, hint = refused(qgis, f"UPDATE gis.incident SET {change} WHERE number = 'N-near'")

        assert said in message
        assert hint


def test_a_reader_changes_nothing(town, server):
    with closing(analyst("ray", NEAR, kind="reader").connect(server)) as opened:
        for layer in ("cell", "building", "incident", "asset_public_facility", "waterlogging_point"):
            assert run(opened, f"SELECT count(*) FROM gis.{layer}") != [(0,)]
            message, _ = refused(opened, f"UPDATE gis.{layer} SET geom = geom")
            assert "permission denied" in message
