"""Objects of the OpenStreetMap file sorted into the files of the demo city, and the account of each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geogrid.demo.extract.kinds import COMMON, KINDS, Kind
from geogrid.demo.extract.osm import AREAS, CRS, LINES, POINTS, read_layer

GEOMETRY_TYPES = {POINTS: "Point", LINES: "LineString", AREAS: "Polygon"}
NUMBERS = {"levels", "height"}
"""Fields written as numbers: `12.13 m` is 12.13; a text without a number is left out."""
NO_GEOMETRY = "too few corners in the source to build a geometry, as at the edge of an extract"
NO_GEOMETRY_ADVICE = "take a larger extract, or draw the object by hand"


@dataclass(frozen=True)
class Refusal:
    """An object that the query finds and no file carries."""

    file: str
    source_id: str
    row: int
    """Number of the feature in its layer, from 0, as the driver reads it."""
    reason: str
    advice: str
    tag: str
    name: str


@dataclass
class Account:
    """Where the objects of one query went: found = accepted + refused + carried by others."""

    query: str
    found: int = 0
    accepted: int = 0
    refused: int = 0
    invalid: int = 0
    """Of the accepted: polygons that cross themselves, kept for the importer to mend and report."""
    carried_by: dict[str, int] = field(default_factory=dict)
    by_tag: dict[str, int] = field(default_factory=dict)

    def is_complete(self) -> bool:
        """Whether every object found is accounted for."""
        return self.found == self.accepted + self.refused + sum(self.carried_by.values())


@dataclass
class Extract:
    """The demo city before it is written: rows by file, accounts by file, refusals."""

    rows: dict[str, gpd.GeoDataFrame]
    accounts: dict[str, Account]
    refusals: list[Refusal]


def extract(osm_file: Path, kinds: tuple[Kind, ...] = KINDS) -> Extract:
    """Sort every object, once per group of kinds. Geometry and ids stay as the source gives them."""
    layers = {layer: read_layer(osm_file, layer) for layer in sorted({kind.layer for kind in kinds})}
    found = Extract({}, {}, [])
    taken: dict[tuple[str, str, str], str] = {}
    for kind in kinds:
        account = found.accounts[kind.file] = Account(kind.query)
        rows = list(_rows_of(kind, layers[kind.layer], account, taken, found.refusals))
        columns = ["source_id", "tag", *COMMON, *kind.fields, "geometry"]
        found.rows[kind.file] = gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=CRS)
        account.invalid = int((~found.rows[kind.file].geometry.is_valid).sum())
    return found


def _rows_of(
    kind: Kind,
    objects: gpd.GeoDataFrame,
    account: Account,
    taken: dict[tuple[str, str, str], str],
    refusals: list[Refusal],
) -> Iterator[dict[str, object]]:
    """Rows of one kind, booked into its account; `taken` remembers which file of a group has an object."""
    for number, (source_id, tags, geometry) in enumerate(objects.itertuples(index=False, name=None)):
        pair = kind.tag_of(tags)
        if pair is None:
            continue
        tag = "=".join(pair)
        account.found += 1
        account.by_tag[tag] = account.by_tag.get(tag, 0) + 1
        carrier = taken.setdefault((kind.group, kind.layer, source_id), kind.file)
        if carrier != kind.file:
            account.carried_by[carrier] = account.carried_by.get(carrier, 0) + 1
        elif geometry is None or geometry.is_empty:
            account.refused += 1
            name = tags.get("name", "")
            refusals.append(Refusal(kind.file, source_id, number, NO_GEOMETRY, NO_GEOMETRY_ADVICE, tag, name))
        else:
            account.accepted += 1
            yield {"source_id": source_id, "tag": tag, "geometry": geometry} | _fields_of(kind, tags)


def _fields_of(kind: Kind, tags: dict[str, str]) -> dict[str, object]:
    texts = {name: tags.get(key) for name, key in {**COMMON, **kind.fields}.items()}
    return {
        name: _number(text) if kind.group == "buildings" and name in NUMBERS else text
        for name, text in texts.items()
    }


def _number(text: str | None) -> float:
    """The number that a text begins with, else NaN, which the shapefile keeps as empty."""
    match = re.match(r"\s*(\d+(?:[.,]\d+)?)", text or "")
    return float(match.group(1).replace(",", ".")) if match else float("nan")


def refusal_table(refusals: list[Refusal]) -> pd.DataFrame:
    """The refusals as rows of a CSV file."""
    columns = list(Refusal.__dataclass_fields__)
    return pd.DataFrame([[getattr(one, column) for column in columns] for one in refusals], columns=columns)
