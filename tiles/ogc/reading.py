"""Features read from the views of schema gis and written as GeoJSON."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import connection, transaction

from geogrid.core.geo import STORAGE_SRID
from tiles.gis.layers import GisLayer
from tiles.ogc.asking import Asked, key_column
from tiles.ogc.crs import Crs
from tiles.ogc.filtering import Where, quoted

LONGEST_QUERY: Final = "20s"


@dataclass(frozen=True)
class Feature:
    """One feature: its key and its GeoJSON."""

    key: Any
    text: str
    version: str = ""


@dataclass(frozen=True)
class Page:
    """Some features, the key to go on after, and how many match in all where that was counted."""

    features: list[Feature]
    after: Any | None
    matched: int | None


def view(layer: GisLayer) -> str:
    """The view of a layer; its name is ours."""
    return f'gis."{layer.id}" v'


def geometry_sql(layer: GisLayer, crs: Crs) -> str:
    """The geometry as GeoJSON text in a system, its axes in that system's order."""
    place = quoted(layer.geometry or "geom")
    if crs.srid != STORAGE_SRID:
        place = f"ST_Transform({place}, {crs.srid})"
    if crs.latitude_first:
        place = f"ST_FlipCoordinates({place})"
    return f"ST_AsGeoJSON({place}, {crs.digits}, 0)"


def plain(value: Any) -> Any:
    """A value of a row as JSON has it: times in UTC, exact decimals as numbers."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if value is None or isinstance(value, str | int | float | bool | list | dict):
        return value
    return str(value)


def page_of(layer: GisLayer, asked: Asked) -> Page:
    """The page, in the order of the key: every row once, also while others are added."""
    sql, values = _select(layer, asked.where, asked.columns, asked.crs if asked.with_geometry else None)
    sql += f" ORDER BY {quoted(layer.key)} LIMIT %s"
    matched = None
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{LONGEST_QUERY}'")
        cursor.execute(sql, [*values, asked.limit + 1])
        rows = cursor.fetchall()
        if asked.is_first:
            matched = len(rows)
            if len(rows) > asked.limit:
                matched = _count(cursor, layer, asked.where)
    features = [_feature(layer, asked, row) for row in rows[: asked.limit]]
    after = features[-1].key if len(rows) > asked.limit else None
    return Page(features, after, matched)


def count(layer: GisLayer, where: Where) -> int:
    """How many features match."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{LONGEST_QUERY}'")
        return _count(cursor, layer, where)


def one(layer: GisLayer, asked: Asked) -> Feature | None:
    """The first feature of what is asked for, with its version."""
    sql, values = _select(layer, asked.where, asked.columns, asked.crs if asked.with_geometry else None)
    with connection.cursor() as cursor:
        cursor.execute(sql + " LIMIT 1", values)
        row = cursor.fetchone()
    return None if row is None else _feature(layer, asked, row)


def only(layer: GisLayer, scope: Where, key: Any) -> Where:
    """The feature of a key, within a scope."""
    return Where([*scope.parts, f"{quoted(layer.key)} = %s"], [*scope.values, key])


def _select(layer: GisLayer, where: Where, columns: Any, crs: Crs | None) -> tuple[str, list[Any]]:
    names = [quoted(layer.key), "md5(v::text)", geometry_sql(layer, crs) if crs else "NULL"]
    names += [quoted(column.name) for column in columns]
    sql = f"SELECT {', '.join(names)} FROM {view(layer)} WHERE {where.sql}"  # noqa: S608 - names of our list
    return sql, [*where.values]


def _count(cursor: Any, layer: GisLayer, where: Where) -> int:
    cursor.execute(f"SELECT count(*) FROM {view(layer)} WHERE {where.sql}", where.values)  # noqa: S608
    return int(cursor.fetchone()[0])


def _feature(layer: GisLayer, asked: Asked, row: Any) -> Feature:
    key, version, geometry, *values = row
    properties = {column.name: plain(value) for column, value in zip(asked.columns, values, strict=True)}
    said = json.dumps(properties, ensure_ascii=False, separators=(",", ":"))
    shown_key = json.dumps(plain(key), ensure_ascii=False)
    text = f'{{"type":"Feature","id":{shown_key},"geometry":{geometry or "null"},"properties":{said}'
    return Feature(plain(key), text + "}", version)


def key_of(layer: GisLayer, text: str) -> Any | None:
    """The key that an address names; None when it can be none."""
    from tiles.ogc.filtering import written
    from tiles.ogc.refusing import BadQuery

    try:
        return written(key_column(layer), text)
    except BadQuery:
        return None
