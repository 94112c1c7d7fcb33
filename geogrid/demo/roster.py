"""The invented people and units of the demonstration city, as plain data.

Everything here is made up, and marked so on screen. Staffing follows 1+1+1+N: one district inspector, one
supervisor per street and community, one grid worker per pair of cells and shift (at night one per community),
volunteers.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path

from geogrid.organisations.roles import Role

DAY = (time(6), time(14))
EVENING = (time(14), time(22))
NIGHT = (time(22), time(6))
OFFICE = (time(8), time(20))
WEEK = range(7)

_NAMES = Path(__file__).with_name("names.csv")


@dataclass(frozen=True)
class Unit:
    """An organisation to be made."""

    code: str
    name: str
    name_en: str
    kinds: tuple[str, ...]
    parent: str | None = None


@dataclass(frozen=True)
class Person:
    """A person with one membership and, if they answer for units, one duty."""

    username: str
    display_name: str
    role: Role
    unit_prefix: str
    organisation: str
    duty_units: tuple[str, ...] = ()
    shift: tuple[time, time] | None = None
    weekdays: tuple[int, ...] = field(default_factory=lambda: tuple(WEEK))


CENTRE = "DEMO-CENTRE"
HANDLING_UNITS = ("DEMO-DRAIN", "DEMO-STREETWORKS", "DEMO-LIGHT", "DEMO-GARDENERS", "DEMO-CLEAN")
UNITS = (
    Unit(CENTRE, "北港示范区城市运行中心", "Northport City Operations Centre", ("supervision_centre",)),
    Unit("DEMO-WATER", "示范水务局", "Demo Water Authority", ("authority", "owner"), CENTRE),
    Unit(
        "DEMO-DRAIN", "示范排水养护所", "Demo Drainage Works", ("maintainer", "handling_unit"), "DEMO-WATER"
    ),
    Unit("DEMO-ROADS", "示范市政道路局", "Demo Street Authority", ("authority", "owner"), CENTRE),
    Unit(
        "DEMO-STREETWORKS",
        "示范道路养护队",
        "Demo Street Works",
        ("maintainer", "handling_unit"),
        "DEMO-ROADS",
    ),
    Unit(
        "DEMO-LIGHT",
        "示范路灯所",
        "Demo Street Lighting",
        ("owner", "maintainer", "handling_unit"),
        "DEMO-ROADS",
    ),
    Unit("DEMO-PARKS", "示范园林局", "Demo Parks Authority", ("authority", "owner"), CENTRE),
    Unit("DEMO-GARDENERS", "示范园林养护队", "Demo Gardeners", ("maintainer", "handling_unit"), "DEMO-PARKS"),
    Unit("DEMO-CLEAN", "示范环卫公司", "Demo Street Cleaning", ("maintainer", "handling_unit"), CENTRE),
    Unit(
        "DEMO-TRAFFIC",
        "示范交通管理局",
        "Demo Traffic Authority",
        ("authority", "owner", "handling_unit"),
        CENTRE,
    ),
    Unit("DEMO-FIRE", "示范消防救援站", "Demo Fire Station", ("authority", "owner", "maintainer"), CENTRE),
    Unit("DEMO-TELECOM", "示范通信公司", "Demo Telecom", ("owner", "maintainer", "handling_unit")),
    Unit("DEMO-POWER", "示范供电公司", "Demo Power Grid", ("owner", "maintainer", "handling_unit")),
    Unit("DEMO-RAIL", "示范铁路公司", "Demo Railway", ("owner",)),
    Unit("DEMO-PORT", "示范港务局", "Demo Port Authority", ("owner",)),
)

# Owner and maintainer of exclusive grids, by use.
GRID_UNITS_BY_USE = {
    "park": ("DEMO-PARKS", "DEMO-GARDENERS"),
    "rail": ("DEMO-RAIL", "DEMO-STREETWORKS"),
    "water": ("DEMO-PORT", "DEMO-DRAIN"),
    "work": (None, "DEMO-STREETWORKS"),
    "homes": (None, "DEMO-STREETWORKS"),
}

# Authority, owner, maintainer by class code, the first prefix that fits; a real owner from the source stays.
ASSET_UNITS = {
    "0101": ("DEMO-WATER", "DEMO-WATER", "DEMO-DRAIN"),
    "0102": ("DEMO-WATER", "DEMO-WATER", "DEMO-DRAIN"),
    "0103": ("DEMO-WATER", "DEMO-WATER", "DEMO-DRAIN"),
    "0104": ("DEMO-WATER", "DEMO-WATER", "DEMO-DRAIN"),
    "0106": ("DEMO-ROADS", "DEMO-LIGHT", "DEMO-LIGHT"),
    "0137": ("DEMO-ROADS", "DEMO-LIGHT", "DEMO-LIGHT"),
    "01": ("DEMO-ROADS", "DEMO-ROADS", "DEMO-STREETWORKS"),
    "02": ("DEMO-TRAFFIC", "DEMO-TRAFFIC", "DEMO-STREETWORKS"),
    "03": ("DEMO-ROADS", "DEMO-ROADS", "DEMO-CLEAN"),
    "04": ("DEMO-PARKS", "DEMO-PARKS", "DEMO-GARDENERS"),
    "05": ("DEMO-ROADS", "DEMO-ROADS", "DEMO-STREETWORKS"),
}


def units_of_class(code: str) -> tuple[str, str, str]:
    """(authority, owner, maintainer) codes for a class: the longest prefix of `code` that is listed."""
    for length in range(len(code), 1, -1):
        if code[:length] in ASSET_UNITS:
            return ASSET_UNITS[code[:length]]
    return ASSET_UNITS["05"]


def _names() -> Iterator[str]:
    """Invented names, Chinese characters and Latin letters, none twice."""
    with _NAMES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    family = [row for row in rows if row["part"] == "family"]
    given = [row for row in rows if row["part"] == "given"]
    for number in range(len(family) * len(given)):
        first, last = given[(number // len(family) + number) % len(given)], family[number % len(family)]
        yield f"{last['zh']}{first['zh']} {first['latin']} {last['latin']}"


def community_unit(code: str, name: str, name_en: str) -> Unit:
    """The community's own organisation."""
    return Unit(f"DEMO-{code}", f"{name}居委会", f"{name_en} Office", ("community",), CENTRE)


def people(cells: list[str], communities: list[str], streets: list[str], district: str) -> Iterator[Person]:
    """Everyone of the demonstration city.

    Args:
        cells: codes of all cells, 15 digits.
        communities, streets: codes of 12 and 9 digits.
        district: code of 6 digits.
    """
    name = _names()
    yield Person("demo-admin", next(name), Role.ADMINISTRATOR, "", CENTRE)
    yield Person("demo-commander", next(name), Role.COMMANDER, district, CENTRE, (district,))
    yield Person("demo-operator", next(name), Role.OPERATOR, district, CENTRE)
    yield Person("demo-dispatcher", next(name), Role.DISPATCHER, district, CENTRE)
    yield Person("demo-inspector", next(name), Role.INSPECTOR, district, CENTRE)
    yield Person("demo-superintendent", next(name), Role.SUPERINTENDENT, district, CENTRE)
    yield Person("demo-analyst", next(name), Role.ANALYST, district, CENTRE)
    for number, unit in enumerate(
        ("DEMO-DRAIN", "DEMO-STREETWORKS", "DEMO-LIGHT", "DEMO-GARDENERS", "DEMO-CLEAN")
    ):
        yield Person(f"demo-handler-{number + 1}", next(name), Role.HANDLER, "", unit)
    for number, street in enumerate(streets):
        yield Person(f"demo-street-{number + 1}", next(name), Role.SUPERVISOR, street, CENTRE, (street,))
    for number, community in enumerate(communities):
        unit = f"DEMO-{community}"
        login = f"demo-community-{number + 1}"
        yield Person(login, next(name), Role.SUPERVISOR, community, unit, (community,), OFFICE)
        yield Person(f"demo-volunteer-{number + 1}", next(name), Role.VOLUNTEER, community, unit)
        own = [cell for cell in cells if cell.startswith(community)]
        for pair in range(0, len(own), 2):
            for letter, shift in (("a", DAY), ("b", EVENING)):
                login = f"demo-worker-{number + 1}{pair // 2 + 1}{letter}"
                answers_for = tuple(own[pair : pair + 2])
                yield Person(login, next(name), Role.GRID_WORKER, community, unit, answers_for, shift)
        login = f"demo-worker-{number + 1}n"
        yield Person(login, next(name), Role.GRID_WORKER, community, unit, tuple(own), NIGHT)
