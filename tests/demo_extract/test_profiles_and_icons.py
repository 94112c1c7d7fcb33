"""Profiles that turn tags into asset classes, and the icon of each class."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from geogrid.demo.extract.kinds import KINDS
from geogrid.demo.extract.osm import AREAS, LINES, POINTS, read_layer
from geogrid.demo.extract.shapefiles import read
from tests.demo_extract.conftest import CUT, ROOT

pytestmark = pytest.mark.slow

GEOMETRIES = {POINTS: "point", LINES: "line", AREAS: "area"}
ASSET_KINDS = [kind for kind in KINDS if kind.group == "assets"]


def load(path: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / path).read_text(encoding="utf-8"))


def class_of(profile: dict[str, Any], row: dict[str, Any], geometry: str) -> str | None:
    """Class that the first rule gives which fits."""
    for rule in profile["rule"]:
        if rule["geometry"] == geometry and all(
            isinstance(row.get(field), str) and (wanted == "*" or row[field] in wanted_values(wanted))
            for field, wanted in rule["where"].items()
        ):
            found: str = rule["class"]
            return found
    return None


def wanted_values(wanted: str | list[str]) -> list[str]:
    return [wanted] if isinstance(wanted, str) else wanted


def classes_of_files(folder: Path) -> dict[tuple[str, str], str | None]:
    profile = load("assets/profiles/demo.toml")
    return {
        (row["source_id"], GEOMETRIES[kind.layer]): class_of(profile, row, GEOMETRIES[kind.layer])
        for kind in ASSET_KINDS
        for row in read(folder, kind.file).to_dict("records")
    }


def test_every_asset_of_the_demo_city_has_a_class(demo_city):
    classes = classes_of_files(demo_city)

    assert len(classes) == 4772
    assert None not in classes.values()


def test_the_source_and_its_shapefiles_give_every_asset_the_same_class(cut_city):
    profile = load("assets/profiles/osm.toml")

    from_source = {
        (source_id, geometry): found
        for layer, geometry in GEOMETRIES.items()
        for source_id, tags, _ in read_layer(CUT, layer).itertuples(index=False, name=None)
        if (found := class_of(profile, tags, geometry))
    }

    assert from_source == classes_of_files(cut_city)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"highway": "street_lamp", "traffic_sign": "FI:372"}, "0137"),
        ({"manhole": "water"}, "0101"),
        ({"manhole": "telecom"}, "0195"),
        ({"manhole": "tram_point"}, "0123"),
        ({"emergency": "fire_hydrant"}, "0198"),
        ({"natural": "tree", "denotation": "natural_monument"}, "0401"),
        ({"natural": "tree", "denotation": "avenue"}, "0402"),
        ({"traffic_sign": "FI:521"}, "0298"),
        ({"man_made": "monitoring_station"}, "0599"),
        ({"shop": "clothes"}, None),
    ],
)
def test_tags_of_a_point_give_its_class(tags, expected):
    assert class_of(load("assets/profiles/osm.toml"), tags, "point") == expected


@pytest.mark.parametrize("name", ["osm", "demo"])
def test_every_operator_stays_visible_as_owner_and_maintainer(name):
    for rule in load(f"assets/profiles/{name}.toml")["rule"]:
        assert rule["owner_from"] == ["owner", "operator"]
        assert rule["maintainer_from"] == ["operator"]


def test_the_demo_profile_names_only_fields_that_the_shapefiles_have(demo_city):
    fields = {name for kind in ASSET_KINDS for name in read(demo_city, kind.file).columns}

    for rule in load("assets/profiles/demo.toml")["rule"]:
        assert set(rule["where"]) | set(rule["name_from"]) | set(rule["attributes"].values()) <= fields


def test_every_class_of_the_profiles_has_an_icon_of_its_own():
    icons = load("assets/catalogue/icons.toml")["classes"]
    used = {
        rule["class"] for name in ("osm", "demo") for rule in load(f"assets/profiles/{name}.toml")["rule"]
    }

    assert used <= set(icons)
    assert len(set(icons.values())) == len(icons)


def test_every_major_class_has_an_icon_to_fall_back_on():
    icons = load("assets/catalogue/icons.toml")

    assert {code[:2] for code in icons["classes"]} == set(icons["majors"])
    assert re.fullmatch(r"(maki|temaki):[\w-]+", icons["any"])


def test_the_map_carries_every_icon():
    bundled = (ROOT / "frontend/src/map/icons.ts").read_text(encoding="utf-8")
    icons = load("assets/catalogue/icons.toml")
    names = [
        icons["any"],
        *(icon for table in ("majors", "classes", "event_majors") for icon in icons[table].values()),
    ]

    missing = [
        name for name in names if not re.search(rf"[{{,]{re.escape(name.split(':')[1])}[,}}]", bundled)
    ]

    assert missing == []
