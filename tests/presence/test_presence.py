"""Where somebody on duty can be in ten minutes: who counts, what is kept, who reads it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection

from assets.presence.actions import count_presence
from assets.presence.ground import Grounds
from assets.presence.models import PresenceOfCell, PresenceRule, PresenceRun
from grid_units.patrols.models import Device, Patrol
from tests.incidents.conftest import COUNTY, EVENING, MORNING, A, B, C, People, client_of, person
from tests.patrols.conftest import carried_by, rows
from tests.seen.conftest import along, lay_road


def stands(device: Device, east_m: float, at=MORNING) -> None:
    lng, lat = along(east_m)
    rows(
        "UPDATE last_position SET at = %s, point = ST_SetSRID(ST_MakePoint(%s, %s), 4326)"
        " WHERE device_id = %s RETURNING 1",
        at, lng, lat, device.pk,
    )  # fmt: skip


def house(east_m: float, households: int) -> None:
    lng, lat = along(east_m, 15)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO building (source, source_id, geom, households)"
            " VALUES ('paper', %s, ST_Multi(ST_Expand(ST_SetSRID(ST_MakePoint(%s, %s), 4326), 0.00002)), %s)",
            [str(east_m), lng, lat, households],
        )


@pytest.fixture
def street(city: People) -> Grounds:
    """800 m from cell A (its first 416 m) into B; a house of ten households at 100 m, of four at 700 m."""
    lay_road("Long street", along(0), along(800))
    lay_road("Rails", along(0, 50), along(800, 50), kind="rail")
    house(100, 10)
    house(700, 4)
    PresenceRule.objects.update(minutes=5)  # 400 m
    return Grounds()


def of(code: str) -> tuple[float, float, int, int]:
    """Metres, metres reached (to 10 m), households, households reached."""
    row = PresenceOfCell.objects.get(unit_code=code)
    return round(row.street_m, -1), round(row.reached_m, -1), row.households, row.reached_households


def count(grounds: Grounds, at=MORNING) -> int:
    return count_presence(at=at, grounds=grounds)


def test_metres_and_households_are_counted_by_cell_and_gaps_are_kept(city: People, street: Grounds):
    stands(carried_by(city.ann).device, 100)

    assert count(street) == 1

    assert of(A) == (420, 420, 10, 10)
    assert of(B) == (370, 80, 4, 0)
    assert of(C) == (0, 0, 0, 0)
    [(gap_m,)] = rows(
        "SELECT ST_Length(ST_Transform(gaps, 4326)::geography) FROM presence_of_cell WHERE unit_code = %s", B
    )
    assert gap_m == pytest.approx(300, abs=3)
    assert PresenceOfCell.objects.get(unit_code=A).gaps is None


def test_only_who_is_on_duty_or_on_patrol_and_was_heard_of_lately_counts(city: People, street: Grounds):
    stands(carried_by(city.bo, "bo").device, 100)  # off duty in the morning
    stands(carried_by(city.cai, "cai").device, 700, at=MORNING - timedelta(minutes=6))  # on duty, silent

    assert count(street) == 0
    assert of(A) == (420, 0, 10, 0)

    Patrol.objects.create(
        worker=city.bo, started_at=MORNING - timedelta(hours=1), opened_by="bo", is_by_hand=True
    )
    assert count(street) == 1
    assert of(A)[1] == 420
    stands(Device.objects.get(name="cai"), 700, at=EVENING)
    assert count(street, EVENING) == 1  # Cai; Bo's position is old by then


def test_a_street_that_is_added_or_drawn_anew_counts_at_the_next_look(city: People, street: Grounds):
    stands(carried_by(city.ann).device, 100)
    count(street)

    lay_road("Side street", along(0), along(0, 100))
    count(street)

    assert of(A) == (520, 520, 10, 10)


def test_only_cells_that_changed_are_written_and_told(city: People, street: Grounds):
    device = carried_by(city.ann).device
    stands(device, 100)
    count(street)
    [(before,)] = rows("SELECT count(*) FROM change WHERE kind = 'presence'")

    count(street, MORNING + timedelta(seconds=30))
    assert rows("SELECT count(*) FROM change WHERE kind = 'presence'") == [(before,)]

    stands(device, 200)
    count(street, MORNING + timedelta(seconds=60))
    [(units,)] = rows("SELECT units_after FROM change WHERE kind = 'presence' ORDER BY id DESC LIMIT 1")
    assert units == [B]
    assert PresenceRun.objects.get().at == MORNING + timedelta(seconds=60)


def test_each_reads_the_part_of_the_city_in_which_they_see_positions(city: People, street: Grounds):
    stands(carried_by(city.ann).device, 100)
    count(street)
    whole = client_of(city.eve).get("/api/presence?level=CELL").json()
    north = client_of(person("north", "supervisor", "910101001002")).get("/api/presence").json()

    assert whole["street_share"] == pytest.approx(500 / 800, abs=0.01)
    assert whole["household_share"] == pytest.approx(10 / 14)
    assert [unit["code"] for unit in whole["units"]][:2] == [A, B]
    assert (whole["minutes"], whole["walking_m_per_min"]) == (5, 80) and whole["age_s"] > 0
    assert north["street_m"] == 0 and north["street_share"] is None
    assert client_of(city.ann).get("/api/presence").status_code == 403
    assert client_of(city.eve).get("/api/presence?level=WARD").status_code == 422
    assert client_of(person("hal", "visitor_display", COUNTY)).get("/api/presence").status_code == 403


def test_before_it_is_counted_nothing_is_claimed(city: People):
    said = client_of(city.eve).get("/api/presence").json()

    assert said["at"] is None and said["street_share"] is None


def test_the_database_refuses_a_rule_that_is_not_about_walking(city: People):
    with pytest.raises(IntegrityError, match="presence_rule_is_about_walking"):
        PresenceRule.objects.update(walking_m_per_min=800)
