"""An empty database becomes a city: first-run page, grid, tables from the templates, checklist."""

import io
import re
import zipfile
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.map_page import PATIENCE_MS, Picture, settle
from tests.served_city import ServedCity

SHAPEFILES = Path(__file__).resolve().parents[2] / "data" / "shapefiles"
PASSWORD = "a-long-first-word"
FIRST_ROW = 4
TABLES: dict[str, list[dict[str, str]]] = {
    "organisations": [
        {"code": "CENTRE", "name": "运行中心", "kinds": "supervision_centre"},
        {"code": "LIGHT", "name": "路灯所", "kinds": "maintainer, handling_unit", "parent": "CENTRE"},
    ],
    "people": [
        {"username": "wang.jing", "name": "王静", "role": "operator", "organisation": "CENTRE"},
        {"username": "li.ming", "name": "李明", "role": "grid_worker", "area": "990101001001"},
    ],
    "duties": [{"username": "li.ming", "role": "grid_worker", "units": "990101001001001"}],
}


def zipped_grid() -> FilePayload:
    """The demo's grid as somebody would upload it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted(SHAPEFILES.glob("cells.*")):
            archive.write(path, path.name)
    return {"name": "cells.zip", "mimeType": "application/zip", "buffer": out.getvalue()}


def filled_in(page: Page, kind: str) -> FilePayload:
    """The template of a table, downloaded from the page and filled in."""
    with page.expect_download() as waiting:
        page.locator(f"a[href$='{kind}.xlsx']").click()
    book = load_workbook(io.BytesIO(waiting.value.path().read_bytes()))
    sheet = book.worksheets[0]
    columns = {sheet.cell(2, place).value: place for place in range(1, sheet.max_column + 1)}
    for number, row in enumerate(TABLES[kind]):
        for name, value in row.items():
            sheet.cell(FIRST_ROW + number, columns[name], value)
    out = io.BytesIO()
    book.save(out)
    mime = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return {"name": f"{kind}.xlsx", "mimeType": mime, "buffer": out.getvalue()}


def bring_in(page: Page, title: str, file: FilePayload, said: str) -> None:
    """Choose a file in its section, upload it, and wait for what is said."""
    section = page.locator("section").filter(has=page.get_by_role("heading", name=title, exact=True))
    section.get_by_label(title).set_input_files(file)
    section.get_by_role("button", name="Upload and import").click()
    expect(section.get_by_role("status")).to_contain_text(said, timeout=2 * PATIENCE_MS)


def test_from_an_empty_database_to_a_city_with_people_on_duty(
    page: Page, empty_city: ServedCity, picture: Picture
):
    page.goto(f"{empty_city.url}/login")
    page.wait_for_url("**/setup")
    picture(page, "setup-empty")
    for label, value in (
        ("Name (Chinese)", "北港区"),
        ("Name (English)", "Northport"),
        ("County code (6 digits)", "990101"),
        ("User name", "chief"),
        ("Password (10 characters or more)", PASSWORD),
        ("Password again", PASSWORD + "?"),
    ):
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Time zone").select_option("Europe/Helsinki")
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_role("alert")).to_contain_text("The two passwords differ.")
    page.get_by_label("Password again").fill(PASSWORD)
    page.get_by_role("button", name="Save and go on").click()
    checklist = page.locator("section").filter(has=page.get_by_role("heading", name="What is missing"))
    expect(checklist.get_by_role("listitem").filter(has_text="Grid: not imported yet")).to_be_visible()

    bring_in(page, "Grid file", zipped_grid(), "46 added")
    bring_in(page, "Organisations file", filled_in(page, "organisations"), "2 added")
    bring_in(page, "People file", filled_in(page, "people"), "added")
    bring_in(page, "Duties file", filled_in(page, "duties"), "1 added")

    for line in ("Grid: 46 cells", "Units that own, maintain and handle: 2", "Duties: 1"):
        expect(checklist.get_by_role("listitem").filter(has_text=line)).to_contain_text("done")
    expect(
        checklist.get_by_role("listitem").filter(has_text=re.compile("no duty names: 45"))
    ).to_contain_text("missing")
    picture(page, "setup-checklist")
    page.goto(f"{empty_city.url}/?still&test")
    page.wait_for_selector("body[data-ready]", timeout=2 * PATIENCE_MS)
    settle(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Northport")
    assert page.evaluate(
        "() => window.__map.queryRenderedFeatures().some(one => one.sourceLayer === 'cells')"
    )
    picture(page, "setup-map")


def test_a_file_that_cannot_be_taken_is_refused_in_words(
    page: Page, empty_city: ServedCity, picture: Picture
):
    page.goto(f"{empty_city.url}/setup")
    for label, value in (
        ("Name (Chinese)", "北港区"),
        ("County code (6 digits)", "990101"),
        ("User name", "chief"),
        ("Password (10 characters or more)", PASSWORD),
        ("Password again", PASSWORD),
    ):
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Save and go on").click()

    page.get_by_label("Grid file").set_input_files(
        {"name": "cells.zip", "mimeType": "application/zip", "buffer": b"PK not a zip"}
    )
    page.get_by_role("button", name="Upload and import").first.click()

    expect(page.get_by_role("alert")).to_contain_text("Not accepted:")
    picture(page, "setup-refused")
