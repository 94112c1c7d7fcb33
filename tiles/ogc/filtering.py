"""From a filter to SQL: names come from the list of layers, every value is a parameter."""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any, Final

import shapely

from geogrid.core.geo import STORAGE_SRID
from tiles.gis.layers import GisColumn, GisLayer
from tiles.ogc import cql2
from tiles.ogc import cql2_tree as tree
from tiles.ogc.cql2_values import moment
from tiles.ogc.crs import CRS84, Box, Crs
from tiles.ogc.refusing import BadQuery

_LARGEST: Final = 2**63
_OPERATORS: Final = {"=": "=", "<>": "<>", "<": "<", ">": ">", "<=": "<=", ">=": ">="}
_SPATIAL: Final = {
    "S_INTERSECTS": "ST_Intersects",
    "S_DISJOINT": "ST_Disjoint",
    "S_EQUALS": "ST_Equals",
    "S_TOUCHES": "ST_Touches",
    "S_CROSSES": "ST_Crosses",
    "S_WITHIN": "ST_Within",
    "S_CONTAINS": "ST_Contains",
    "S_OVERLAPS": "ST_Overlaps",
}
_SQL_TYPE: Final = {
    "text": "text",
    "integer": "bigint",
    "number": "double precision",
    "boolean": "boolean",
    "moment": "timestamptz",
    "date": "date",
    "uuid": "uuid",
}


@dataclass
class Where:
    """Conditions in SQL, all of which must hold, and their parameters in order."""

    parts: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, sql: str, *values: Any) -> None:
        self.parts.append(sql)
        self.values.extend(values)

    @property
    def sql(self) -> str:
        return " AND ".join(f"({part})" for part in self.parts) or "true"


def quoted(name: str) -> str:
    """A column of the row `v`. Names are ours, from the list of layers."""
    return 'v."' + name.replace('"', '""') + '"'


def queryables(layer: GisLayer) -> dict[str, GisColumn]:
    """The columns that may be asked by, in order."""
    return {column.name: column for column in layer.columns if column.filterable}


def literal(column: GisColumn, value: object) -> Any:
    """`value` as the column's kind, for a parameter.

    Raises:
        BadQuery: when it is none.
    """
    kind = column.kind
    fits: Any = None
    if kind == "text":
        fits = value if isinstance(value, str) and "\x00" not in value else None
    elif kind == "boolean":
        fits = value if isinstance(value, bool) else None
    elif kind in ("integer", "number") and not isinstance(value, bool):
        fits = value if isinstance(value, int | float) and abs(value) < _LARGEST else None
    elif kind == "uuid" and isinstance(value, str):
        try:
            fits = str(uuid.UUID(value))
        except ValueError:
            fits = None
    elif kind in ("moment", "date"):
        fits = _time(kind, value)
    if fits is None:
        raise BadQuery(f"{column.name} is compared with {_an(kind)}, not with {str(value)[:40]!r}.")
    return fits


def written(column: GisColumn, text: str) -> Any:
    """A value as a query string writes it: `?state=damaged`, `?households=12`.

    Raises:
        BadQuery: when it is none of the column's kind.
    """
    value: object = text
    if column.kind == "boolean":
        value = {"true": True, "false": False, "1": True, "0": False}.get(text.lower(), text)
    elif column.kind in ("integer", "number"):
        if re.fullmatch(r"[+-]?\d{1,18}", text):
            value = int(text)
        elif re.fullmatch(r"[+-]?\d{1,18}\.\d{1,18}", text):
            value = float(text)
    return literal(column, value)


def _time(kind: str, value: object) -> datetime | date | None:
    if isinstance(value, str):
        try:
            value = moment(value)
        except tree.NotCQL2:
            return None
    if kind == "moment":
        if isinstance(value, datetime):
            return value
        return datetime.combine(value, time(), UTC) if isinstance(value, date) else None
    return value if isinstance(value, date) and not isinstance(value, datetime) else None


def _an(kind: str) -> str:
    return {
        "text": "a text in quotes",
        "integer": "a number",
        "number": "a number",
        "boolean": "TRUE or FALSE",
        "moment": "TIMESTAMP('...')",
        "date": "DATE('...')",
        "uuid": "a UUID in quotes",
    }.get(kind, kind)


def add_filter(where: Where, layer: GisLayer, text: str, crs: Crs = CRS84) -> None:
    """Add what a CQL2 text asks for. Its geometries are in `crs`.

    Raises:
        BadQuery: when it is no CQL2, names what is not listed, or compares what cannot be compared.
    """
    try:
        said = cql2.parse(text)
    except tree.NotCQL2 as error:
        raise BadQuery(f"filter: {error}") from None
    where.parts.append(_Compiler(layer, crs, where.values).condition(said))


def add_box(where: Where, layer: GisLayer, boxes: Iterable[Box], crs: Crs) -> None:
    """Add that a feature meets one of the boxes (x, y in `crs`)."""
    geometry = quoted(layer.geometry or "geom")
    parts = []
    for box in boxes:
        parts.append(f"ST_Intersects({geometry}, ST_Transform(ST_MakeEnvelope(%s, %s, %s, %s, %s), 4326))")
        where.values.extend([*_within_the_earth(box, crs), crs.srid])
    where.parts.append(" OR ".join(parts))


def _within_the_earth(box: Box, crs: Crs) -> Box:
    """The box cut to where the system is defined: clients ask for the whole world, and then some."""
    x, y = (180.0, 90.0) if crs.is_geographic else (20_037_508.34, 20_048_966.1)
    west, south, east, north = box
    return (max(-x, min(west, x)), max(-y, min(south, y)), max(-x, min(east, x)), max(-y, min(north, y)))


def add_datetime(where: Where, column: GisColumn, text: str) -> None:
    """Add what a `datetime` parameter asks of a column: a moment, or `from/to` with `..` for open ends.

    A day stands for all of it. Features without a time are left out.

    Raises:
        BadQuery: when it is no time.
    """
    first, slash, last = text.partition("/")
    start = _end_of_span(first)
    end = _end_of_span(last) if slash else start
    if not slash and start is None:
        raise BadQuery("datetime is a time, or two with a slash between, such as 2026-01-01/2026-01-31.")
    name = quoted(column.name)
    if start is not None:
        where.add(f"{name} >= %s::timestamptz", start[0])
    if end is not None:
        where.add(f"{name} {'<=' if end[0] == end[1] else '<'} %s::timestamptz", end[1])
    if start is not None and end is not None and start[0] > end[0]:
        raise BadQuery("datetime: the end lies before the start.")


def _end_of_span(text: str) -> tuple[datetime, datetime] | None:
    """First moment, and the moment after, of a day; twice the same of a moment; None of `..`."""
    if text in ("", ".."):
        return None
    try:
        said = moment(text)
    except tree.NotCQL2 as error:
        raise BadQuery(f"datetime: {error}") from None
    if isinstance(said, datetime):
        return said, said
    start = datetime.combine(said, time(), UTC)
    return start, datetime.combine(
        date.fromordinal(min(said.toordinal() + 1, date.max.toordinal())), time(), UTC
    )


class _Compiler:
    def __init__(self, layer: GisLayer, crs: Crs, values: list[Any]) -> None:
        self._layer = layer
        self._crs = crs
        self._values = values
        self._columns = queryables(layer)

    def condition(self, node: tree.Condition) -> str:
        if isinstance(node, bool):
            return "true" if node else "false"
        if isinstance(node, tree.Both | tree.Either):
            word = " AND " if isinstance(node, tree.Both) else " OR "
            return "(" + word.join(self.condition(part) for part in node.parts) + ")"
        if isinstance(node, tree.Not):
            return f"(NOT {self.condition(node.inner)})"
        if isinstance(node, tree.Compare):
            return self._compare(node)
        if isinstance(node, tree.Like):
            return self._like(node)
        if isinstance(node, tree.Between):
            column = self._asked(node.value)
            value = self._scalar(node.value, column)
            return f"({value} BETWEEN {self._scalar(node.low, column)} AND {self._scalar(node.high, column)})"
        if isinstance(node, tree.Among):
            column = self._asked(node.value)
            value = self._scalar(node.value, column)
            return f"({value} IN (" + ", ".join(self._scalar(one, column) for one in node.options) + "))"
        if isinstance(node, tree.IsNull):
            if node.value.name == self._layer.geometry:
                return f"({quoted(node.value.name)} IS NULL)"
            return f"({quoted(self._column(node.value).name)} IS NULL)"
        if isinstance(node, tree.Spatial):
            return self._spatial(node)
        return self._temporal(node)

    def _column(self, name: tree.Name) -> GisColumn:
        column = self._columns.get(name.name)
        if column is None:
            there_are = ", ".join(self._columns)
            raise BadQuery(f"filter: '{name.name[:40]}' is no property to filter by. There are: {there_are}.")
        return column

    def _asked(self, *sides: tree.Scalar) -> GisColumn:
        """The first column among the sides, which says of what kind the others must be."""
        for side in sides:
            bare = side.inner if isinstance(side, tree.Folded) else side
            if isinstance(bare, tree.Name):
                return self._column(bare)
        raise BadQuery("filter: a comparison needs a property on one side.")

    def _scalar(self, side: tree.Scalar, column: GisColumn) -> str:
        """SQL of one side of a comparison whose kind `column` gives."""
        if isinstance(side, tree.Folded):
            if column.kind != "text":
                raise BadQuery(f"filter: CASEI is for texts, and {column.name} is none.")
            return f"lower({self._scalar(side.inner, column)})"
        if isinstance(side, tree.Name):
            other = self._column(side)
            if other.kind != column.kind and {other.kind, column.kind} != {"integer", "number"}:
                raise BadQuery(f"filter: {column.name} and {other.name} cannot be compared.")
            return quoted(other.name)
        value = literal(column, side)
        kind = _SQL_TYPE[column.kind]
        if column.kind == "integer" and isinstance(value, float):
            kind = "double precision"
        self._values.append(value)
        return f"%s::{kind}"

    def _compare(self, node: tree.Compare) -> str:
        column = self._asked(node.left, node.right)
        if column.kind == "boolean" and node.op not in ("=", "<>"):
            raise BadQuery(f"filter: {column.name} is TRUE or FALSE and has no order.")
        left = self._scalar(node.left, column)
        return f"({left} {_OPERATORS[node.op]} {self._scalar(node.right, column)})"

    def _like(self, node: tree.Like) -> str:
        column = self._asked(node.value)
        if column.kind != "text":
            raise BadQuery(f"filter: LIKE is for texts, and {column.name} is none.")
        value = self._scalar(node.value, column)
        pattern = node.pattern.inner if isinstance(node.pattern, tree.Folded) else node.pattern
        if isinstance(pattern, str) and re.search(r"(?<!\\)(?:\\\\)*\\$", pattern):
            raise BadQuery("filter: a pattern of LIKE does not end with a backslash.")
        return f"({value} LIKE {self._scalar(node.pattern, column)})"

    def _place(self, side: tree.Name | tree.Shape) -> str:
        if isinstance(side, tree.Name):
            if side.name != self._layer.geometry:
                raise BadQuery(f"filter: '{side.name[:40]}' is not the geometry ({self._layer.geometry}).")
            return quoted(side.name)
        geometry = side.geometry
        if self._crs.latitude_first:
            geometry = shapely.transform(geometry, lambda corners: corners[:, ::-1])
        self._values.extend([shapely.to_wkb(geometry), self._crs.srid])
        made = "ST_GeomFromWKB(%s, %s)"
        return made if self._crs.srid == STORAGE_SRID else f"ST_Transform({made}, 4326)"

    def _spatial(self, node: tree.Spatial) -> str:
        if self._layer.geometry is None:
            raise BadQuery("filter: this collection has no geometry.")
        if not isinstance(node.left, tree.Name) and not isinstance(node.right, tree.Name):
            raise BadQuery(f"filter: {node.op} needs {self._layer.geometry} on one side.")
        return f"{_SPATIAL[node.op]}({self._place(node.left)}, {self._place(node.right)})"

    def _temporal(self, node: tree.Temporal) -> str:
        """Of two spans (a moment is one whose ends are the same): how they lie to each other."""
        column = next((self._column(s) for s in (node.left, node.right) if isinstance(s, tree.Name)), None)
        if column is None:
            raise BadQuery(f"filter: {node.op} needs a property on one side.")
        if column.kind not in ("moment", "date"):
            raise BadQuery(f"filter: {node.op} is for times, and {column.name} is none.")
        if isinstance(node.left, tree.Name) and isinstance(node.right, tree.Name):
            raise BadQuery(f"filter: {node.op} needs a time on one side.")
        op, name = node.op, quoted(column.name)
        other = node.right
        if not isinstance(node.left, tree.Name):
            op = {"T_AFTER": "T_BEFORE", "T_BEFORE": "T_AFTER"}.get(op, op)
            other = node.left
            if op == "T_DURING":
                raise BadQuery(
                    "filter: T_DURING asks whether the property lies in an interval, in that order."
                )
        assert not isinstance(other, tree.Name)  # noqa: S101 - one side is the name, the other is not
        return self._lies(op, name, column, other)

    def _lies(self, op: str, name: str, column: GisColumn, other: datetime | date | tree.Interval) -> str:
        span = other if isinstance(other, tree.Interval) else tree.Interval(other, other)

        def end(value: datetime | date | None, comparison: str, without: str) -> str:
            if value is None:
                return without
            self._values.append(literal(column, value))
            return f"{name} {comparison} %s::{_SQL_TYPE[column.kind]}"

        if op == "T_AFTER":
            return f"({end(span.end, '>', 'false')})"
        if op == "T_BEFORE":
            return f"({end(span.start, '<', 'false')})"
        if op == "T_EQUALS" and isinstance(other, tree.Interval):
            raise BadQuery("filter: T_EQUALS compares with one moment.")
        if op == "T_DURING":
            return f"({end(span.start, '>', 'true')} AND {end(span.end, '<', 'true')})"
        if op == "T_DISJOINT":
            return f"({end(span.start, '<', 'false')} OR {end(span.end, '>', 'false')})"
        return f"({end(span.start, '>=', 'true')} AND {end(span.end, '<=', 'true')})"
