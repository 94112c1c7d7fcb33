"""A made-up city with assets, buildings, streets, incidents and workers (town.sql)."""

from pathlib import Path
from typing import Any

from geogrid.core.sql import statement
from geogrid.organisations.models import User
from geogrid.organisations.roles import Role
from grid_units.duties.models import Membership
from tests.grid_units.made_up_city import COUNTY, fill, made_up_city


def fill_town(
    cursor: Any, *, columns: int, rows: int, assets: int, buildings: int, incidents: int, still_open: int
) -> None:
    """A city of columns x rows cells. The cursor is a superuser's; catalogues are there already."""
    cursor.execute("BEGIN")
    fill(cursor, made_up_city(columns, rows, block=5 if columns > 10 else 3))
    cursor.execute("COMMIT")
    things = {"assets": assets, "buildings": buildings, "incidents": incidents, "open": still_open}
    cursor.execute(statement(Path(__file__).parent, "town"), {"county": COUNTY, **things})


def supervisor(name: str) -> User:
    """A supervisor of the whole city."""
    user = User.objects.create_user(username=name, display_name=name.title())
    Membership.objects.create(user=user, role=Role.SUPERVISOR.value, unit_prefix=COUNTY)
    return user
