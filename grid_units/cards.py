"""The cards of cells and units: one place put together for one viewer."""

from datetime import datetime
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db import connection
from django.db.models import Count, Sum

from geogrid.organisations.models import User
from grid_units.duties.access import scopes_of
from grid_units.duties.roster import duties_of
from grid_units.duties.serializers import on_duty_rows
from grid_units.models import Cell, GridUnit

CELL_WITH = ("community__parent__parent", "owner", "maintainer")


def units_above(unit: GridUnit | None) -> list[GridUnit]:
    """A unit and those above it, the nearest first."""
    found = []
    while unit is not None:
        found.append(unit)
        unit = unit.parent
    return found


def cell_card(cell: Cell, *, viewer: User, at: datetime) -> dict[str, Any]:
    """Content of CellCardSerializer. `cell` comes with CELL_WITH."""
    above = {unit.level: unit for unit in units_above(cell.community)}
    return {
        **_of_both(cell, cell.geom, viewer, at),
        "households": cell.households,
        "area_m2": cell.area_m2,
        "kind": cell.kind,
        "use": cell.use,
        "community": above.get("COMMUNITY"),
        "street": above.get("STREET"),
        "district": above.get("DISTRICT"),
        "owner": cell.owner,
        "maintainer": cell.maintainer,
        "is_derived": cell.is_derived,
        "source": cell.source,
    }


def unit_card(unit: GridUnit, *, viewer: User, at: datetime) -> dict[str, Any]:
    """Content of UnitCardSerializer; households and area are sums over its cells."""
    sums = Cell.objects.within(unit.code).aggregate(
        cells=Count("id"), households=Sum("households"), area_m2=Sum("area_m2")
    )
    return {
        **_of_both(unit, unit.geom, viewer, at),
        **sums,
        "level": unit.level,
        "parents": units_above(unit.parent),
        "organisation": unit.organisation,
        "is_simulated": unit.is_simulated,
    }


def _of_both(place: Cell | GridUnit, geom: GEOSGeometry | None, viewer: User, at: datetime) -> dict[str, Any]:
    inside = geom.point_on_surface if geom else None
    names = scopes_of(viewer).sees_people_of(place.code)
    return {
        "code": place.code,
        "name": place.name,
        "name_en": place.name_en,
        "lng": inside.x if inside else None,
        "lat": inside.y if inside else None,
        "bbox": list(geom.extent) if geom else None,
        "geometry": geom,
        "on_duty": on_duty_rows(place.code, at, names=names),
        "roster": list(duties_of(place.code, at)) if names else [],
        "assets": _asset_counts(place.code),
    }


def _asset_counts(unit_code: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT code, name, name_en, icon, amount FROM core.assets_by_class(%s)", [unit_code])
        return [
            {"code": code, "name_zh": name, "name_en": name_en, "icon": icon, "count": amount}
            for code, name, name_en, icon, amount in cursor.fetchall()
        ]
