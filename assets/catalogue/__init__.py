"""The class catalogue as data: classes of assets and of events, with Chinese and English names.

The tables are `asset_classes.csv` and `event_classes.csv` in this folder, `icons.toml` names the drawing of
each class, and `schemas.toml` the attributes of the main ones. Codes and Chinese names follow GB/T 30428
practice as seen in cities' published rules (preset `cn-grid-30428-compatible`, not certified); English names
are ours. A class of origin `local` comes from a city's own supplement, `ours` counts backwards from 99 for
what both lack.
"""

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
SCHEME = "cn-grid-30428-compatible"
VERSION = "1"


@dataclass(frozen=True)
class CatalogueClass:
    """One class. `geometry` is point, line or area for classes of assets, empty for events."""

    code: str
    major_name: str
    major_name_en: str
    name: str
    name_en: str
    origin: str
    icon: str
    geometry: str = ""
    attributes_schema: dict[str, Any] | None = None


@cache
def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def attributes_schema(code: str) -> dict[str, Any]:
    """JSON Schema (2020-12) of the attributes of a class of assets; further attributes are allowed."""
    schemas = _toml("schemas.toml")
    properties: dict[str, Any] = {}
    for group in schemas["groups"].values():
        if code in group["classes"]:
            properties |= group["properties"]
    return {"type": "object", "properties": properties | schemas["any"]["properties"]}


def asset_classes() -> list[CatalogueClass]:
    """Every class of assets (管理部件), by code."""
    icons = _toml("icons.toml")
    return [
        CatalogueClass(
            code=row["code"],
            major_name=row["major_name"],
            major_name_en=row["major_name_en"],
            name=row["name"],
            name_en=row["name_en"],
            origin=row["origin"],
            icon=icons["classes"].get(row["code"]) or icons["majors"].get(row["code"][:2], icons["any"]),
            geometry=row["geometry"],
            attributes_schema=attributes_schema(row["code"]),
        )
        for row in _rows("asset_classes.csv")
    ]


def event_classes() -> list[CatalogueClass]:
    """Every class of events (管理事件), by code."""
    icons = _toml("icons.toml")
    return [
        CatalogueClass(
            code=row["code"],
            major_name=row["major_name"],
            major_name_en=row["major_name_en"],
            name=row["name"],
            name_en=row["name_en"],
            origin=row["origin"],
            icon=icons["event_majors"].get(row["code"][:2], icons["any"]),
        )
        for row in _rows("event_classes.csv")
    ]
