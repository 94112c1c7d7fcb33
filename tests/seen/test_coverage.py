"""Street metres that were walked: what counts, what does not, and what late data amends."""

from collections.abc import Callable
from datetime import timedelta

import psycopg2
import pytest
from django.db import connection

from assets.actions import load_catalogue
from assets.seen.models import RoadBit
from assets.seen.passing import keep_bits, note_passed
from tests.incidents.conftest import MIDDLE, MORNING, A, B, C, People
from tests.patrols.conftest import Carried, carried_by, rows
from tests.seen.conftest import along, lay_road, line, walk

SeenM = Callable[[], tuple[int, int]]
NOW = MORNING + timedelta(hours=1)


def steps(begin_m: int, end_m: int, every_m: int = 7) -> list[tuple[float, float]]:
    return [along(m) for m in range(begin_m, end_m + 1, every_m)]


def test_a_street_is_cut_into_bits_of_five_metres_that_know_their_cell(street):
    bits = RoadBit.objects.filter(road=street)

    assert bits.count() == 60
    assert sum(bit.length_m for bit in bits) == pytest.approx(300, rel=0.005)
    assert {bit.cell_id for bit in bits} == {rows("SELECT id FROM cell WHERE code = %s", A)[0][0]}


def test_what_was_walked_counts_once_however_often(street, ann_phone: Carried, seen_m: SeenM):
    walk(ann_phone.device, steps(0, 100))
    walk(ann_phone.device, steps(0, 100), start=MORNING + timedelta(minutes=10))

    note_passed(NOW)

    walked, driven = seen_m()
    # The way ends at 98 m; 15 m further on is still seen.
    assert 105 <= walked <= 120 and driven == 0


def test_another_street_fifteen_metres_away_is_seen_and_one_further_is_not(ann_phone: Carried, seen_m: SeenM):
    lay_road("Near", along(0, 12), along(100, 12))
    lay_road("Far", along(0, 25), along(100, 25))
    keep_bits(MORNING)
    walk(ann_phone.device, steps(0, 100))

    note_passed(NOW)

    assert seen_m() == (100, 0)


def test_what_was_driven_is_shown_apart_until_somebody_walks_it(street, ann_phone: Carried, seen_m: SeenM):
    walk(ann_phone.device, steps(0, 200, 40), driven=True)
    note_passed(NOW)
    assert seen_m()[0] == 0 and seen_m()[1] >= 200

    walk(ann_phone.device, steps(0, 210), start=MORNING + timedelta(minutes=20))
    note_passed(NOW)

    assert seen_m()[0] >= 200 and seen_m()[1] == 0


def test_fixes_that_are_not_used_see_nothing(street, ann_phone: Carried, seen_m: SeenM):
    walk(ann_phone.device, steps(0, 200), unused="accuracy")

    note_passed(NOW)

    assert seen_m() == (0, 0)


def test_over_a_gap_nobody_knows_the_way(street, ann_phone: Carried, seen_m: SeenM):
    walk(ann_phone.device, [along(0), along(290)], every_s=200)  # 290 m apart
    walk(ann_phone.device, [along(0), along(100)], start=MORNING + timedelta(hours=1), every_s=400)

    note_passed(NOW)

    # Around three places only: 15 m to each side, where there is street.
    assert seen_m()[0] <= 100


def test_a_late_fix_amends_the_way_that_had_been_cut_short(street, ann_phone: Carried, seen_m: SeenM):
    walk(ann_phone.device, [along(0), along(240)], every_s=240)
    note_passed(NOW)
    before = seen_m()[0]

    late = [along(60), along(120), along(180)]
    walk(ann_phone.device, late, start=MORNING + timedelta(minutes=1), every_s=60, received=NOW)
    note_passed(NOW)

    assert before <= 60 and seen_m()[0] >= 240


def test_reading_again_from_the_beginning_changes_nothing(street, ann_phone: Carried, seen_m: SeenM):
    walk(ann_phone.device, steps(0, 200))
    note_passed(NOW)
    once = seen_m()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE seen_progress SET bookmark = ''")

    assert note_passed(NOW) > 0

    assert seen_m() == once


def test_what_was_read_is_not_read_again(street, ann_phone: Carried):
    walk(ann_phone.device, steps(0, 200))

    assert note_passed(NOW) == len(steps(0, 200))
    assert note_passed(NOW) == 0


def test_streets_that_are_not_cut_yet_are_waited_for(ann_phone: Carried, seen_m: SeenM):
    lay_road("New", along(0), along(100))
    walk(ann_phone.device, steps(0, 100))

    assert note_passed(NOW) == 0
    keep_bits(MORNING)
    note_passed(NOW)

    assert seen_m()[0] == 100


@pytest.mark.parametrize(
    ("kind", "attributes", "is_due"),
    [
        ("residential", "{}", True),
        ("motorway", "{}", False),
        ("service", "{}", True),
        ("service", '{"service": "driveway"}', False),
        ("whatever", "{}", True),
    ],
)
def test_private_yards_and_motorways_have_no_duty(lasting_city, kind, attributes, is_due):
    road = lay_road("It", along(0), along(100), kind=kind, attributes=attributes)
    keep_bits(MORNING)

    assert set(RoadBit.objects.filter(road=road).values_list("is_due", flat=True)) == {is_due}


def test_who_decides_otherwise_by_sql_sees_it_at_once(street, lasting_city: People):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO patrol_duty_of_road (road_id, is_due, reason, decided_by_id, decided_at)"
            " VALUES (%s, false, 'fenced in', %s, now())",
            [street, lasting_city.eve.pk],
        )
    assert not RoadBit.objects.filter(road=street, is_due=True).exists()

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM patrol_duty_of_road")
    assert not RoadBit.objects.filter(road=street, is_due=False).exists()


def test_a_duty_without_a_reason_is_refused(street, lasting_city: People):
    with (
        pytest.raises(Exception, match="patrol_duty_has_a_reason") as refusal,
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO patrol_duty_of_road (road_id, is_due, reason, decided_by_id, decided_at)"
            " VALUES (%s, false, '', %s, now())",
            [street, lasting_city.eve.pk],
        )
    assert isinstance(refusal.value.__cause__, psycopg2.errors.CheckViolation)


def test_a_road_drawn_anew_is_cut_anew(street):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE road SET geom = %s WHERE id = %s", [line(along(0), along(100)), street])

    keep_bits(MORNING)

    assert RoadBit.objects.filter(road=street).count() == 20


def test_a_road_deleted_by_sql_takes_its_bits_along(street, ann_phone: Carried):
    walk(ann_phone.device, steps(0, 100))
    note_passed(NOW)

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM road WHERE id = %s", [street])

    assert rows("SELECT count(*) FROM road_bit") == rows("SELECT count(*) FROM bit_seen") == [(0,)]


def test_bits_follow_the_border_when_cells_are_drawn_anew(lasting_city):
    # Along the northern border of A, 20 m inside of it.
    north = MIDDLE[A][1] + (MIDDLE[C][1] - MIDDLE[A][1]) / 2 - 20 / 111_400
    lng = MIDDLE[A][0]
    road = lay_road("At the border", (lng, north), (lng + 0.002, north))
    keep_bits(MORNING)
    cell_of = "SELECT DISTINCT c.code FROM road_bit b JOIN cell c ON c.id = b.cell_id WHERE b.road_id = %s"
    assert rows(cell_of, road) == [(A,)]

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cell SET geom = ST_MakeEnvelope(ST_XMin(geom), ST_YMin(geom), ST_XMax(geom),"
            " ST_YMax(geom) - 0.001, 4326) WHERE code = %s",
            [A],
        )
    keep_bits(MORNING)

    there = "SELECT c.code FROM cell c WHERE ST_Intersects(c.geom, ST_SetSRID(ST_MakePoint(%s, %s), 4326))"
    assert rows(cell_of, road) == rows(there, lng + 0.001, north) != [(A,)]


def test_in_a_cell_without_streets_the_ground_counts(street, ann_phone: Carried):
    lng, lat = MIDDLE[B]
    walk(ann_phone.device, [(lng + n * 20 / 55_800, lat) for n in range(10)], every_s=20)

    note_passed(NOW)

    [(measure, seen_m2)] = rows(
        "SELECT measure, walked FROM core.coverage_of(%s, ARRAY['']) WHERE unit_code = %s", MORNING.date(), B
    )
    assert measure == "ground" and 9 * 400 <= seen_m2 <= 11 * 400


def test_an_asset_is_seen_within_ten_metres_on_foot(street, ann_phone: Carried, lasting_city: People):
    load_catalogue()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM asset_class WHERE code = '0137' LIMIT 1")
        (class_id,) = cursor.fetchone()
        for name, north_m in (("near", 8), ("far", 14)):
            lng, lat = along(50, north_m)
            cursor.execute(
                "INSERT INTO asset (asset_class_id, name, geom)"
                " VALUES (%s, %s, ST_SetSRID(ST_MakePoint(%s, %s), 4326))",
                [class_id, name, lng, lat],
            )
    walk(ann_phone.device, steps(0, 100))

    note_passed(NOW)

    assert rows("SELECT a.name, s.worker_id FROM asset_last_seen s JOIN asset a ON a.id = s.asset_id") == [
        ("near", lasting_city.ann.pk)
    ]


class TestWhoSees:
    def test_the_district_sees_all_and_a_supervisor_their_community(self, street, lasting_city, client_of):
        codes = lambda user: [u["code"] for u in client_of(user).get("/api/coverage?day=2026-01-14").json()]  # noqa: E731

        assert A in codes(lasting_city.oona) and C in codes(lasting_city.oona)
        assert A in codes(lasting_city.dan) and C not in codes(lasting_city.dan)

    def test_who_may_not_see_positions_gets_nothing(self, street, lasting_city, client_of):
        assert client_of(lasting_city.stranger).get("/api/coverage").status_code == 403

    def test_figures_add_up_by_level(self, street, ann_phone, lasting_city, client_of):
        walk(ann_phone.device, steps(0, 100))
        note_passed(NOW)
        client = client_of(lasting_city.oona)

        ask = "/api/coverage?day=2026-01-14&level="
        cells, streets = client.get(ask + "CELL").json(), client.get(ask + "STREET").json()

        assert [unit["code"] for unit in streets] == ["910101001"]
        assert streets[0]["name_en"] == "First street"
        assert (
            streets[0]["walked_m"] == pytest.approx(sum(cell["walked_m"] for cell in cells))
            and streets[0]["walked_m"] > 100
        )
        assert streets[0]["due_m"] == pytest.approx(300, rel=0.01)

    @pytest.mark.parametrize("wrong", ["day=yesterday", "level=ROOM", "patrol=1"])
    def test_a_wrong_question_is_answered_in_words(self, street, lasting_city, client_of, wrong):
        assert client_of(lasting_city.oona).get(f"/api/coverage?{wrong}").status_code == 422


@pytest.fixture
def client_of():
    from rest_framework.test import APIClient

    def make(user):
        client = APIClient()
        client.force_authenticate(user)
        return client

    return make


def test_a_second_walker_of_the_same_street_adds_nothing_to_the_cell(
    street, lasting_city: People, seen_m: SeenM
):
    for person in (lasting_city.ann, lasting_city.bo):
        walk(carried_by(person, name=person.username).device, steps(0, 100))

    note_passed(NOW)

    assert 105 <= seen_m()[0] <= 120
    assert rows("SELECT count(DISTINCT worker_id) FROM bit_seen") == [(2,)]
