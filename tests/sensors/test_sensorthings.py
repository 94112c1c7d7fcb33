"""Reading SensorThings: options as they were asked, what is not understood refused, and who sees what."""

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from assets.sensors.speaking import make_token
from assets.sensors.sta.entities import OBSERVATIONS
from assets.sensors.sta.options import Compared, Condition, Joined, NotUnderstood, read_filter, read_options
from tests.incidents.conftest import MIDDLE, B, client_of
from tests.sensors.conftest import Gauge, depth_of, station_at

KNOWN = OBSERVATIONS.known


def get(gauge: Gauge, path: str, **query: str) -> Any:
    answer = client_of(gauge.people.ann).get(f"/sta/v1.1{path}", {f"${k}": v for k, v in query.items()})
    assert answer.status_code == 200, answer.content
    return answer.json()


def results(said: Any) -> list[float]:
    return [entity["result"] for entity in said["value"]]


def test_the_root_lists_what_there_is(gauge: Gauge):
    said = get(gauge, "")

    assert [entry["name"] for entry in said["value"]] == ["Things", "Datastreams", "Observations"]
    assert all(entry["url"].startswith("http://testserver/sta/v1.1/") for entry in said["value"])


def test_pages_are_linked_and_counted(gauge: Gauge):
    gauge.say(*((float(n), float(n)) for n in range(7)))

    first = get(gauge, "/Observations", top="3", orderby="phenomenonTime desc", count="true")
    second = client_of(gauge.people.ann).get(first["@iot.nextLink"]).json()
    last = client_of(gauge.people.ann).get(second["@iot.nextLink"]).json()

    assert first["@iot.count"] == 7
    assert [results(first), results(second), results(last)] == [[6, 5, 4], [3, 2, 1], [0]]
    assert "@iot.nextLink" not in last


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("phenomenonTime gt 2026-01-14T10:03:00Z", [4]),
        ("phenomenonTime ge 2026-01-14T12:03:00+02:00 and phenomenonTime lt 2026-01-14T10:04:00Z", [3]),
        ("phenomenonTime lt 2026-01-14T10:01:00Z or phenomenonTime eq '2026-01-14T10:04:00Z'", [0, 4]),
        ("not (phenomenonTime ge 2026-01-14T10:01:00Z)", [0]),
        ("resultTime gt 2026-01-14T10:03:00Z", []),
        ("Datastream/id eq 999999", []),
        ("id gt 0 and phenomenonTime ne 2026-01-14T10:00:00Z", [1, 2, 3, 4]),
    ],
)
def test_filters(gauge: Gauge, condition: str, expected: list[float]):
    gauge.say(*((float(n), float(n)) for n in range(5)))

    assert results(get(gauge, "/Observations", filter=condition)) == expected


def test_what_is_linked_is_expanded_one_level(gauge: Gauge):
    gauge.say(*((float(n), float(n)) for n in range(12)))

    [thing] = get(gauge, "/Things", expand="Datastreams")["value"]
    [datastream] = get(gauge, "/Datastreams", expand="Thing,Observations")["value"]
    observation = get(gauge, "/Observations", expand="Datastream", top="1")["value"][0]

    assert [one["@iot.id"] for one in thing["Datastreams"]] == [gauge.depth.pk]
    assert datastream["Thing"]["properties"]["code"] == "S1"
    assert [one["result"] for one in datastream["Observations"]] == list(range(11, 1, -1))
    following = client_of(gauge.people.ann).get(datastream["Observations@iot.nextLink"]).json()
    assert results(following) == [1, 0]
    assert observation["Datastream"]["@iot.id"] == gauge.depth.pk


def test_links_lead_from_one_to_the_next(gauge: Gauge):
    gauge.say((0, 5))
    [thing] = get(gauge, "/Things", select="id,Datastreams")["value"]
    client = client_of(gauge.people.ann)

    [datastream] = client.get(thing["Datastreams@iot.navigationLink"]).json()["value"]
    [observation] = client.get(datastream["Observations@iot.navigationLink"]).json()["value"]
    back = client.get(observation["Datastream@iot.navigationLink"]).json()

    assert set(thing) == {"@iot.id", "Datastreams@iot.navigationLink"}
    assert back["@iot.selfLink"] == datastream["@iot.selfLink"]
    assert client.get(back["Thing@iot.navigationLink"]).json()["@iot.id"] == gauge.station.pk


@pytest.mark.parametrize(
    ("path", "query", "words"),
    [
        ("/Observations", "$filter=result gt 5", "compares here: Datastream/id, id, phenomenonTime"),
        ("/Observations", "$filter=id gt", "no id"),
        ("/Observations", "$filter=(id gt 5", "not closed"),
        ("/Observations", "$filter=id gt 5 id", "was expected before id"),
        ("/Observations", "$filter=id like 5", "was expected after id"),
        ("/Observations", "$filter=phenomenonTime gt 2026", "is no time"),
        ("/Observations", "$filter=" + "(" * 200, "1 to 60 words"),
        ("/Observations", "$top=-1", "$top is a whole number"),
        ("/Observations", "$top=many", "$top is a whole number"),
        ("/Observations", "$skip=99999999", "$skip is a whole number"),
        ("/Observations", "$orderby=result", "$orderby takes here"),
        ("/Observations", "$orderby=id sideways", "$orderby takes here"),
        ("/Observations", "$count=perhaps", "true or false"),
        ("/Things", "$expand=Datastreams($expand=Observations)", "one level"),
        ("/Things", "$expand=Locations", "$expand takes here: Datastreams"),
        ("/Things", "$select=secret", "$select takes here"),
        ("/Things", "$resultFormat=dataArray", "is not offered here"),
    ],
)
def test_what_is_not_understood_is_refused_in_words(gauge: Gauge, path: str, query: str, words: str):
    name, _, value = query.partition("=")

    answer = client_of(gauge.people.ann).get(f"/sta/v1.1{path}?{name}={quote(value)}")

    assert answer.status_code == 422
    assert words in answer.json()["detail"]


@pytest.mark.parametrize(
    "path", ["/Things(999999)", "/Things(1)/Observations", "/Observations(0)/Datastream"]
)
def test_what_there_is_not_is_not_found(gauge: Gauge, path: str):
    assert client_of(gauge.people.ann).get(f"/sta/v1.1{path}").status_code == 404


def test_a_station_reads_itself_a_person_all_and_the_stranger_nothing(gauge: Gauge):
    other = depth_of(station_at("S2", MIDDLE[B]))
    token = make_token(name="S1", stations=[gauge.station])[1]
    gauge.say((0, 5))
    station = APIClient(headers={"Authorization": f"Bearer {token}"})

    assert len(get(gauge, "/Things")["value"]) == 2
    assert len(station.get("/sta/v1.1/Things").json()["value"]) == 1
    assert len(station.get("/sta/v1.1/Observations").json()["value"]) == 1
    assert station.get(f"/sta/v1.1/Datastreams({other.pk})").status_code == 404
    assert APIClient().get("/sta/v1.1/Things").status_code == 401


conditions = st.recursive(
    st.builds(Compared, st.just("id"), st.sampled_from(["eq", "gt", "le"]), st.integers(0, 99)),
    lambda inner: (
        st.builds(Joined, st.sampled_from(["and", "or"]), st.tuples(inner, inner))
        | st.builds(Joined, st.just("not"), st.tuples(inner))
    ),
    max_leaves=5,
)


def written(condition: Condition) -> str:
    if isinstance(condition, Compared):
        return f"{condition.name} {condition.operator} {condition.value}"
    if condition.by == "not":
        return f"not ({written(condition.parts[0])})"
    return f" {condition.by} ".join(f"({written(part)})" for part in condition.parts)


def truth(condition: Condition, value: int) -> bool:
    if isinstance(condition, Compared):
        assert isinstance(condition.value, int)
        return {
            "eq": value == condition.value,
            "gt": value > condition.value,
            "le": value <= condition.value,
        }[condition.operator]
    parts = [truth(part, value) for part in condition.parts]
    return {"and": all(parts), "or": any(parts), "not": not parts[0]}[condition.by]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(conditions, st.integers(0, 99))
def test_a_filter_is_read_as_it_was_written(condition: Condition, value: int):
    if len(written(condition).replace("(", " ( ").replace(")", " ) ").split()) > 60:
        return

    assert truth(read_filter(written(condition), KNOWN), value) == truth(condition, value)


@given(
    st.dictionaries(st.sampled_from(["$filter", "$orderby", "$top", "$expand", "$x"]), st.text(max_size=40))
)
def test_no_query_string_breaks_the_reader(query: dict[str, str]):
    try:
        read_options(query, KNOWN)
    except NotUnderstood as refused:
        assert str(refused)
