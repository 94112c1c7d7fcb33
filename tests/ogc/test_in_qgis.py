"""QGIS's own provider of OGC API - Features reads the service, with an API token as its password."""

import re
from base64 import b64encode
from typing import Any

import pytest

from tests.ogc.conftest import Town
from tests.ogc.town import ASSETS, TOKENS
from tests.qgis.desk import running_desk

pytestmark = pytest.mark.db
COVERS = "asset_public_facility"


def source(town: Town, collection: str, password: str) -> str:
    """A layer as QGIS's browser panel writes it down."""
    said = {
        "url": town.url,
        "typename": collection,
        "username": "anything",
        "password": password,
        "pageSize": "100",
    }
    return " ".join(f"{name}='{value}'" for name, value in said.items())


def place(wkt: str) -> tuple[float, ...]:
    """Longitude and latitude of a point, as QGIS holds it: east first."""
    return tuple(float(number) for number in re.findall(r"[-\d.]+", wkt))


def test_every_row_comes_where_it_is_and_only_what_the_holder_of_the_token_sees(town: Town):
    def opened(collection: str, password: str) -> Any:
        said = source(town, collection, password)
        return desk.ask("provider", source=said, kind="OAPIF", limit=ASSETS)

    with running_desk() as desk:
        covers = opened(COVERS, TOKENS["eve"])
        incidents = opened("incident", TOKENS["ann"])
        refused = opened(COVERS, "a guess")

    assert covers["valid"], (covers["error"], covers["log"])
    wanted = town.sql(f"SELECT code, state, ST_X(geom), ST_Y(geom) FROM gis.{COVERS} ORDER BY code")
    assert covers["count"] == len(wanted) == ASSETS
    assert covers["crs"] == "EPSG:4326"
    found = sorted((row["code"], row["state"], *place(row["wkt"])) for row in covers["rows"])
    assert [row[:2] for row in found] == [row[:2] for row in wanted]
    for mine, theirs in zip(found, wanted, strict=True):
        assert mine[2:] == pytest.approx(theirs[2:], abs=1e-6)
    assert incidents["valid"] and incidents["count"] == len(incidents["rows"]) == 7
    assert not refused["valid"]


@pytest.mark.parametrize("said", ["any:a guess", "ggt_but-no-colon", "any:ggt_unknown", "\xff"])
def test_a_password_that_is_no_token_is_refused_and_no_browser_is_asked_for_one(town: Town, said: str):
    packed = b64encode(said.encode("latin-1")).decode()
    answer = town.ask("GET", "collections", who="", Authorization=f"Basic {packed}")

    assert answer.status == 401 and b"token" in answer.body
    assert answer.headers["www-authenticate"].startswith("Bearer")
