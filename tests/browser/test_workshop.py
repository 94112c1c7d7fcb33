"""The grid workshop: cells are drawn by mouse, touch and keyboard, and every step is kept by the server."""

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
import shapely
from playwright.sync_api import Browser, expect
from shapely import Polygon

from tests.browser.drawing import Drawing, Place
from tests.browser.map_page import PATIENCE_MS, Picture
from tests.conftest import connect
from tests.served_city import Person, ServedCity
from tests.workshop.test_odd_grounds import CORNERS, wiggly

# A corner inside the city where three or more borders meet, and the cells there.
JUNCTION = """bench => {
  const { coverage } = bench
  for (const [a] of coverage.edges()) {
    const cells = [...coverage.cellsAt(a)]
    const far = coverage.linksOf(a).every(b =>
      Math.hypot(...coverage.at(a).map((v, i) => v - coverage.at(b)[i])) > 20000)
    if (cells.length > 2 && !coverage.isOnRim(a) && far) return { node: a, at: coverage.at(a), cells }
  }
}"""
# A cell inside the city whose neighbour is of its own community.
NEIGHBOURS = """bench => {
  const { coverage } = bench
  for (const cell of coverage.cells.values()) {
    if (cell.rings.length > 1 || cell.rings[0].some(node => coverage.isOnRim(node))) continue
    for (const [i, a] of cell.rings[0].entries()) {
      const other = coverage.leftOf(cell.rings[0][(i + 1) % cell.rings[0].length], a)
      if (other && coverage.cell(other).community === cell.community) return [cell.key, other]
    }
  }
}"""
BOX = """(bench, key) => {
  const ring = bench.coverage.drawn(bench.coverage.cell(key))[0]
  const xs = ring.map(([x]) => x), ys = ring.map(([, y]) => y)
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]
}"""


@pytest.fixture(scope="module")
def drawing(browser: Browser, city: ServedCity) -> Iterator[Drawing]:
    """One page that the tests of this file share, on a draft of the administrator."""
    made = Drawing(browser, city, "demo-admin", has_touch=True)
    made.open()
    made.make_draft("The harbour")
    yield made
    made.close()


@pytest.fixture
def fresh(drawing: Drawing) -> Drawing:
    """The page with nothing picked, on the tool for corners."""
    drawing.press("Escape", "Escape", "v")
    return drawing


def on_server(drawing: Drawing) -> dict[str, Any]:
    """The cells of the draft as the server has them, by key."""
    draft = int(drawing.page.url.partition("#draft=")[2])
    drawing.person.connection.close()  # idle for longer than the server keeps it; the next call opens another
    status, said = drawing.person.call("GET", f"/api/workshop/drafts/{draft}/grid")
    assert status == 200
    return {cell["key"]: cell for cell in said["cells"]}


def same_as_server(drawing: Drawing) -> bool:
    """Whether page and server have the same bits."""
    drawing.saved()
    mine = drawing.tell(
        "({ coverage }) => [...coverage.cells.values()].map(cell => [cell.key, coverage.drawn(cell)])"
    )
    theirs = {key: cell["rings"] for key, cell in on_server(drawing).items()}
    return {key: _turned(rings) for key, rings in mine} == {key: _turned(r) for key, r in theirs.items()}


def _turned(rings: list[list[list[int]]]) -> list[str]:
    """Rings from their least corner on, so that only the outline counts."""
    found = []
    for ring in rings:
        start = ring.index(min(ring))
        found.append(json.dumps(ring[start:] + ring[:start]))
    return [found[0], *sorted(found[1:])]


def test_a_dragged_corner_takes_all_its_cells_along_and_is_saved(fresh: Drawing, picture: Picture):
    junction = fresh.tell(JUNCTION)
    x, y = junction["at"]
    fresh.pick(junction["cells"][0])
    fresh.go_near(junction["at"])

    fresh.drag((x, y), (x + 4000, y + 3000))

    assert fresh.tell("bench => bench.touched.length") == len(junction["cells"])
    expect(fresh.page.locator("[data-together]")).to_contain_text("change together")
    assert abs(fresh.tell("(bench, node) => bench.coverage.at(node)[0]", junction["node"]) - x - 4000) < 600
    assert same_as_server(fresh)
    picture(fresh.page, "workshop-corner")


def test_a_drag_over_the_neighbours_border_stops_before_it_and_says_why(fresh: Drawing, picture: Picture):
    junction = fresh.tell(JUNCTION)
    west, _, east, _ = fresh.tell(BOX, junction["cells"][0])
    x, y = junction["at"]
    fresh.pick(junction["cells"][0])
    fresh.go_near(junction["at"])

    fresh.look_at(*junction["cells"])
    fresh.drag((x, y), (x + 3 * (east - west), y))

    assert fresh.tell("bench => bench.refused.reason") in ("CROSSING", "TOO_NARROW", "COLLAPSED")
    expect(fresh.page.locator("[data-refused]")).not_to_be_empty()
    picture(fresh.page, "workshop-refused")
    assert same_as_server(fresh)
    fresh.press("Control+z")
    assert same_as_server(fresh)


def test_a_stroke_divides_a_cell_and_undo_and_redo_reach_the_server(fresh: Drawing, picture: Picture):
    key, _ = fresh.tell(NEIGHBOURS)
    west, _, east, _ = fresh.tell(BOX, key)
    before, outline = fresh.cells, fresh.outline(key)
    fresh.pick(key)
    middle = fresh.inside(key)[1]

    fresh.press("s")
    fresh.click((west - 2000, middle))
    fresh.click((east + 2000, middle + 500))
    picture(fresh.page, "workshop-stroke")
    fresh.press("Enter")

    assert fresh.cells > before
    assert same_as_server(fresh)
    fresh.press("Control+z")
    assert (fresh.cells, fresh.outline(key)) == (before, outline)
    assert same_as_server(fresh)
    fresh.press("Control+y")
    assert fresh.cells > before
    assert same_as_server(fresh)
    picture(fresh.page, "workshop-split")
    fresh.press("Control+z")


def test_cells_are_merged_and_handed_over_with_the_keyboard(fresh: Drawing):
    one, other = fresh.tell(NEIGHBOURS)
    before = fresh.cells

    def pick(key: str) -> None:
        x, y = fresh.inside(key)
        fresh.page.evaluate("([x, y]) => window.__map.jumpTo({ center: [x / 2 ** 27, y / 2 ** 27] })", [x, y])
        fresh.press(" ")

    fresh.press("m")
    pick(one)
    pick(other)
    fresh.press("Enter")

    assert fresh.cells == before - 1
    assert same_as_server(fresh)
    fresh.press("Control+z")
    fresh.press("Escape", "h")
    pick(other)
    elsewhere = fresh.tell(
        "(bench, key) => bench.communities.find(c => c.id !== bench.coverage.cell(key).community).id", other
    )
    fresh.page.get_by_label("Hand over to").select_option(str(elsewhere))
    fresh.page.get_by_role("button", name="Hand over", exact=True).last.click()
    fresh.saved()
    assert on_server(fresh)[other]["community_id"] == elsewhere
    fresh.press("Control+z")
    assert same_as_server(fresh)


def test_arrows_move_the_chosen_corner_by_a_metre(fresh: Drawing):
    junction = fresh.tell(JUNCTION)
    key = junction["cells"][0]
    fresh.pick(key)
    fresh.press(".")
    while fresh.tell("bench => bench.focused") != junction["node"]:
        fresh.press(".")
    _, y = fresh.tell("(bench, node) => bench.coverage.at(node)", junction["node"])

    fresh.press("ArrowDown", "Shift+ArrowDown")

    moved = fresh.tell("(bench, node) => bench.coverage.at(node)", junction["node"])[1] - y
    assert abs(moved / 2**27 * 111_400 + 11) < 0.1
    assert same_as_server(fresh)


def test_a_new_border_gives_the_chosen_side_to_the_neighbour(fresh: Drawing):
    key, _ = fresh.tell(NEIGHBOURS)
    west, _, east, _ = fresh.tell(BOX, key)
    before = fresh.cells
    fresh.pick(key)
    middle = fresh.inside(key)[1]
    fresh.press("n")
    fresh.click((west - 2000, middle))
    fresh.click((east + 2000, middle))
    fresh.page.get_by_role("button", name="Finish").click()

    fresh.page.get_by_role("button", name="Left", exact=True).click()

    assert fresh.cells == before
    assert same_as_server(fresh)
    fresh.press("Control+z")


def test_land_outside_the_city_needs_a_reason_and_becomes_a_cell(fresh: Drawing, picture: Picture):
    south, east, north = fresh.tell(
        """({ coverage }) => {
             const all = [...coverage.cells.values()].flatMap(cell => coverage.drawn(cell)[0])
             return [Math.min(...all.map(p => p[1])),
                     Math.max(...all.map(p => p[0])), Math.max(...all.map(p => p[1]))]
           }"""
    )
    before = fresh.cells
    fresh.page.get_by_role("button", name="Change the extent").click()
    fresh.page.get_by_label("Reason").fill("A new harbour basin")
    fresh.page.get_by_role("button", name="Change the extent").click()
    fresh.page.evaluate(
        "([x, y]) => window.__map.jumpTo({ center: [x / 2 ** 27, y / 2 ** 27], zoom: 15 })",
        [east, (south + north) // 2],
    )
    size = (north - south) // 8
    middle = (south + north) // 2

    fresh.press("d")
    for x, y in ((east - 3000, middle), (east + size, middle), (east + size, middle + size)):
        fresh.click((x, y))
    fresh.click((east - 3000, middle + size))
    fresh.press("Enter")

    assert fresh.cells == before + 1, fresh.tell("bench => bench.refused")
    assert same_as_server(fresh)
    picture(fresh.page, "workshop-new-cell")
    fresh.page.get_by_role("button", name="Stop").click()


def touch(drawing: Drawing, start: Place, end: Place) -> None:
    """One finger: down, along, up."""
    session = drawing.page.context.new_cdp_session(drawing.page)
    (x1, y1), (x2, y2) = drawing.pixel(start), drawing.pixel(end)

    def send(kind: str, points: list[dict[str, float]]) -> None:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", [{"x": x1, "y": y1}])
    for step in range(1, 6):
        send("touchMove", [{"x": x1 + (x2 - x1) * step / 5, "y": y1 + (y2 - y1) * step / 5}])
    drawing.page.evaluate("() => new Promise(requestAnimationFrame)")
    send("touchEnd", [])


def test_a_finger_drags_a_corner_too(fresh: Drawing):
    junction = fresh.tell(JUNCTION)
    x, y = junction["at"]
    fresh.look_at(junction["cells"][0])
    fresh.page.touchscreen.tap(*fresh.pixel(fresh.inside(junction["cells"][0])))
    fresh.page.wait_for_function("() => window.__bench.picked.length === 1", timeout=PATIENCE_MS)
    fresh.go_near(junction["at"])

    touch(fresh, (x, y), (x - 5000, y - 4000))

    assert fresh.tell("(bench, node) => bench.coverage.at(node)[0]", junction["node"]) < x - 2000
    assert same_as_server(fresh)


def test_it_fits_a_phone_and_a_wall(fresh: Drawing, picture: Picture):
    fresh.pick(fresh.tell(JUNCTION)["cells"][0])
    for name, width, height in (("phone", 390, 844), ("wall", 3840, 1080)):
        fresh.page.set_viewport_size({"width": width, "height": height})
        close = fresh.page.get_by_role("button", name="Close the draft")
        expect(close).to_be_in_viewport()
        assert fresh.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        picture(fresh.page, f"workshop-{name}")
    fresh.page.set_viewport_size({"width": 1280, "height": 720})


def test_two_supervisors_on_one_border_lose_nothing_silently(
    browser: Browser, city: ServedCity, fresh: Drawing, picture: Picture
):
    draft = int(fresh.page.url.partition("#draft=")[2])
    other = Drawing(browser, city, "demo-admin", locale="zh-CN", color_scheme="light")
    other.open(draft)
    junction = fresh.tell(JUNCTION)
    node, (x, y) = junction["node"], junction["at"]
    fresh.pick(junction["cells"][0])
    fresh.go_near(junction["at"])
    # What one of them saves arrives at the other.
    fresh.drag((x, y), (x + 3000, y + 1000))
    fresh.saved()
    here = fresh.tell("(bench, node) => bench.coverage.at(node)", node)
    told = "at => window.__bench.coverage.nodeAt(at) !== null"
    other.page.wait_for_function(told, arg=here, timeout=PATIENCE_MS)
    expect(other.page.locator("[data-others]")).to_be_visible()

    # Both move it at once: the feed is held back so that the second does not know of the first.
    other.page.route("**/feed*", lambda route: route.abort())
    other.pick(junction["cells"][0])
    other.go_near(here)
    fresh.drag((here[0], here[1]), (here[0] + 3000, here[1]))
    fresh.saved()
    other.drag((here[0], here[1]), (here[0], here[1] + 4000))

    dialog = other.page.get_by_role("alertdialog")
    expect(dialog).to_be_visible(timeout=PATIENCE_MS)
    picture(other.page, "workshop-conflict")
    first = fresh.tell("(bench, node) => bench.coverage.at(node)", node)
    dialog.get_by_role("button").first.click()
    expect(dialog).to_be_hidden()
    assert other.tell("(bench, at) => bench.coverage.nodeAt(at) !== null", first)
    assert same_as_server(other)
    other.close()


def test_an_edit_in_sql_under_an_open_draft_is_noticed(fresh: Drawing, city: ServedCity):
    connection = connect(city.database.superuser)
    with connection, connection.cursor() as cursor:
        cursor.execute("UPDATE cell SET name = name || '!' WHERE id = (SELECT min(id) FROM cell)")
    connection.close()

    expect(fresh.page.locator("[data-stale]")).to_be_visible(timeout=PATIENCE_MS)


def test_a_worker_is_told_that_the_workshop_is_not_theirs(city: ServedCity):
    person = Person(city, "demo-worker-11a")

    status, said = person.call("GET", "/api/workshop/grid")

    assert (status, said["code"]) == (403, "forbidden")


@pytest.fixture
def odd_ground(city: ServedCity) -> Iterator[dict[str, str]]:
    """East of the city: a ring with a cell inside, two cells with a border of 12,000 corners. Keys."""
    connection = connect(city.database.superuser)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT ceil(max(ST_XMax(geom)) * 1024) + 8, floor(min(ST_YMin(geom)) * 1024) FROM cell"
        )
        west, south = (math.floor(steps) for steps in cursor.fetchone())
        hole, border = [(6, 1), (7, 1), (7, 2), (6, 2)], wiggly(CORNERS)
        outlines = {
            "ring": Polygon([(5, 0), (8, 0), (8, 3), (5, 3)], [hole]),
            "inside": Polygon(hole),
            "left": Polygon([(6, 10), *border, (6, 14)]),
            "right": Polygon([(10, 14), *border[::-1], (10, 10)]),
        }
        cursor.execute("SELECT core.permit_extent_change('islands')")
        keys = {}
        for name, outline in outlines.items():
            shape = shapely.transform(outline, lambda c: (c - [5, 0] + [west, south]) / 1024)
            cursor.execute(
                "INSERT INTO cell (community_id, households, geom)"
                " SELECT min(community_id), 40, ST_SetSRID(%s::geometry, 4326) FROM cell RETURNING id",
                [shape.wkb_hex],
            )
            keys[name] = f"c{cursor.fetchone()[0]}"
    yield keys
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT core.permit_extent_change('no islands')")
        cursor.execute("DELETE FROM cell WHERE id = ANY (%s)", [[int(key[1:]) for key in keys.values()]])
    connection.close()


def test_a_hole_islands_and_a_long_border_are_edited_and_saved(
    fresh: Drawing, odd_ground: dict[str, str], picture: Picture
):
    fresh.page.get_by_role("button", name="Close the draft").click()
    fresh.page.wait_for_function("key => window.__bench.coverage.cells.has(key)", arg=odd_ground["left"])
    fresh.make_draft("Islands")
    ring, inside, left = (odd_ground[name] for name in ("ring", "inside", "left"))

    # A corner of the hole is dragged for both; then the cell inside is split right through.
    fresh.pick(inside)
    picture(fresh.page, "workshop-hole")
    corner = fresh.outline(inside)[0]
    fresh.go_near(corner)
    fresh.drag(corner, (corner[0] + 3000, corner[1] + 2000))
    assert sorted(fresh.tell("bench => bench.touched")) == sorted([ring, inside])
    west, south, east, north = fresh.tell(BOX, inside)
    fresh.look_at(inside)
    fresh.press("s")
    fresh.click((west - 3000, (south + north) // 2))
    fresh.click((east + 3000, (south + north) // 2))
    fresh.press("Enter")
    assert fresh.tell("bench => bench.refused") is None
    assert fresh.tell("(bench, key) => bench.coverage.cell(key).rings.length", ring) == 2
    # Of the long border one corner is moved by keys, another taken out.
    fresh.press("Escape", "Escape", "v")
    fresh.pick(left)
    middle = fresh.tell("(bench, key) => bench.coverage.cell(key).rings[0][6000]", left)
    fresh.tell("(bench, node) => bench.focus(node)", middle)
    fresh.press("ArrowLeft", ".", "Delete")

    assert len(fresh.outline(left)) == CORNERS + 2 - 1
    assert same_as_server(fresh)
    picture(fresh.page, "workshop-long-border")
    # The community of the islands has parts that do not touch.
    assert (
        fresh.tell(
            "(bench, keys) => new Set(keys.map(key => bench.coverage.cell(key).community)).size", [ring, left]
        )
        == 1
    )
