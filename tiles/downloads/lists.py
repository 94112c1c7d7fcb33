"""Lists of other rooms as files: which there are stands in the settings, so that no room knows another."""

from typing import Final

from django.conf import settings
from django.utils.module_loading import import_string

from geogrid.core.errors import Invalid
from geogrid.core.rows import RowsMaker, RowsToWrite
from geogrid.organisations.models import User
from tiles.downloads.formats import Format, Writing
from tiles.downloads.models import Download
from tiles.downloads.orders import Order

MOST_IN_A_SHEET: Final = 1_000_000
TABLES: Final = frozenset({Format.CSV, Format.XLSX})
FORMATS: Final = TABLES | {Format.GEOJSON}


def is_list(layer: str) -> bool:
    """Whether this names a list, and no layer of the map."""
    return layer in settings.DOWNLOAD_LISTS


def rows_of(layer: str, user: User, query: dict[str, str], file_format: Format) -> RowsToWrite:
    """The rows of a list for one person, as they see it now.

    Raises:
        Invalid: for a format that a list is not written in, or a query that cannot be understood.
    """
    if file_format not in FORMATS:
        raise Invalid(
            "A list is had as CSV, XLSX or GeoJSON. 列表可存为 CSV、XLSX 或 GeoJSON。",
            {"format": ["csv, xlsx, geojson"]},
        )
    maker: RowsMaker = import_string(settings.DOWNLOAD_LISTS[layer])
    return maker(user, query, file_format in TABLES)


def order_of(download: Download, writing: Writing, target: str) -> Order:
    """What the writing process is told."""
    rows = rows_of(download.layer, download.asked_by, download.query, Format(download.format))
    return Order(
        sql=rows.sql,
        columns=rows.columns,
        geometry=rows.point,
        geometry_type="Point" if rows.point else None,
        layer=download.layer,
        driver=writing.driver,
        options={name: value for name, value in writing.options.items() if rows.point or name != "GEOMETRY"},
        target=target,
    )
