"""Part 4: features made, changed and removed through the views that analysts write, by their rules."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import shapely
from django.db import DatabaseError, connection

from geogrid.core.actor import acting_as
from geogrid.core.errors import Conflict, Forbidden, Invalid, NotFound
from geogrid.core.models import the_city
from geogrid.organisations.models import User
from grid_units.duties.access import require
from tiles.gis.layers import GisColumn, GisLayer
from tiles.ogc.asking import Asked
from tiles.ogc.crs import CRS84, Crs
from tiles.ogc.filtering import literal, quoted
from tiles.ogc.reading import one, only
from tiles.ogc.refusing import BadQuery, ChangedMeanwhile
from tiles.ogc.scoping import edited_as, place_sql, seen_by

_DEFAULT: Final = object()
_GATHERED: Final[dict[str, Callable[[Any], Any]]] = {
    "MultiPoint": shapely.multipoints,
    "MultiLineString": shapely.multilinestrings,
    "MultiPolygon": shapely.multipolygons,
}


def create(*, layer: GisLayer, sent: Any, crs: Crs, actor: User) -> Any:
    """Make a feature of a GeoJSON Feature; its key.

    Raises:
        Forbidden: when the layer takes none, or the actor may not write at its place.
        Invalid: when what was sent cannot be taken, with the fields.
    """
    if not layer.inserts:
        raise Forbidden(f"Nothing is added to '{layer.id}' here.")
    require(actor, edited_as(layer))
    properties = _properties(sent)
    values = _values(layer, properties, None)
    if layer.geometry is not None:
        values[layer.geometry] = _geometry(layer, sent.get("geometry"), crs)
    names = ", ".join(f'"{name}"' for name in values)
    slots = ", ".join("ST_GeomFromWKB(%s, 4326)" if name == layer.geometry else "%s" for name in values)
    sql = f'INSERT INTO gis."{layer.id}" ({names}) VALUES ({slots}) RETURNING "{layer.key}"'  # noqa: S608
    with _told_kindly(), acting_as(actor), connection.cursor() as cursor:
        cursor.execute(sql, list(values.values()))
        key = cursor.fetchone()[0]
        _require_at(layer, key, actor)
        _require_seen(layer, key, actor)
    return key


def change(
    *, layer: GisLayer, key: Any, sent: Any, crs: Crs, actor: User, version: str | None, whole: bool
) -> None:
    """Replace a feature (`whole`: what is not said becomes the default), or change what is said of it.

    Raises:
        NotFound: when there is none that the actor sees. ChangedMeanwhile: when its version is another.
        Forbidden, Invalid: as for `create`.
    """
    if not layer.updates:
        raise Forbidden(f"Nothing is changed in '{layer.id}' here.")
    with _told_kindly(), acting_as(actor), connection.cursor() as cursor:
        present = _present(layer, key, actor, version)
        _require_at(layer, key, actor)
        values = _values(layer, _properties(sent), present)
        if whole:
            for column in layer.columns:
                if column.editable:
                    values.setdefault(column.name, _DEFAULT)
        if layer.geometry is not None and (whole or sent.get("geometry") is not None):
            values[layer.geometry] = _geometry(layer, sent.get("geometry"), crs)
        if not values:
            return
        slots = []
        for name, value in values.items():
            slot = "DEFAULT" if value is _DEFAULT else "%s"
            slots.append(f'"{name}" = ' + ("ST_GeomFromWKB(%s, 4326)" if name == layer.geometry else slot))
        sql = f'UPDATE gis."{layer.id}" v SET {", ".join(slots)} WHERE {quoted(layer.key)} = %s'  # noqa: S608
        given = [value for value in values.values() if value is not _DEFAULT] + [key]
        _once(cursor, sql, given, version)
        _require_at(layer, key, actor)
        _require_seen(layer, key, actor)


def remove(*, layer: GisLayer, key: Any, actor: User, version: str | None) -> None:
    """Delete a feature.

    Raises: as for `change`.
    """
    if not layer.deletes:
        raise Forbidden(f"Nothing is removed from '{layer.id}' here.")
    with _told_kindly(), acting_as(actor), connection.cursor() as cursor:
        _present(layer, key, actor, version)
        _require_at(layer, key, actor)
        sql = f'DELETE FROM gis."{layer.id}" v WHERE {quoted(layer.key)} = %s'  # noqa: S608
        _once(cursor, sql, [key], version)


def _once(cursor: Any, sql: str, values: list[Any], version: str | None) -> None:
    """Run a statement that must meet one row, in the version that was named."""
    if version is not None:
        sql, values = f"{sql} AND md5(v::text) = %s", [*values, version]
    cursor.execute(sql, values)
    if cursor.rowcount != 1:
        raise ChangedMeanwhile("Somebody has changed this feature meanwhile. Read it again.")


def _present(layer: GisLayer, key: Any, actor: User, version: str | None) -> dict[str, Any]:
    """The properties that the feature has now."""
    found = one(layer, Asked(only(layer, seen_by(layer, actor), key), CRS84, 1, False, layer.columns))
    if found is None:
        raise NotFound(f"There is no feature '{key}' here.")
    if version is not None and version != found.version:
        raise ChangedMeanwhile("Somebody has changed this feature since you read it. Read it again.")
    properties: dict[str, Any] = json.loads(found.text)["properties"]
    return properties


def _require_at(layer: GisLayer, key: Any, actor: User) -> None:
    with connection.cursor() as cursor:
        sql = f'SELECT {place_sql(layer)} FROM gis."{layer.id}" v WHERE {quoted(layer.key)} = %s'  # noqa: S608
        cursor.execute(sql, [key])
        row = cursor.fetchone()
    city = the_city()
    if row is not None:
        require(actor, edited_as(layer), row[0] or (city.county_code if city else ""))


def _require_seen(layer: GisLayer, key: Any, actor: User) -> None:
    if one(layer, Asked(only(layer, seen_by(layer, actor), key), CRS84, 1, False, ())) is None:
        raise Forbidden("The feature would lie where you see none.")


def _properties(sent: Any) -> dict[str, Any]:
    if not isinstance(sent, dict) or sent.get("type", "Feature") != "Feature":
        raise Invalid("A GeoJSON Feature is wanted.", {"type": ["Feature is wanted."]})
    properties = sent.get("properties")
    if properties is None:
        return {}
    if not isinstance(properties, dict):
        raise Invalid("properties is an object.", {"properties": ["An object is wanted."]})
    return properties


def _values(layer: GisLayer, said: dict[str, Any], present: dict[str, Any] | None) -> dict[str, Any]:
    """The values to write. What may not be written may be repeated as it is, and nothing else."""
    columns = {column.name: column for column in layer.columns}
    wrong: dict[str, list[str]] = {}
    values: dict[str, Any] = {}
    for name, value in said.items():
        column = columns.get(name)
        if column is None:
            wrong[name] = [f"There is no such property. There are: {', '.join(columns)}."]
        elif column.editable:
            try:
                values[name] = _value(column, value)
            except BadQuery as error:
                wrong[name] = [str(error)]
        elif value is not None and (present is None or value != present[name]):
            wrong[name] = ["This is the database's to say, and cannot be written."]
    if wrong:
        raise Invalid(" ".join(f"{name}: {words[0]}" for name, words in wrong.items()), wrong)
    return values


def _value(column: GisColumn, value: Any) -> Any:
    if value is None:
        return None
    fits = literal(column, value)
    if column.kind == "integer":
        if fits != int(fits):
            raise BadQuery(f"{column.name} is a whole number.")
        fits = int(fits)
    if column.choices and column.choices.values:
        there_are = [choice for choice, _, _ in column.choices.values]
        if fits not in there_are:
            raise BadQuery(f"{column.name} is one of: {', '.join(there_are)}.")
    return fits


def _geometry(layer: GisLayer, sent: Any, crs: Crs) -> bytes:
    """The geometry as WKB in WGS 84 longitude and latitude."""
    if not isinstance(sent, dict):
        raise Invalid("A feature of this layer needs a geometry.", {"geometry": ["It is missing."]})
    try:
        shape = shapely.force_2d(shapely.from_geojson(json.dumps(sent)))
    except (shapely.errors.ShapelyError, ValueError, TypeError):
        raise Invalid(
            "geometry: this is no GeoJSON geometry.", {"geometry": ["It cannot be read."]}
        ) from None
    wanted = layer.geometry_type
    if wanted not in ("Geometry", shape.geom_type, f"Multi{shape.geom_type}"):
        words = f"{wanted} is wanted, not {shape.geom_type}."
        raise Invalid(f"geometry: {words}", {"geometry": [words]})
    if crs.latitude_first:
        shape = shapely.transform(shape, lambda corners: corners[:, ::-1])
    if crs.srid != CRS84.srid:
        shape = _transformed(shape, crs)
    west, south, east, north = shape.bounds if not shape.is_empty else (float("nan"),) * 4
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        words = "It does not lie on the earth. Longitude comes first, unless Content-Crs says otherwise."
        raise Invalid(f"geometry: {words}", {"geometry": [words]})
    if wanted in _GATHERED and shape.geom_type != wanted:
        shape = _GATHERED[wanted]([shape])
    return bytes(shapely.to_wkb(shape))


def _transformed(shape: Any, crs: Crs) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_AsBinary(ST_Transform(ST_GeomFromWKB(%s, %s), 4326))",
            [shapely.to_wkb(shape), crs.srid],
        )
        return shapely.from_wkb(bytes(cursor.fetchone()[0]))


@contextmanager
def _told_kindly() -> Iterator[None]:
    """What the database refuses by its grants and keys, in words; what its triggers say passes through."""
    try:
        yield
    except DatabaseError as error:
        code = getattr(error.__cause__, "pgcode", None)
        said = getattr(getattr(error.__cause__, "diag", None), "message_primary", "") or ""
        if code == "23503":
            raise Conflict(
                "Other records refer to this feature, or it refers to one that is not there."
            ) from error
        if code == "42501":
            raise Forbidden("The database does not let this be written here.") from error
        if code == "44000":
            raise Invalid(f"The feature would not be in this layer: {said}") from error
        raise
