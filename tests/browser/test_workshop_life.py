"""The life of a draft on the page: drawn by one, approved by another, published, overtaken, brought back."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.browser.drawing import Drawing
from tests.browser.map_page import PATIENCE_MS, Picture
from tests.conftest import connect
from tests.served_city import ServedCity

# Of the supervisor's street the busiest cell inside the city, and one far from it: [key, key].
OWN_CELLS = """(bench, street, busy) => {
  const { coverage } = bench
  const rank = ({ key }) => busy.indexOf(key)
  const around = cell => new Set(cell.rings[0].flatMap(node => [...coverage.cellsAt(node)]))
  const isOwn = key => coverage.cell(key).code.startsWith(street)
  const inner = [...coverage.cells.values()].filter(cell =>
    cell.rings.length === 1 && cell.code && !cell.rings[0].some(node => coverage.isOnRim(node)))
  const [own] = inner
    .filter(cell => cell.households > 1 && rank(cell) >= 0 && [...around(cell)].every(isOwn))
    .sort((p, q) => rank(p) - rank(q))
  const near = new Set([...around(own)].flatMap(key => [...around(coverage.cell(key))]))
  return [own.key, inner.find(cell => ![...around(cell)].some(key => near.has(key))).key]
}"""
SPLIT = """(bench, key) => {
  const ring = bench.coverage.drawn(bench.coverage.cell(key))[0]
  const xs = ring.map(([x]) => x), ys = ring.map(([, y]) => y)
  const middle = Math.round((Math.min(...ys) + Math.max(...ys)) / 2)
  bench.pick([key]); bench.choose('cut')
  bench.stroke = [[Math.min(...xs) - 2000, middle], [Math.max(...xs) + 2000, middle + 300]]
  bench.finish(); bench.choose('reshape')
  return bench.refused && bench.refused.reason
}"""
# One corner of a cell a little to the east, as by the arrow keys: [node, where it was].
NUDGE = """(bench, key, away) => {
  const { coverage } = bench
  bench.pick([key])
  const node = coverage.cell(key).rings[0].find(one => !coverage.isOnRim(one))
  const at = coverage.at(node)
  bench.focus(node)
  bench.nudge([away, 0])
  return [node, at]
}"""


@pytest.fixture(scope="module")
def pair(browser: Browser, city: ServedCity) -> Iterator[tuple[Drawing, Drawing]]:
    """Pages of a street's supervisor and of an administrator, which the tests of this file share."""
    drawer = Drawing(browser, city, "demo-street-1")
    chief = Drawing(browser, city, "demo-admin")
    for person in (drawer, chief):
        person.page.add_init_script(
            "if (location.protocol !== 'about:') localStorage.setItem('geogrid.language', 'en')"
        )
    drawer.open()
    chief.open()
    yield drawer, chief
    drawer.close()
    chief.close()


@pytest.fixture(scope="module")
def street(city: ServedCity) -> tuple[str, list[str]]:
    """The code of the supervisor's street, and keys of all cells with assets, most first."""
    prefix = _one(
        city,
        "SELECT unit_prefix FROM membership m JOIN user_account u ON u.id = m.user_id"
        " WHERE u.username = 'demo-street-1'",
    )
    busy = _one(
        city,
        "SELECT array_agg('c' || c.cell_id ORDER BY c.amount DESC)"
        " FROM (SELECT cell_id, count(*) AS amount FROM asset GROUP BY cell_id) AS c WHERE c.cell_id > 0",
    )
    return str(prefix), list(busy)


def _one(city: ServedCity, query: str, *given: Any) -> Any:
    connection = connect(city.database.superuser)
    with connection, connection.cursor() as cursor:
        cursor.execute(query, given)
        row = cursor.fetchone() if cursor.description else None
    connection.close()
    return row[0] if row else None


def in_force(person: Drawing) -> dict[str, Any]:
    person.person.connection.close()
    _, said = person.person.call("GET", "/api/workshop/grid")
    return {cell["key"]: cell for cell in said["cells"]}


def stage(page: Page, word: str) -> None:
    expect(page.locator("header .tag").first).to_have_text(word, timeout=PATIENCE_MS)


def step(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def hand_in_and_approve(drawer: Drawing, chief: Drawing, draft: int) -> None:
    """Both on their open pages: the one asks, the other says yes."""
    step(drawer.page, "Ask for review")
    stage(drawer.page, "in review")
    expect(drawer.page.get_by_role("button", name="Approve")).to_be_hidden()
    chief.page.evaluate("draft => { location.hash = `#draft=${draft}` }", draft)
    stage(chief.page, "in review")
    step(chief.page, "Approve")
    stage(chief.page, "approved")


def test_a_split_is_compared_reviewed_by_a_second_person_and_published(
    pair: tuple[Drawing, Drawing], street: tuple[str, list[str]], picture: Picture
):
    drawer, chief = pair
    before = in_force(chief)
    draft = drawer.make_draft("Two for the harbour")
    key, _ = drawer.tell(OWN_CELLS, *street)
    drawer.look_at(key)
    assert drawer.tell(SPLIT, key) is None
    drawer.saved()

    # What the split shared out is an estimate until somebody confirms it.
    estimate = drawer.page.locator("[data-estimated]").first
    expect(estimate).to_contain_text("Estimated at the split")
    told = drawer.tell("bench => bench.picked.map(key => bench.coverage.cell(key).households)")
    assert sum(told) == before[key]["households"]
    estimate.get_by_label("Households").fill("7")
    estimate.get_by_role("button", name="Confirm").click()
    drawer.saved()
    assert 7 in drawer.tell("bench => bench.picked.map(key => bench.coverage.cell(key).households)")

    step(drawer.page, "Compare")
    table = drawer.page.locator("[data-comparison]")
    expect(table).to_contain_text(before[key]["code"])
    expect(table).to_contain_text("New cell")
    table.locator("[data-by-class] summary").first.click()
    picture(drawer.page, "workshop-compare")
    hand_in_and_approve(drawer, chief, draft)
    chief.page.get_by_role("button", name="Publish").click()
    stage(chief.page, "published")

    after = in_force(chief)
    assert len(after) == len(before) + 1
    assert after[key]["rings"] != before[key]["rings"]
    picture(chief.page, "workshop-published")


def test_a_draft_is_rebased_after_another_publication_and_after_an_edit_in_sql(
    pair: tuple[Drawing, Drawing], city: ServedCity, street: tuple[str, list[str]], picture: Picture
):
    drawer, chief = pair
    drawer.page.get_by_role("button", name="Close the draft").click()
    mine = drawer.make_draft("My corner")
    key, far = drawer.tell(OWN_CELLS, *street)
    _, at = drawer.tell(NUDGE, key, 700)
    drawer.saved()
    # Another draft is published meanwhile, over other ground.
    chief.page.get_by_role("button", name="Close the draft").click()
    chief.page.wait_for_function("() => !location.hash", timeout=PATIENCE_MS)
    chief.page.get_by_role("button", name="Correct the grid in force directly").click()
    chief.page.wait_for_function("() => !window.__bench.isReadOnly", timeout=PATIENCE_MS)
    _, there = chief.tell(NUDGE, far, -600)
    chief.saved()
    moved = [there[0] - 600, there[1]]
    assert moved in in_force(chief)[far]["rings"][0]

    expect(drawer.page.locator("[data-stale]")).to_be_visible(timeout=PATIENCE_MS)
    behind = drawer.page.locator("[data-behind]")
    expect(behind).to_be_visible(timeout=PATIENCE_MS)
    picture(drawer.page, "workshop-behind")
    step(drawer.page, "Lay it over the grid in force")
    expect(behind).to_be_hidden(timeout=PATIENCE_MS)
    has = "(bench, at) => bench.coverage.nodeAt(at) !== null"
    drawer.page.wait_for_function(f"at => ({has})(window.__bench, at)", arg=moved, timeout=PATIENCE_MS)
    assert drawer.tell(has, [at[0] + 700, at[1]])

    # The same for an edit in QGIS or SQL.
    _one(city, "UPDATE cell SET name = name || ' (SQL)' WHERE id = %s", int(far[1:]))
    expect(behind).to_be_visible(timeout=PATIENCE_MS)
    step(drawer.page, "Lay it over the grid in force")
    expect(behind).to_be_hidden(timeout=PATIENCE_MS)
    drawer.page.wait_for_function(
        "key => window.__bench.coverage.cells.get(key)?.name.endsWith('(SQL)')", arg=far, timeout=PATIENCE_MS
    )
    assert drawer.tell(has, [at[0] + 700, at[1]])
    assert f"draft={mine}" in drawer.page.url


def test_a_draft_is_published_at_its_moment_and_the_page_tells(
    pair: tuple[Drawing, Drawing], city: ServedCity, picture: Picture
):
    drawer, chief = pair
    draft = int(drawer.page.url.partition("#draft=")[2])
    hand_in_and_approve(drawer, chief, draft)

    chief.page.get_by_label("In force from").fill("2030-05-01T06:00")
    chief.page.get_by_role("button", name="Publish").click()

    expect(chief.page.get_by_text("Will be published at")).to_be_visible(timeout=PATIENCE_MS)
    picture(chief.page, "workshop-at-a-moment")
    zone = _one(city, "SELECT zone FROM city")
    local = _one(city, "SELECT (publish_at AT TIME ZONE %s)::text FROM draft WHERE id = %s", zone, draft)
    assert local.startswith("2030-05-01 06:00")  # the city's time, not the browser's
    _one(city, "UPDATE draft SET publish_at = now() WHERE id = %s", draft)
    stage(chief.page, "published")


def test_an_earlier_edition_is_seen_over_todays_and_comes_back_by_one_click(
    pair: tuple[Drawing, Drawing], picture: Picture
):
    _, chief = pair
    page = chief.page
    page.get_by_role("button", name="Close the draft").click()
    page.wait_for_function("() => !location.hash && !window.__bench.saving.draft", timeout=PATIENCE_MS)
    chief.person.connection.close()  # idle for longer than the server keeps it
    _, editions = chief.person.call("GET", "/api/workshop/editions?automatic=true")
    first = next(e for e in editions if e["name"] == "Two for the harbour")
    _, then = chief.person.call("GET", f"/api/workshop/editions/{first['id']}/grid")
    past = page.locator("[data-past]")
    past.locator("> summary").click()
    past.get_by_label("Direct corrections").check()

    row = past.locator(f"[data-edition='{first['id']}']")
    row.get_by_role("button", name="On the map").click()

    expect(past.locator("[data-differences]")).to_contain_text("had another outline", timeout=PATIENCE_MS)
    assert int(past.locator("[data-differences]").get_attribute("data-differences") or 0) > 0
    picture(page, "workshop-past")
    past.get_by_label("Why it comes back").fill("The harbour stays as it was")
    past.get_by_role("button", name="Bring this grid back").click()
    expect(past.locator("[data-differences]")).to_be_hidden(timeout=PATIENCE_MS)
    now = in_force(chief)
    assert {k: c["rings"] for k, c in now.items()} == {c["key"]: c["rings"] for c in then["cells"]}

    statistics = past.locator("[data-statistics]")
    statistics.get_by_label("From").fill("2020-01-01")
    statistics.get_by_label("To (").fill("2040-01-01")
    statistics.get_by_role("button", name="Count").click()
    expect(statistics.locator("tfoot")).to_be_visible(timeout=PATIENCE_MS)
    was = statistics.locator("tfoot").text_content() or ""
    statistics.get_by_label("In which cells").select_option("is")
    statistics.get_by_role("button", name="Count").click()
    expect(statistics.locator("tfoot")).to_have_text(was)  # the same incidents, in other cells
    statistics.scroll_into_view_if_needed()
    picture(page, "workshop-statistics")


def test_steps_that_were_not_sent_survive_the_closing_of_the_page(
    pair: tuple[Drawing, Drawing], street: tuple[str, list[str]], picture: Picture
):
    drawer, _ = pair
    page = drawer.page
    page.get_by_role("button", name="Close the draft").click()
    draft = drawer.make_draft("Written in a lift")
    key, _ = drawer.tell(OWN_CELLS, *street)
    page.route("**/edits", lambda route: route.abort())
    _, at = drawer.tell(NUDGE, key, 500)
    expect(page.locator("[data-saving=waiting]")).to_be_visible(timeout=PATIENCE_MS)

    def accept(dialog: Dialog) -> None:
        dialog.accept()

    page.on("dialog", accept)
    drawer.open(draft)
    page.unroute("**/edits")

    dialog = page.locator("[data-unsent]")
    expect(dialog).to_contain_text("One step", timeout=PATIENCE_MS)
    picture(page, "workshop-unsent")
    dialog.get_by_role("button", name="Send them now").click()
    expect(dialog).to_be_hidden()
    moved = [at[0] + 500, at[1]]
    page.wait_for_function(
        "at => window.__bench.coverage.nodeAt(at) !== null", arg=moved, timeout=PATIENCE_MS
    )
    drawer.saved()
    drawer.person.connection.close()
    _, said = drawer.person.call("GET", f"/api/workshop/drafts/{draft}/grid")
    assert json.dumps(moved) in json.dumps(next(c for c in said["cells"] if c["key"] == key)["rings"])
    assert page.evaluate("() => Object.keys(localStorage).filter(n => n.includes('unsent')).length") == 0


def test_a_draft_that_is_not_there_is_told_and_the_list_stays(pair: tuple[Drawing, Drawing]):
    drawer, _ = pair
    page = drawer.page

    page.evaluate("() => { location.hash = '#draft=9999' }")

    expect(page.locator("[data-no-draft]")).to_contain_text("Draft 9999 does not exist")
    expect(page.locator("[data-draft]").first).to_be_visible()
    page.get_by_role("button", name="See the grid in force").click()
    page.wait_for_function("() => !location.hash", timeout=PATIENCE_MS)
    expect(page.locator("[data-no-draft]")).to_be_hidden()


def test_cells_are_called_in_the_readers_language(pair: tuple[Drawing, Drawing], city: ServedCity):
    drawer, _ = pair
    name, name_en, key = drawer.tell(
        """bench => {
             const cells = [...bench.coverage.cells.values()]
             const cell = cells.find(one => one.name && bench.nameOf(one) !== one.name)
             return cell ? [cell.name, bench.nameOf(cell), cell.key] : ['', '', '']
           }"""
    )
    known = _one(city, "SELECT name_en FROM cell WHERE name = %s AND id = %s", name, int(key[1:] or 0))

    assert known and name_en == known
