"""What an analyst changes in QGIS, seen on an open map and an open wall."""

import time
from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser.large_wall import Desk as WallDesk
from tests.browser.large_wall import let_in, screen
from tests.browser.map_page import settle
from tests.browser.places import Place
from tests.browser.watching import open_map
from tests.conftest import connect
from tests.qgis.desk import Desk
from tests.served_city import ServedCity

# Notes (ms since 1970) when a feature with this property is first drawn within some pixels of a place.
NOTE = """([name, value, lng, lat]) => {
  const map = window.__map
  const key = `${name}=${value}`
  window.arrived ??= {}
  const look = () => {
    if (window.arrived[key]) return
    const at = map.project([lng, lat])
    const box = [[at.x - 8, at.y - 8], [at.x + 8, at.y + 8]]
    if (map.queryRenderedFeatures(box).some(one => String(one.properties[name]) === value))
      window.arrived[key] = performance.timeOrigin + performance.now()
  }
  map.on('render', look)
}"""


def note(page: Page, name: str, value: str, place: Place) -> None:
    page.evaluate(NOTE, [name, value, *place])


def arrived_at(page: Page, name: str, value: str) -> float:
    """When it was drawn there, in seconds since 1970."""
    page.wait_for_function("key => window.arrived[key]", arg=f"{name}={value}", timeout=20_000)
    return float(page.evaluate("key => window.arrived[key]", f"{name}={value}")) / 1000


def things(city: ServedCity) -> tuple[Any, ...]:
    """An asset (id, code, place, where it goes) and an open incident (id, number, where it goes)."""
    connection = connect(city.database.superuser)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT a.id, a.code, ST_X(a.geom), ST_Y(a.geom), ST_X(p), ST_Y(p)
            FROM asset a
            JOIN asset_class k ON k.id = a.asset_class_id AND k.code LIKE '01%'
            JOIN cell c ON c.id <> a.cell_id AND ST_DWithin(c.geom, a.geom, 0.001)
            CROSS JOIN LATERAL ST_ClosestPoint(ST_Buffer(c.geom, -0.0001), a.geom) p
            WHERE ST_GeometryType(a.geom) = 'ST_Point' AND NOT ST_IsEmpty(p)
            ORDER BY ST_Distance(p, a.geom), a.id
            LIMIT 1
            """
        )
        asset = cursor.fetchone()
        cursor.execute(
            """
            SELECT i.id, i.number, ST_X(p), ST_Y(p)
            FROM incident i
            CROSS JOIN LATERAL (
                SELECT ST_PointOnSurface(geom) AS p FROM cell ORDER BY ST_Area(geom) DESC LIMIT 1
            ) c
            WHERE i.stage IN ('REPORTED', 'FILED', 'HANDLING') AND i.point IS NOT NULL
            ORDER BY i.id DESC
            LIMIT 1
            """
        )
        incident = cursor.fetchone()
    connection.close()
    return asset, incident


def seen_after_s(browser: Browser, city: ServedCity, qgis: Desk) -> tuple[float, float]:
    """Seconds from the save in QGIS, whose project is open, until the map and then the wall have drawn it.

    An asset is moved over a border before a map that is nearer than its tiles, an incident before the wall.
    """
    asset, incident = things(city)
    there = Place(asset[4], asset[5])
    map_page = open_map(browser, city, "demo-commander", there.view(17.5))
    settle(map_page)
    note(map_page, "code", asset[1], there)
    saved_at = save(qgis, "geogrid_asset_public_facility", asset[0], there)
    on_map_s = arrived_at(map_page, "code", asset[1]) - saved_at
    map_page.context.close()

    wall = screen(browser, city, 1280, 720)
    let_in(wall, WallDesk(city))
    settle(wall)
    place = Place(incident[2], incident[3])
    note(wall, "number", incident[1], place)
    saved_at = save(qgis, "geogrid_incident", incident[0], place)
    on_wall_s = arrived_at(wall, "number", incident[1]) - saved_at
    wall.context.close()
    return on_map_s, on_wall_s


def save(qgis: Desk, layer: str, fid: int, place: Place) -> float:
    """Move a feature there in QGIS and save; when it was saved, in seconds since 1970."""
    step = {"do": "redraw", "fid": fid, "wkt": f"Point ({place.lng} {place.lat})"}
    done = qgis.ask("edit", layer=layer, steps=[step])
    saved_at = time.time()
    assert done["saved"], done["errors"]
    return saved_at
