"""The demonstration city: real objects from OpenStreetMap, a derived grid, invented people."""

import csv
import json
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from assets.actions import load_catalogue
from assets.importing.loading import import_assets, import_buildings, import_roads
from assets.models import Asset, AssetClass, Road
from geogrid.core.actor import System, acting_as
from geogrid.core.errors import Conflict
from geogrid.core.importing.pipeline import Options
from geogrid.core.models import City
from geogrid.core.sql import statement
from geogrid.demo import people
from geogrid.demo.extract.basemap import make_basemap
from geogrid.demo.roster import units_of_class
from geogrid.demo.rules import lay_rules
from geogrid.organisations.models import Organisation
from grid_units.importing.loading import import_grid
from grid_units.models import GridUnit
from incidents.actions import load_event_classes
from incidents.automatic.actions import trust
from incidents.clocks.actions import load_first_holidays
from incidents.duty_list.actions import load_duty_list
from incidents.duty_list.models import FilingCondition

FILES = Path(settings.BASE_DIR) / "data" / "shapefiles"
SQL = Path(__file__).parent / "sql"
ASSET_FILES = ("lamps", "manholes", "hydrants", "trees", "furniture", "signs", "barriers", "facilities")
DEMO = System("demo")
Say = Callable[[str], None]


def load_city(say: Say = print) -> bool:
    """Load the demonstration city unless it is there; whether it had to be loaded.

    A start that was cut off goes on: every part is one transaction or an import that can be repeated.

    Raises:
        Conflict: when the database holds a city of its own.
    """
    city = City.objects.first()
    if city is not None and not city.is_demo:
        raise Conflict(f"This database holds {city.name}; the demonstration needs one of its own.")
    parts: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("the city and its class catalogue", _found_city),
        ("46 cells in 9 communities and 3 streets", _lay_grid),
        ("invented units and people", _bring_people),
        ("the table of who handles what", _lay_rules),
        ("buildings and streets", _bring_ground),
        ("lamps, manholes, hydrants, trees, furniture, signs", _bring_assets),
        ("the base map", _draw_base_map),
    )
    worked = False
    for words, part in parts:
        began = time.monotonic()
        if part():
            worked = True
            say(f"Demo city: {words} ({time.monotonic() - began:.1f} s)")
    return worked


def _found_city() -> bool:
    if City.objects.exists():
        return False
    with acting_as(DEMO):
        load_catalogue()
        load_event_classes()
        City.objects.create(
            name="北港示范区",
            name_en="Northport Demonstration District",
            county_code="990101",
            zone="Europe/Helsinki",
            is_demo=True,
            attribution="© OpenStreetMap contributors, ODbL 1.0",
        )
        load_duty_list(actor=DEMO, at=timezone.now())
        load_first_holidays(actor=DEMO, at=timezone.now())
        # Gauges are trusted with what they measure; what people report is filed by people.
        flood = (
            FilingCondition.objects.current()
            .filter(event_class__code="0506")
            .order_by("place_in_class", "id")
        )
        trust(
            kind="event",
            code="0506",
            channel="sensor",
            condition=flood.first(),
            actor=DEMO,
            at=timezone.now(),
        )
    return True


def _lay_grid() -> bool:
    if GridUnit.objects.exists():
        return False
    with acting_as(DEMO):
        by_code: dict[str, GridUnit] = {}
        with (FILES / "units.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                by_code[row["code"]] = GridUnit.objects.create(
                    code=row["code"],
                    level=row["level"],
                    name=row["name"],
                    name_en=row["name_en"],
                    parent=by_code.get(row["parent"]),
                    is_simulated=True,
                )
        import_grid(
            FILES / "cells.shp",
            actor=DEMO,
            reason="first load of the demonstration city",
            report=_reports() / "cells",
        )
    return True


def _bring_people() -> bool:
    if Organisation.objects.filter(is_simulated=True).exists():
        return False
    with acting_as(DEMO):
        units = people.make_units()
        people.give_cells_units(units)
        people.make_people(units)
    return True


def _lay_rules() -> bool:
    with acting_as(DEMO):
        return lay_rules(actor=DEMO, at=timezone.now())


def _bring_ground() -> bool:
    if Road.objects.exists():
        return False
    _import(import_buildings, "buildings")
    _import(import_roads, "roads")
    return True


def _bring_assets() -> bool:
    if Asset.objects.exclude(simulated_fields=[]).exists():
        return False
    for name in ASSET_FILES:
        _import(import_assets, name)
    with acting_as(DEMO), connection.cursor() as cursor:
        cursor.execute(statement(SQL, "invent_units"), {"units": json.dumps(_units_by_class())})
    return True


def _import(work: Callable[..., object], name: str) -> None:
    """Import a shapefile of the demo city; what was refused or mended is listed under var/imports."""
    options = Options(report=_reports() / name)
    work(FILES / f"{name}.shp", profile="demo", source="OpenStreetMap", actor=DEMO, options=options)


def _reports() -> Path:
    folder = Path(settings.VAR_DIR) / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _units_by_class() -> list[dict[str, str]]:
    codes = AssetClass.objects.filter(assets__isnull=False).distinct().values_list("code", flat=True)
    names = ("authority", "owner", "maintainer")
    return [{"class": code, **dict(zip(names, units_of_class(code), strict=True))} for code in codes]


def _draw_base_map() -> bool:
    out = Path(settings.BASEMAP_DIR)
    if (out / "footprints.pmtiles").exists():
        return False
    make_basemap(FILES, out)
    return True
