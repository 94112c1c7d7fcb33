"""What the database itself keeps for QGIS: the project in both languages, and a default style of each layer.

They are written anew by every `migrate`, and when an analyst fetches files while the city has another name or
reach than they say. Reading them needs no QGIS here, and nobody's password is in them.
"""

import json
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from geogrid.core.models import the_city
from tiles.gis.layers import GIS_LAYERS, GisLayer
from tiles.qgis.project import LANGUAGES, Place, packed, project, style_parts
from tiles.qgis.sources import Door
from tiles.qgis.xml import element, written

BY_SERVICE = Door()
_KEEP_PROJECT = """
INSERT INTO qgis.qgis_projects (name, metadata, content) VALUES (%(name)s, %(metadata)s, %(content)s)
ON CONFLICT (name) DO UPDATE SET metadata = excluded.metadata, content = excluded.content
WHERE qgis_projects.content <> excluded.content
"""
_KEEP_STYLE = """
INSERT INTO qgis.default_style (layer, language, has_geometry, qml)
VALUES (%(layer)s, %(language)s, %(has_geometry)s, %(qml)s::xml)
ON CONFLICT (layer, language) DO UPDATE
SET qml = excluded.qml, has_geometry = excluded.has_geometry, updated_at = now()
WHERE default_style.qml::text <> excluded.qml::text
"""


def the_place() -> Place:
    """The city of this database, as a project needs it."""
    city = the_city()
    with connection.cursor() as cursor:
        cursor.execute("SELECT core.city_bounds()")
        [bounds] = cursor.fetchone()
    return Place(
        name=city.name if city else "",
        name_en=city.name_en if city else "",
        bounds=tuple(bounds) if bounds else None,
        attribution=city.attribution if city else "",
    )


def project_name(language: str) -> str:
    """What a project is called in the list that QGIS shows."""
    return f"geogrid_{language}"


def style_document(layer: GisLayer, language: str) -> str:
    """A style file (.qml) of one layer. Drop-downs find their lists when the lists are layers too."""
    attributes, children = style_parts(layer, BY_SERVICE, language)
    return written(element("qgis", *children, version="3.22.0-Białowieża", **attributes))


@transaction.atomic
def keep_current() -> None:
    """Write projects and styles into the database where they differ from what code and city say."""
    place = the_place()
    now = datetime.now(UTC).replace(microsecond=0, tzinfo=None).isoformat()
    with connection.cursor() as cursor:
        for language in LANGUAGES:
            name = project_name(language)
            content = packed(project(BY_SERVICE, place, language), name)
            metadata = json.dumps({"last_modified_time": now, "last_modified_user": "geogrid"})
            cursor.execute(_KEEP_PROJECT, {"name": name, "metadata": metadata, "content": content})
            for layer in GIS_LAYERS.values():
                cursor.execute(
                    _KEEP_STYLE,
                    {
                        "layer": layer.id,
                        "language": language,
                        "has_geometry": layer.geometry is not None,
                        "qml": style_document(layer, language),
                    },
                )


def keep_after_migrate(**kwargs: Any) -> None:
    """Receiver of post_migrate, after the views were published: as the owner of the tables only."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT session_user = 'geogrid_owner' AND to_regclass('qgis.qgis_projects') IS NOT NULL"
        )
        [may_write] = cursor.fetchone()
    if may_write and kwargs.get("plan") is not None:
        keep_current()
