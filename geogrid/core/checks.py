"""What would break silently later, said at the start."""

import os
from importlib.util import find_spec
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.db import connection


@register()
def driver_is_psycopg2(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Django silently prefers psycopg 3 when it can be imported; the project is fixed on psycopg2."""
    if find_spec("psycopg") is not None:
        return [
            Error(
                "psycopg (version 3) is importable.",
                hint="Uninstall psycopg; GeoGrid runs on psycopg2.",
                id="core.E001",
            )
        ]
    driver = getattr(connection, "Database", None)
    if connection.vendor == "postgresql" and getattr(driver, "__name__", "") != "psycopg2":
        return [Error(f"The database driver is {driver}, not psycopg2.", id="core.E002")]
    return []


@register()
def proj_is_the_wheels_own(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A foreign PROJ database makes rasterio's and pyproj's PROJ fail or, worse, shift."""
    named = [name for name in ("PROJ_LIB", "PROJ_DATA") if os.environ.get(name)]
    if named:
        return [Error(f"{' and '.join(named)} is set in the environment.", hint="Unset it.", id="core.E003")]
    return []
