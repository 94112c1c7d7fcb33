"""What an analyst does with QGIS's own tools: it is saved, the grid stays whole, history names the person."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import connect
from tests.qgis.analyst import USERNAME, Analyst
from tests.qgis.desk import Desk
from tests.qgis.ground import Ground
from tests.served_city import ServedCity

CELLS, MANHOLES, BUILDINGS = "geogrid_cell", "geogrid_asset_public_facility", "geogrid_building"
INCIDENTS, ROADS = "geogrid_incident", "geogrid_road"


@pytest.fixture(scope="module")
def ground(city: ServedCity) -> Iterator[Ground]:
    connection = connect(city.database.superuser)
    connection.autocommit = True
    yield Ground(connection)
    connection.close()


@pytest.fixture(scope="module")
def qgis(desk: Desk, analyst: Analyst, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    path = analyst.fetch("/api/qgis/project?language=en", tmp_path_factory.mktemp("qgz") / "geogrid.qgz")
    assert desk.ask("open", path=str(path))["bad"] == []
    return desk


def saved(qgis: Desk, layer: str, **step: Any) -> None:
    done = qgis.ask("edit", layer=layer, steps=[step])
    assert done["saved"], done["errors"]


def sentence(qgis: Desk, layer: str, **step: Any) -> tuple[str, str]:
    """What QGIS shows of a refused save: the sentence and the hint."""
    done = qgis.ask("edit", layer=layer, steps=[step])
    assert not done["saved"], done
    shown = "\n".join(done["errors"])
    error, _, rest = shown.partition("ERROR:  ")[2].partition("\n")
    return error, rest.partition("HINT:  ")[2].partition("\n")[0]


def test_a_corner_moved_on_one_side_moves_for_the_neighbour_too(qgis: Desk, ground: Ground):
    cell, neighbour, x, y, new_x, new_y = ground.corner()
    before = ground.outline(neighbour)

    saved(qgis, CELLS, do="move_corner", fid=cell, corner=[x, y], to=[new_x, new_y])

    assert ground.outline(neighbour) != before
    assert ground.audit() == (0, 0)
    assert ground.last_author() == USERNAME


def test_a_cell_is_split(qgis: Desk, ground: Ground):
    cell, x, south, north = ground.plain_cell()
    codes = {code for [code] in ground.rows("SELECT code FROM cell")}

    saved(qgis, CELLS, do="split", fid=cell, line=[[x, south], [x, north]])

    new = {code for [code] in ground.rows("SELECT code FROM cell")} - codes
    assert len(new) == 1
    assert ground.audit() == (0, 0)
    assert ground.last_author() == USERNAME


def test_two_cells_are_merged(qgis: Desk, ground: Ground):
    kept, taken = ground.pair()

    saved(qgis, CELLS, do="merge", kept=kept, taken=[taken])

    assert ground.rows("SELECT id FROM cell WHERE id = %s", taken) == []
    assert ground.audit() == (0, 0)
    assert ground.last_author() == USERNAME


def test_a_deleted_cell_leaves_its_ground_to_its_neighbours(qgis: Desk, ground: Ground):
    cell, _ = ground.pair()

    saved(qgis, CELLS, do="delete", fid=cell)

    assert ground.rows("SELECT id FROM cell WHERE id = %s", cell) == []
    assert ground.audit() == (0, 0)
    assert ground.last_author() == USERNAME


def an_asset(ground: Ground) -> tuple[int, int, str]:
    """(id, cell, code) of a manhole that nothing else hangs on."""
    return ground.rows(
        """
        SELECT a.id, a.cell_id, a.code FROM asset a JOIN asset_class k ON k.id = a.asset_class_id
        WHERE k.code LIKE '01%%' AND NOT EXISTS (SELECT FROM incident i WHERE i.asset_id = a.id)
            AND ST_GeometryType(a.geom) = 'ST_Point' AND a.cell_id IS NOT NULL
        ORDER BY a.id LIMIT 1
        """
    )[0]


def test_an_asset_moved_over_a_border_is_in_the_other_cell(qgis: Desk, ground: Ground):
    asset, cell, _ = an_asset(ground)
    [(other, wkt)] = ground.rows(
        "SELECT id, ST_AsText(ST_PointOnSurface(geom), 12) FROM cell WHERE id <> %s ORDER BY id LIMIT 1", cell
    )

    saved(qgis, MANHOLES, do="redraw", fid=asset, wkt=wkt)

    assert ground.one("SELECT cell_id FROM asset WHERE id = %s", asset) == other
    assert ground.last_actor("asset", asset) == USERNAME


def test_an_owner_is_chosen_from_the_list(qgis: Desk, ground: Ground):
    asset, *_ = an_asset(ground)
    key, words = qgis.ask("choices", layer=MANHOLES, field="owner_id")[-1]

    saved(qgis, MANHOLES, do="change", fid=asset, field="owner_id", value=key)

    assert ground.one("SELECT owner_id FROM asset WHERE id = %s", asset) == key
    assert qgis.ask("shown", layer=MANHOLES, field="owner_id", value=key) == words
    assert ground.last_actor("asset", asset) == USERNAME


def test_a_manhole_is_added(qgis: Desk, ground: Ground):
    [key] = [
        key
        for key, words in qgis.ask("choices", layer=MANHOLES, field="asset_class_id")
        if words == "Sewer manhole cover"
    ]
    [(cell, wkt)] = ground.rows(
        "SELECT id, ST_AsText(ST_PointOnSurface(geom), 12) FROM cell ORDER BY id DESC LIMIT 1"
    )

    saved(qgis, MANHOLES, do="add", wkt=wkt, values={"asset_class_id": key, "name": "QGIS-1"})

    [(code, state, signed, lies_in)] = ground.rows(
        "SELECT code, state, created_by, cell_id FROM asset WHERE name = 'QGIS-1'"
    )
    assert code[6:10] == "0102" and state == "intact"
    assert (signed, lies_in) == (USERNAME, cell)


class TestRefusals:
    """The sentence that the user sees, word for word."""

    def test_ground_outside_the_city(self, qgis: Desk, ground: Ground):
        [(cell, code, x, y)] = ground.rows(
            """
            SELECT a.id, a.code, ST_X(p.geom), ST_Y(p.geom)
            FROM cell a CROSS JOIN LATERAL ST_DumpPoints(a.geom) p
            JOIN grid_unit d ON d.level = 'DISTRICT' AND ST_Distance(ST_Boundary(d.geom), p.geom) = 0
            WHERE (SELECT count(*) FROM cell n WHERE ST_Intersects(n.geom, p.geom)) = 1
            ORDER BY ST_Y(p.geom) DESC LIMIT 1
            """
        )

        said, hint = sentence(qgis, CELLS, do="move_corner", fid=cell, corner=[x, y], to=[x, y + 0.002])

        assert (
            said.startswith(f"The edit of cell {code} would reach ")
            and " m2 outside the city grid near " in said
        )
        assert hint == 'Keep the outer boundary, or ask an administrator for the action "change extent".'

    def test_an_outline_that_crosses_itself(self, qgis: Desk, ground: Ground):
        [(cell, code)] = ground.rows("SELECT id, code FROM cell ORDER BY id LIMIT 1")
        x, y = ground.rows(
            "SELECT ST_X(p), ST_Y(p) FROM cell, ST_PointOnSurface(geom) p WHERE id = %s", cell
        )[0]
        bow = f"Polygon (({x} {y}, {x + 0.001} {y + 0.001}, {x + 0.001} {y}, {x} {y + 0.001}, {x} {y}))"

        said, hint = sentence(qgis, CELLS, do="redraw", fid=cell, wkt=bow)

        assert said.startswith(f"Cell {code} is not a valid outline: Self-intersection[")
        assert hint == "Draw the border so that it does not cross itself."

    def test_a_code_typed_in_by_hand(self, qgis: Desk, ground: Ground):
        asset, _, code = an_asset(ground)

        said, hint = sentence(qgis, MANHOLES, do="change", fid=asset, field="code", value="9901010137999999")

        assert said == f'Asset {code}: the column "code" cannot be changed'
        assert hint.startswith("It is derived by GeoGrid. These can be changed: asset_class_id, name, state,")

    def test_an_asset_without_a_class(self, qgis: Desk, ground: Ground):
        wkt = ground.one("SELECT ST_AsText(ST_PointOnSurface(geom), 12) FROM cell ORDER BY id LIMIT 1")

        assert sentence(qgis, MANHOLES, do="add", wkt=wkt, values={"name": "nothing"}) == (
            "The new asset: it has no class that we know",
            "Choose one from the list of classes.",
        )

    def test_a_tree_among_the_manholes(self, qgis: Desk, ground: Ground):
        wkt = ground.one("SELECT ST_AsText(ST_PointOnSurface(geom), 12) FROM cell ORDER BY id LIMIT 1")
        tree = ground.one("SELECT id FROM asset_class WHERE code = '0402'")

        assert sentence(qgis, MANHOLES, do="add", wkt=wkt, values={"asset_class_id": tree}) == (
            "The new asset: class 0402 行道树 (Street tree) belongs to the layer asset_landscaping",
            "Draw it there, or choose a class of this layer.",
        )

    def test_a_unit_that_does_not_exist(self, qgis: Desk, ground: Ground):
        asset, _, code = an_asset(ground)

        assert sentence(qgis, MANHOLES, do="change", fid=asset, field="owner_id", value=424242) == (
            f"Asset {code}: there is no unit 424242",
            "Choose one from the list of units.",
        )

    def test_an_asset_that_incidents_belong_to(self, qgis: Desk, ground: Ground):
        [(asset, code)] = ground.rows(
            """
            SELECT a.id, a.code FROM asset a JOIN incident i ON i.asset_id = a.id
            JOIN asset_class k ON k.id = a.asset_class_id
            WHERE k.code LIKE '01%%' AND ST_GeometryType(a.geom) = 'ST_Point' LIMIT 1
            """
        )

        assert sentence(qgis, MANHOLES, do="delete", fid=asset) == (
            f"Asset {code}: it cannot be deleted: incidents, photos, labels or measurements belong to it",
            "Set its state to removed instead.",
        )

    def test_an_incident_closed_behind_its_back(self, qgis: Desk, ground: Ground):
        [(incident, number)] = ground.rows("SELECT id, number FROM incident ORDER BY id LIMIT 1")

        assert sentence(qgis, INCIDENTS, do="change", fid=incident, field="stage", value="CLOSED") == (
            f'Incident {number}: the column "stage" cannot be changed',
            "It is derived by GeoGrid. These can be changed: asset_class_id, event_class_id, geom.",
        )

    def test_a_layer_that_is_only_looked_at(self, qgis: Desk):
        done = qgis.ask("edit", layer=ROADS, steps=[])

        assert done == {"saved": False, "errors": ["the layer cannot be edited"], "steps": [], "log": []}


def test_nothing_of_a_refused_save_is_left(qgis: Desk, ground: Ground):
    assert ground.audit() == (0, 0)
    assert ground.rows("SELECT id FROM asset WHERE name = 'nothing'") == []
