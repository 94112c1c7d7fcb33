"""The abstract tests of OGC API - Features Core (OGC 17-069r4, annex A) that can be said as requests.

Each carries the name it has there. What needs a person's eye, or a server that breaks, is not here.
"""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.ogc.conftest import Town

ABSTRACT: dict[str, Callable[[Town], None]] = {}
NAMES = {
    *(
        f"/conf/core/{name}"
        for name in (
            "http", "root-op", "root-success", "api-definition-op", "api-definition-success",
            "conformance-op", "conformance-success", "fc-md-op", "fc-md-success", "fc-md-items",
            "sfc-md-op", "sfc-md-success",
            "crs84", "fc-op", "fc-bbox-definition", "fc-bbox-response", "fc-limit-definition",
            "fc-limit-response", "fc-time-definition", "fc-time-response", "query-param-unknown",
            "query-param-invalid", "fc-response", "fc-links", "fc-timeStamp", "fc-numberMatched",
            "fc-numberReturned", "f-op", "f-success", "f-links",
        )
    ),
    "/conf/geojson/definition",
    "/conf/geojson/content",
    "/conf/html/definition",
    "/conf/html/content",
    "/conf/oas30/definition-1",
    "/conf/oas30/exceptions-codes",
    "/conf/oas30/security",
}  # fmt: skip
GEOJSON = "application/geo+json"


def abstract(name: str) -> Callable[[Callable[[Town], None]], Callable[[Town], None]]:
    def named(test: Callable[[Town], None]) -> Callable[[Town], None]:
        ABSTRACT[name] = test
        return test

    return named


def rels(document: Any) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for link in document["links"]:
        found.setdefault(link["rel"], []).append(link)
    return found


def below(link: dict[str, Any]) -> str:
    parts = urlsplit(link["href"])
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def definition(town: Town, layer: str) -> dict[str, Any]:
    document = town.read("api")
    parameters: dict[str, Any] = {}
    for one in document["paths"][f"/collections/{layer}/items"]["get"]["parameters"]:
        if "$ref" in one:
            one = document["components"]["parameters"][one["$ref"].rpartition("/")[2]]
        parameters[one["name"]] = one
    return parameters


@abstract("/conf/core/http")
def _(town: Town) -> None:
    assert town.ask("GET", "/ogc").status == 200
    assert town.ask("HEAD", "/ogc").status == 200
    assert town.ask("POST", "conformance").status == 405


@abstract("/conf/core/root-op")
def _(town: Town) -> None:
    assert town.ask("GET", "/ogc").status == town.ask("GET", "/ogc/").status == 200


@abstract("/conf/core/root-success")
def _(town: Town) -> None:
    found = rels(town.read("/ogc"))

    assert {"self", "service-desc", "conformance", "data"} <= found.keys()
    assert found.keys() & {"service-desc", "service-doc"}


@abstract("/conf/core/api-definition-op")
def _(town: Town) -> None:
    for rel in ("service-desc", "service-doc"):
        [link] = rels(town.read("/ogc"))[rel]
        answer = town.ask("GET", below(link))
        assert answer.status == 200 and answer.headers["content-type"].startswith(
            link["type"].partition(";")[0]
        )


@abstract("/conf/core/api-definition-success")
def _(town: Town) -> None:
    document = town.read("api")

    assert document["openapi"].startswith("3.0") and document["info"]["title"] and document["info"]["version"]
    for item in document["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict):
                assert operation["responses"]


@abstract("/conf/core/conformance-op")
def _(town: Town) -> None:
    [link] = rels(town.read("/ogc"))["conformance"]
    assert town.ask("GET", below(link)).status == 200


@abstract("/conf/core/conformance-success")
def _(town: Town) -> None:
    conforms = town.read("conformance")["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in conforms
    assert all(re.fullmatch(r"http://www\.opengis\.net/spec/[\w/.-]+/conf/[\w-]+", one) for one in conforms)


@abstract("/conf/core/fc-md-op")
def _(town: Town) -> None:
    [link] = rels(town.read("/ogc"))["data"]
    assert town.ask("GET", below(link)).status == 200


@abstract("/conf/core/fc-md-success")
def _(town: Town) -> None:
    document = town.read("collections")

    assert {"self", "alternate"} <= rels(document).keys()
    assert all(link["rel"] and link["type"] for link in document["links"])
    for one in document["collections"]:
        assert one["id"] and one["links"]
        for box in one.get("extent", {}).get("spatial", {}).get("bbox", []):
            assert len(box) in (4, 6) and box[0] <= box[2] and box[0] >= -180 and box[2] <= 180


@abstract("/conf/core/fc-md-items")
def _(town: Town) -> None:
    for one in town.read("collections")["collections"]:
        items = rels(one)["items"]
        assert {link["type"] for link in items} == {GEOJSON, "text/html"}


@abstract("/conf/core/sfc-md-op")
def _(town: Town) -> None:
    for one in town.read("collections")["collections"]:
        assert town.ask("GET", f"collections/{one['id']}").status == 200
    assert town.ask("GET", "collections/nothing").status == 404


@abstract("/conf/core/sfc-md-success")
def _(town: Town) -> None:
    for listed in town.read("collections")["collections"]:
        alone = town.read(f"collections/{listed['id']}")
        for name in ("id", "title", "description", "extent", "itemType", "crs"):
            assert alone.get(name) == listed.get(name)


@abstract("/conf/core/crs84")
def _(town: Town) -> None:
    for feature in town.items("cell")["features"]:
        for lng, lat in feature["geometry"]["coordinates"][0]:
            assert 24.9 < lng < 25 and 60.1 < lat < 60.2


@abstract("/conf/core/fc-op")
def _(town: Town) -> None:
    for one in town.read("collections")["collections"]:
        answer = town.ask("GET", f"collections/{one['id']}/items?limit=3")
        assert answer.status == 200 and answer.headers["content-type"] == GEOJSON


@abstract("/conf/core/fc-bbox-definition")
def _(town: Town) -> None:
    bbox = definition(town, "cell")["bbox"]
    assert (
        bbox["in"] == "query"
        and not bbox["required"]
        and bbox["explode"] is False
        and bbox["style"] == "form"
    )
    assert bbox["schema"]["type"] == "array" and bbox["schema"]["items"]["type"] == "number"
    assert bbox["schema"]["oneOf"] == [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}]


@abstract("/conf/core/fc-bbox-response")
def _(town: Town) -> None:
    box = "24.93,60.12,24.9376,60.1251"  # the south-western corner of cell A
    found = town.items("cell", bbox=box)
    [[wanted]] = town.sql(
        "SELECT count(*) FROM cell"
        " WHERE ST_Intersects(geom, ST_MakeEnvelope(24.93, 60.12, 24.9376, 60.1251, 4326))"
    )

    assert found["numberMatched"] == wanted == 1
    assert town.items("cell", bbox="24.93,60.12,-10,24.9376,60.1251,90")["numberMatched"] == 1
    assert town.items("cell", bbox="10,10,11,11")["numberMatched"] == 0
    assert town.items("cell", bbox="170,60,-170,61")["numberMatched"] == 0  # over the antimeridian
    assert town.items("cell", bbox="24.95,60,-170,61")["numberMatched"] == 2  # A and C end west of it
    for bad in ("1,2,3", "1,2,3,x", "1,5,3,4", "nan,1,2,3", "1,2,3,4,5"):
        assert town.ask("GET", f"collections/cell/items?bbox={bad}").status == 400


@abstract("/conf/core/fc-limit-definition")
def _(town: Town) -> None:
    limit = definition(town, "cell")["limit"]
    assert limit["in"] == "query" and not limit["required"] and limit["explode"] is False
    assert limit["schema"]["type"] == "integer" and limit["schema"]["minimum"] == 1
    assert limit["schema"]["maximum"] >= limit["schema"]["default"] >= 1


@abstract("/conf/core/fc-limit-response")
def _(town: Town) -> None:
    assert len(town.items("asset_public_facility", limit=7)["features"]) == 7
    assert len(town.items("asset_public_facility")["features"]) == 100
    assert len(town.items("cell", limit=999_999)["features"]) == 4  # more than is given at once is no error
    for bad in ("0", "-1", "x", "1.5", ""):
        assert town.ask("GET", f"collections/cell/items?limit={bad}").status == 400


@abstract("/conf/core/fc-time-definition")
def _(town: Town) -> None:
    when = definition(town, "incident")["datetime"]
    assert when["in"] == "query" and not when["required"] and when["schema"]["type"] == "string"
    assert when["explode"] is False and when["style"] == "form"


@abstract("/conf/core/fc-time-response")
def _(town: Town) -> None:
    def matched(when: str) -> Any:
        return town.items("incident", datetime=when)["numberMatched"]

    everything = matched("../..")
    assert everything == town.sql("SELECT count(*) FROM incident")[0][0]
    assert matched("2026-01-14T10:00:00Z") == 3
    assert matched("2026-01-14T10:00:00Z/2026-01-14T11:00:00Z") == 6
    assert matched("2026-01-14T11:30:00Z/..") == matched("2026-01-14T11:30:00Z/") == everything - 6
    assert matched("../2026-01-14T11:30:00Z") == 6
    assert matched("2026-01-14") == everything and matched("2026-01-15/..") == 0
    assert town.items("cell", datetime="2000-01-01/2100-01-01")["numberMatched"] == 4
    for bad in ("yesterday", "2026-13-01", "/", "2026-01-02/2026-01-01", "../x"):
        answer = town.ask("GET", f"collections/incident/items?datetime={bad}")
        assert answer.status == (200 if bad == "/" else 400), bad


@abstract("/conf/core/query-param-unknown")
def _(town: Town) -> None:
    for path in ("collections", "conformance", "collections/cell", "collections/cell/items", "api"):
        answer = town.ask("GET", f"{path}?nonsense=1")
        assert answer.status == 400 and "nonsense" in json.loads(answer.body)["detail"]


@abstract("/conf/core/query-param-invalid")
def _(town: Town) -> None:
    for query in ("crs=EPSG:1", "bbox-crs=x&bbox=1,2,3,4", "households=many", "limit=1&limit=2", "f=xml"):
        assert town.ask("GET", f"collections/cell/items?{query}").status == 400


@abstract("/conf/core/fc-response")
def _(town: Town) -> None:
    page = town.items("asset_public_facility", limit=5)
    assert page["type"] == "FeatureCollection"
    assert all(one["type"] == "Feature" and one["id"] and one["properties"] for one in page["features"])


@abstract("/conf/core/fc-links")
def _(town: Town) -> None:
    seen: list[int] = []
    page = town.items("asset_public_facility", limit=500)
    for _ in range(9):
        assert {"self", "alternate", "collection"} <= rels(page).keys()
        seen += [one["id"] for one in page["features"]]
        if "next" not in rels(page):
            break
        page = town.read(below(rels(page)["next"][0]))

    [[wanted]] = town.sql(
        "SELECT count(*) FROM asset a JOIN asset_class k ON k.id = asset_class_id WHERE k.code ~ '^01'"
    )
    assert len(seen) == len(set(seen)) == wanted == 1_234


@abstract("/conf/core/fc-timeStamp")
def _(town: Town) -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", town.items("cell")["timeStamp"])


@abstract("/conf/core/fc-numberMatched")
def _(town: Town) -> None:
    for layer in ("asset_public_facility", "building", "incident", "cell", "community"):
        [[wanted]] = town.sql(f'SELECT count(*) FROM gis."{layer}"')
        assert town.items(layer, limit=3)["numberMatched"] == wanted > 0


@abstract("/conf/core/fc-numberReturned")
def _(town: Town) -> None:
    page = town.items("asset_public_facility", limit=11)
    assert page["numberReturned"] == len(page["features"]) == 11


@abstract("/conf/core/f-op")
def _(town: Town) -> None:
    for layer in ("cell", "incident", "asset_public_facility", "organisation"):
        for feature in town.items(layer, limit=2)["features"]:
            assert town.ask("GET", f"collections/{layer}/items/{feature['id']}").status == 200


@abstract("/conf/core/f-success")
def _(town: Town) -> None:
    [listed] = town.items("cell", limit=1)["features"]
    alone = town.read(f"collections/cell/items/{listed['id']}")

    assert alone["type"] == "Feature"
    assert (alone["geometry"], alone["properties"]) == (listed["geometry"], listed["properties"])
    for bad in ("999999", "x", "1;", "99999999999999999999"):
        assert town.ask("GET", f"collections/cell/items/{bad}").status == 404


@abstract("/conf/core/f-links")
def _(town: Town) -> None:
    [listed] = town.items("cell", limit=1)["features"]
    found = rels(town.read(f"collections/cell/items/{listed['id']}"))

    assert {"self", "alternate", "collection"} <= found.keys()
    assert town.ask("GET", below(found["collection"][0])).status == 200


@abstract("/conf/geojson/definition")
def _(town: Town) -> None:
    answers = town.read("api")["paths"]["/collections/cell/items"]["get"]["responses"]
    assert GEOJSON in answers["200"]["content"]


@abstract("/conf/geojson/content")
def _(town: Town) -> None:
    for layer in ("cell", "road", "incident", "building"):
        answer = town.ask("GET", f"collections/{layer}/items", Accept=GEOJSON)
        assert answer.headers["content-type"] == GEOJSON
        assert json.loads(answer.body)["type"] == "FeatureCollection"


@abstract("/conf/html/definition")
def _(town: Town) -> None:
    answers = town.read("api")["paths"]["/collections"]["get"]["responses"]
    assert "text/html" in answers["200"]["content"]


@abstract("/conf/html/content")
def _(town: Town) -> None:
    [cell] = town.items("cell", limit=1)["features"]
    for path in ("/ogc", "collections", "collections/cell", "collections/cell/items", "conformance", "api",
                 f"collections/cell/items/{cell['id']}"):  # fmt: skip
        answer = town.ask("GET", path, Accept="text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")
        assert answer.status == 200 and answer.headers["content-type"].startswith("text/html"), path
        assert b"<!doctype html>" in answer.body[:20] and b"http://www.w3" not in answer.body


@abstract("/conf/oas30/definition-1")
def _(town: Town) -> None:
    document = town.read("api")
    text = json.dumps(document)

    for reference in set(re.findall(r'"#/(components/[\w/-]+)"', text)):
        place = document
        for part in reference.split("/"):
            place = place[part]
    operations = re.findall(r'"operationId": "([^"]+)"', text)
    assert len(operations) == len(set(operations)) > 100


@abstract("/conf/oas30/exceptions-codes")
def _(town: Town) -> None:
    for path, item in town.read("api")["paths"].items():
        assert {"400", "401", "404"} <= item["get"]["responses"].keys(), path


@abstract("/conf/oas30/security")
def _(town: Town) -> None:
    document = town.read("api")
    assert {"apiToken": []} in document["security"]
    answer = town.ask("GET", "/ogc", who="")
    assert answer.status == 401 and answer.headers["www-authenticate"] == 'Bearer realm="GeoGrid"'


def test_every_abstract_test_is_here():
    assert ABSTRACT.keys() == NAMES


@pytest.mark.db
@pytest.mark.parametrize("name", sorted(NAMES))
def test_features_core(town: Town, name: str):
    ABSTRACT[name](town)
