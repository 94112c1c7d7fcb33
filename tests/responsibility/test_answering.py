"""Who handles it: area, asset's unit, table, place, gap; kept by the database; asked over HTTP."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.db import DatabaseError, connection, transaction

from assets.models import Asset, AssetClass
from geogrid.core.actor import System
from geogrid.core.errors import Conflict, Forbidden, Invalid
from geogrid.core.geo import STORAGE_SRID
from geogrid.organisations.models import Organisation
from grid_units.models import GridUnit
from incidents.models import EventClass
from incidents.responsibility.actions import add_rule, draw_area, end_area, end_rules
from incidents.responsibility.answering import Place, answer
from incidents.responsibility.models import ManagedArea, ResponsibilityRule
from tests.incidents.conftest import COUNTY, MIDDLE, SIDE, SOUTH, WEST, A, B, People
from tests.responsibility.conftest import unit

ACTOR = System("tests")
AT = datetime(2026, 1, 14, 8, tzinfo=UTC)  # a Wednesday, ten o'clock by the city
NIGHT = AT + timedelta(hours=11)


@pytest.fixture
def lamp_class(city: People) -> AssetClass:
    return AssetClass.objects.create(
        scheme="cn",
        version="1",
        code="0137",
        name="路灯",
        name_en="Lamp",
        geometry_kind="point",
        origin="ours",
    )


@pytest.fixture
def lamp(lamp_class: AssetClass, water: Organisation) -> Asset:
    lng, lat = MIDDLE[A]
    return Asset.objects.create(
        asset_class=lamp_class, geom=Point(lng, lat, srid=STORAGE_SRID), maintainer=water
    )


def ask(of_class: Any, cell: str = A, asset: Asset | None = None, at: datetime = AT, level: str = "STREET"):
    return answer(of_class=of_class, place=Place(cell, *MIDDLE[cell]), asset=asset, at=at, level=level)


def ring(cell_column: int = 0, cell_row: int = 0, part: float = 0.5) -> list[list[float]]:
    west, south = WEST + SIDE * (cell_column + 0.2), SOUTH + SIDE * (cell_row + 0.2)
    east, north = west + SIDE * part, south + SIDE * part
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def test_without_anything_there_is_a_named_gap(noise: EventClass):
    fired = ask(noise)

    assert (fired.source, fired.lead) == ("gap", None)
    assert "add a rule" in fired.why_en
    assert "补充" in fired.why_zh


def test_the_place_answers_where_no_rule_does(noise: EventClass, roads: Organisation):
    GridUnit.objects.filter(code="910101001").update(organisation=roads)

    fired = ask(noise)

    assert (fired.source, fired.rule, fired.lead) == ("place", "910101001", roads.pk)


def test_the_table_comes_before_the_place_and_brings_co_handlers(
    noise: EventClass, roads: Organisation, water: Organisation
):
    GridUnit.objects.filter(code=COUNTY).update(organisation=water)
    add_rule(
        actor=ACTOR, at=AT, name="noise", kind="event", code="0189", lead=roads, co_handlers=[water, roads]
    )

    fired = ask(noise)

    assert (fired.source, fired.rule, fired.lead) == ("table", "noise", roads.pk)
    assert fired.co_handlers == (water.pk,)
    assert "协办 water单位" in fired.why_zh and "with Water" in fired.why_en
    assert fired.frozen()["edition"] == fired.edition > 0


def test_the_assets_unit_leads_before_the_table_and_the_tables_co_handlers_help(
    lamp: Asset, lamp_class: AssetClass, water: Organisation, roads: Organisation
):
    add_rule(actor=ACTOR, at=AT, name="lamps", code="01", lead=roads, co_handlers=[roads, water])
    third = unit("third")
    add_rule(actor=ACTOR, at=AT, name="lamps here", code="0137", lead=roads, co_handlers=[third])

    fired = ask(lamp_class, asset=lamp)

    assert (fired.source, fired.lead, fired.co_handlers) == ("asset", water.pk, (third.pk,))
    assert "maintains" in fired.why_en


def test_a_rule_about_the_assets_own_unit_comes_before_it(
    lamp: Asset, lamp_class: AssetClass, water: Organisation, roads: Organisation
):
    add_rule(
        actor=ACTOR, at=AT, name="water at night", asset_unit=water, lead=roads, starts=time(20), ends=time(6)
    )

    by_day, by_night = ask(lamp_class, asset=lamp), ask(lamp_class, asset=lamp, at=NIGHT)

    assert (by_day.source, by_day.lead) == ("asset", water.pk)
    assert (by_night.source, by_night.rule, by_night.lead) == ("table", "water at night", roads.pk)


def test_office_hours_are_those_of_the_calendar(noise: EventClass, roads: Organisation, water: Organisation):
    add_rule(actor=ACTOR, at=AT, name="office", lead=roads, office=True)
    add_rule(actor=ACTOR, at=AT, name="other hours", lead=water, office=False)

    assert [ask(noise, at=at).rule for at in (AT, NIGHT)] == ["office", "other hours"]


def test_an_ended_rule_fires_no_more_and_ends_once(noise: EventClass, roads: Organisation):
    rule = add_rule(actor=ACTOR, at=AT, name="noise", lead=roads)
    end_rules(rules=[rule], actor=ACTOR, at=AT)

    assert ask(noise).source == "gap"
    with pytest.raises(Conflict):
        end_rules(rules=[rule], actor=ACTOR, at=AT)
    assert list(ResponsibilityRule.objects.of_edition(rule.edition_from_id)) == [rule]


def test_the_database_lets_nobody_change_a_rule_or_its_co_handlers(roads: Organisation, water: Organisation):
    add_rule(actor=ACTOR, at=AT, name="noise", lead=roads, co_handlers=[water])
    for statement in (
        "UPDATE responsibility_rule SET priority = 9",
        "UPDATE responsibility_rule SET edition_to_id = edition_from_id + 1, priority = 9",
        "DELETE FROM responsibility_rule",
        "DELETE FROM responsibility_co_handler",
        "UPDATE responsibility_edition SET note = 'x'",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    with pytest.raises(DatabaseError, match="name_of_its_own"), transaction.atomic():
        add_rule(actor=ACTOR, at=AT, name="noise", lead=water)


def draw(city: People, **said: Any) -> ManagedArea:
    usual: dict[str, Any] = {
        "name": "广场", "effect": "override", "valid_from": AT - timedelta(days=1), "ring": ring(),
        "unit_code": "910101001001", "class_kind": "event", "class_codes": ["0189"],
    }  # fmt: skip
    return draw_area(actor=city.dan, **(usual | said))


def test_an_override_comes_before_everything_in_its_ground_its_time_and_for_its_class(
    city: People, noise: EventClass, roads: Organisation, water: Organisation
):
    add_rule(actor=ACTOR, at=AT, name="all", lead=roads)
    area = draw(city, unit=water, starts=time(6), ends=time(18))

    assert ask(noise).lead == water.pk
    assert ask(noise).source == "area"
    assert ask(noise, at=NIGHT).rule == "all", "not in its hours"
    assert ask(noise, cell=B).rule == "all", "not on its ground"
    end_area(area=area, actor=city.dan, at=AT)
    assert ask(noise, at=AT + timedelta(minutes=1)).rule == "all", "not after its end"


def test_an_area_is_drawn_inside_ones_own_unit_and_soundly(city: People, water: Organisation):
    butterfly = [*ring()[:2], ring()[3], ring()[2], ring()[0]]
    with pytest.raises(Forbidden):
        draw(city, unit=water, unit_code="910101001002", ring=ring(0, 1))
    for wrong, words in (
        (ring(0, 1), "must lie inside"),
        (butterfly, "crosses itself"),
        (ring()[:4], "no closed polygon"),
    ):
        with pytest.raises(Invalid, match=words):
            draw(city, unit=water, ring=wrong)


@pytest.mark.parametrize(
    ("said", "constraint"),
    [
        ({"effect": "override"}, "names_the_unit"),
        ({"effect": "notice"}, "says_what_is_known"),
        ({"effect": "notice", "text": "施工", "most_db": 60}, "decibels_only_as_a_permit"),
        ({"effect": "permit", "valid_to": AT - timedelta(days=2)}, "ends_after_it_begins"),
        ({"effect": "permit", "class_codes": []}, "about_some_class"),
        ({"effect": "permit", "weekdays": [7]}, "some_weekday"),
    ],
)
def test_what_makes_no_sense_is_refused_by_the_database(city: People, said: dict[str, Any], constraint: str):
    with pytest.raises(DatabaseError, match=constraint), transaction.atomic():
        draw(city, **said)


def test_the_simulator_says_which_rule_fires_and_which_did_not(
    city: People, api: Any, noise: EventClass, roads: Organisation, water: Organisation
):
    add_rule(
        actor=ACTOR, at=AT, name="noise by night", code="0189", lead=water, starts=time(22), ends=time(6)
    )
    add_rule(actor=ACTOR, at=AT, name="everything", lead=roads)
    draw(city, effect="permit", most_db=70)
    lng, lat = MIDDLE[A]
    query = {"kind": "event", "code": "0189", "lng": lng, "lat": lat, "at": AT.isoformat(), "level": "STREET"}

    said = api(city.oona).get("/api/responsibility/simulate", query).json()

    assert (said["source"], said["rule"], said["lead"]["name"]) == ("table", "everything", "roads单位")
    assert said["considered"] == [
        {"name": "noise by night", "priority": 0, "matches": False, "misses": ["hours"]},
        {"name": "everything", "priority": 0, "matches": True, "misses": []},
    ]
    assert [(area["effect"], area["most_db"]) for area in said["areas"]] == [("permit", 70)]
    assert said["place_code"] == A


def test_gaps_are_listed_for_who_keeps_the_rules(
    city: People, api: Any, noise: EventClass, roads: Organisation
):
    add_rule(actor=ACTOR, at=AT, name="south", place_code="910101001001", lead=roads)

    said = api(city.eve).get("/api/responsibility/gaps").json()
    refused = api(city.oona).get("/api/responsibility/gaps")

    (gap,) = said["gaps"]
    assert (gap["code"], gap["places"], len(gap["hours"])) == ("0189", ["910101001002"], 35)
    assert said["places_without_unit"] == ["910101001001", "910101001002"]
    assert refused.status_code == 403


def test_an_area_is_drawn_listed_and_ended_over_http(city: People, api: Any):
    area = {
        "name": "跳舞广场", "effect": "permit", "unit_code": "910101001001", "ring": ring(), "most_db": 65,
        "class_kind": "event", "class_codes": ["0189"], "valid_from": "2020-01-01T00:00:00Z",
        "starts": "18:00", "ends": "21:00",
    }  # fmt: skip

    made = api(city.dan).post("/api/managed-areas", area)
    listed = api(city.stranger).get("/api/managed-areas").json()
    refused = api(city.oona).post("/api/managed-areas", area)
    ended = api(city.dan).delete(f"/api/managed-areas/{made.json()['id']}")

    assert made.status_code == 201
    assert [one["name_zh"] for one in listed] == ["跳舞广场"]
    assert refused.status_code == 403
    assert ended.status_code == 204
    assert api(city.dan).get("/api/managed-areas").json() == []


def test_a_clerk_adds_and_ends_rules_in_the_office(city: People, client: Any, roads: Organisation):
    client.force_login(city.eve)
    form = {
        "name": "all", "priority": 0, "kind": "", "scheme": "", "code": "", "level": "", "place_code": "",
        "weekdays": "0,1,2,3,4,5,6", "starts": "00:00", "ends": "00:00", "office": "unknown",
        "lead": roads.pk,
    }  # fmt: skip

    added = client.post("/office/responsibility/responsibilityrule/add/", form)
    rule = ResponsibilityRule.objects.get()
    ended = client.post(
        "/office/responsibility/responsibilityrule/", {"action": "end", "_selected_action": [rule.pk]}
    )

    assert (added.status_code, ended.status_code) == (302, 302)
    assert not ResponsibilityRule.objects.current().exists()
