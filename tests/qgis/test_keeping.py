"""What the database keeps for QGIS is brought up to date by the application, and only where it differs."""

from typing import Any

import pytest
from django.db import connection

from geogrid.core.models import City
from tiles.gis.layers import GIS_LAYERS
from tiles.qgis.keeping import keep_current


def rows(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


@pytest.mark.django_db
def test_the_project_says_what_the_city_is_called_today():
    City.objects.create(name="某市", county_code="910101", zone="UTC")
    before = rows("SELECT name, md5(content) FROM qgis.qgis_projects ORDER BY name")

    keep_current()
    now = rows("SELECT name, md5(content) FROM qgis.qgis_projects ORDER BY name")
    keep_current()

    assert [name for name, _ in now] == ["geogrid_en", "geogrid_zh"] and now != before
    assert rows("SELECT name, md5(content) FROM qgis.qgis_projects ORDER BY name") == now
    assert rows("SELECT count(*) FROM layer_styles WHERE useasdefault") == [(len(GIS_LAYERS),)]
