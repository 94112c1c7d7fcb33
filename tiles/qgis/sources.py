"""Where a layer's rows come from, as QGIS names it. No password is ever written."""

from dataclasses import dataclass

from geogrid.core.geo import STORAGE_SRID
from tiles.gis.layers import GisLayer

SCHEMA = "gis"
SERVICE = "geogrid"  # the name of the entry in pg_service.conf


@dataclass(frozen=True)
class Door:
    """One way into the database: an address with a person's role, or the name of a service."""

    host: str = ""
    port: int = 5432
    database: str = ""
    role: str = ""
    sslmode: str = "prefer"

    @property
    def by_service(self) -> bool:
        """Whether host, port and role stand in the analyst's own pg_service.conf."""
        return not self.host


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def connection_of(door: Door) -> str:
    """The part that all layers have in common: one password is asked for once."""
    if door.by_service:
        return f"service={_quoted(SERVICE)}"
    return (
        f"dbname={_quoted(door.database)} host={door.host} port={door.port} user={_quoted(door.role)} "
        f"sslmode={door.sslmode}"
    )


def source_of(layer: GisLayer, door: Door) -> str:
    """The data source of a layer in the project."""
    said = f"{connection_of(door)} key='{layer.key}' estimatedmetadata=false checkPrimaryKeyUnicity='0'"
    table = f' table="{SCHEMA}"."{layer.id}"'
    if layer.geometry is None:
        return f"{said}{table}"
    return f"{said} srid={STORAGE_SRID} type={geometry_type_of(layer)}{table} ({layer.geometry})"


def layer_id(layer: GisLayer) -> str:
    """Its name inside a project. QGIS gives another one to a layer whose name has ten letters or less."""
    return f"geogrid_{layer.id}"


def geometry_type_of(layer: GisLayer) -> str:
    """The one type of geometry that QGIS shows of a layer: of mixed ones the points."""
    return "Point" if layer.geometry_type == "Geometry" else layer.geometry_type
