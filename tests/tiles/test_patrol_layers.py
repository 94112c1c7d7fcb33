"""Tiles of what patrols passed and reach: states, to whom, how heavy, how fresh."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from assets.presence.actions import count_presence
from assets.presence.ground import Grounds
from assets.seen.passing import keep_bits, note_passed
from geogrid.changes.passes import Pass
from grid_units.patrols.models import Patrol
from tests.incidents.conftest import MIDDLE, A, B, C, D, People, client_of, lasting_city  # noqa: F401
from tests.patrols.conftest import Carried, carried_by
from tests.seen.conftest import along, lay_road, walk
from tests.tiles.conftest import Reader
from tiles.layers import LAYERS
from tiles.squares import square_at

NOW = timezone.now().replace(microsecond=0)
SEES_ALL = Pass(user_id=1, epoch=0, positions=("",))
SEES_B = Pass(user_id=1, epoch=0, positions=(B,))
SEES_INCIDENTS = Pass(user_id=1, epoch=0, everywhere=True)
HERE = square_at(*MIDDLE[A], 14)


def patrolling(phone: Carried, people: People) -> None:
    Patrol.objects.create(worker=people.ann, started_at=NOW - timedelta(hours=2), opened_by="clock")
    start = NOW - timedelta(minutes=30)
    walk(phone.device, [along(m) for m in range(0, 100, 7)], start=start)
    walk(
        phone.device,
        [along(m) for m in range(200, 300, 20)],
        start=start + timedelta(minutes=10),
        driven=True,
    )
    note_passed(NOW)


@pytest.fixture
def street(lasting_city: People) -> People:  # noqa: F811
    lay_road("Long street", along(0), along(600))
    lay_road("Yard", along(0, 60), along(100, 60), kind="motorway")
    keep_bits(NOW)
    patrolling(carried_by(lasting_city.ann), lasting_city)
    return lasting_city


def values(reader: Reader, layer: str, name: str, asked_by: Pass, zoom: int = 14) -> list[str]:
    found = reader.layers(layer, square_at(*MIDDLE[A], zoom), asked_by).get(layer, [])
    return sorted(feature["properties"][name] for feature in found)


def test_streets_of_this_shift_are_lines_by_state(street: People, reader: Reader):
    states = values(reader, "road_bits", "state", SEES_ALL)

    # Walked, a stretch not yet, driven, not yet; and a street without duty. 120 bits are five lines.
    assert states == ["driven", "no_duty", "todo", "todo", "walked"]


def test_when_the_patrol_has_ended_its_streets_are_not_yet_again(street: People, reader: Reader):
    Patrol.objects.update(ended_at=NOW)

    assert values(reader, "road_bits", "state", SEES_ALL) == ["no_duty", "todo"]


def test_cells_go_from_bright_to_grey_by_the_last_visit(street: People, reader: Reader):
    assert values(reader, "cell_visits", "visited", SEES_ALL, 10) == ["h1", "never", "never", "never"]
    for hours, wanted in ((2, "h4"), (7, "h8"), (20, "h24"), (30, "older")):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE cell_visit SET last_at = now() - make_interval(hours => %s)", [hours])
        assert wanted in values(reader, "cell_visits", "visited", SEES_ALL)


def test_a_visit_is_forgotten_with_the_duty_of_its_street_and_comes_back_with_it(
    street: People, reader: Reader
):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO patrol_duty_of_kind (kind, is_due) VALUES ('residential', false)")
    assert "h1" not in values(reader, "cell_visits", "visited", SEES_ALL)

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM patrol_duty_of_kind WHERE kind = 'residential'")
    assert "h1" in values(reader, "cell_visits", "visited", SEES_ALL)


def test_gaps_are_drawn_where_nobody_comes_in_time(street: People, reader: Reader):
    count_presence(at=NOW + timedelta(hours=5), grounds=Grounds())  # nobody was heard of lately

    assert values(reader, "presence_gaps", "unit_code", SEES_ALL) == [A, B]
    assert values(reader, "presence_gaps", "unit_code", SEES_B) == [B]


@pytest.mark.parametrize("layer", ["cell_visits", "road_bits", "presence_gaps"])
def test_who_may_not_see_positions_gets_nothing_even_with_all_incidents(
    street: People, reader: Reader, layer: str
):
    count_presence(at=NOW + timedelta(hours=5), grounds=Grounds())

    assert reader.raw(layer, HERE, SEES_ALL) != b""
    assert reader.raw(layer, HERE, SEES_INCIDENTS) == b""
    assert b"Ann" not in reader.raw(layer, HERE, SEES_ALL)
    assert LAYERS[layer].fresh_s is not None and not LAYERS[layer].shown_at_first


def test_each_cell_is_seen_by_those_who_see_positions_in_it(street: People, reader: Reader):
    found = reader.layers("cell_visits", HERE, SEES_B)["cell_visits"]

    assert [feature["properties"]["unit_code"] for feature in found] == [B]
    assert {C, D}.isdisjoint(feature["properties"]["unit_code"] for feature in found)


def test_the_panel_offers_them_to_whom_they_show_something(street: People):
    offered = {layer["id"]: layer for layer in client_of(street.dan).get("/api/layers").json()}
    not_offered = {layer["id"] for layer in client_of(street.ann).get("/api/layers").json()}

    assert offered["road_bits"]["shown_at_first"] is False and offered["road_bits"]["fresh_s"] == 20
    assert [entry["value"] for entry in offered["cell_visits"]["legend"]][:2] == ["h1", "h4"]
    assert offered["cell_visits"]["count"] is None
    assert not_offered & {"cell_visits", "road_bits", "presence_gaps"} == set()
