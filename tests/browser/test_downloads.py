"""Pages without a map: an analyst downloads a layer by keyboard; a cell sheet that is not there says so."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.map_page import PATIENCE_MS, Picture
from tests.served_city import Person, ServedCity


@pytest.fixture(scope="module")
def page(browser: Browser, city: ServedCity) -> Iterator[Page]:
    context = browser.new_context(base_url=city.url, viewport={"width": 1280, "height": 800}, locale="en-GB")
    person = Person(city, "demo-analyst")
    context.add_cookies([{"name": n, "value": v, "url": city.url} for n, v in person.cookies.items()])
    context.add_init_script(
        "localStorage.getItem('geogrid.language') || localStorage.setItem('geogrid.language', 'en')"
    )
    opened = context.new_page()
    broken: list[str] = []
    opened.on("pageerror", lambda error: broken.append(error.message))
    yield opened
    context.close()
    assert not broken, "\n".join(broken)


def test_a_layer_of_one_street_is_downloaded_by_keyboard(page: Page, picture: Picture):
    page.goto("/downloads")
    layer = page.get_by_label("Layer")
    expect(layer.locator("option[value=building]")).to_be_attached(timeout=PATIENCE_MS)
    expect(page.locator("select[name=area]").locator("option").nth(1)).to_be_attached(timeout=PATIENCE_MS)
    layer.select_option("building")
    page.locator("select[name=area]").select_option(index=1)
    page.get_by_label("Format").select_option("csv")
    picture(page, "downloads")

    page.get_by_label("Format").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    ready = page.locator("[data-download=ready]")
    expect(ready).to_be_visible(timeout=PATIENCE_MS)
    with page.expect_download() as download:
        ready.get_by_role("link").press("Enter")
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert text.startswith("WKT,") and len(text.splitlines()) > 2
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", name="下载数据")).to_be_visible()
    picture(page, "downloads-phone")
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Remove the file").click()
    expect(page.locator("[data-download=cancelled]")).to_be_visible(timeout=PATIENCE_MS)


def test_what_cannot_be_asked_for_is_told_in_words(page: Page):
    page.get_by_label("Layer").select_option("incident")
    page.route(
        "**/api/downloads",
        lambda route: route.abort() if route.request.method == "POST" else route.continue_(),
    )
    page.get_by_role("button", name="Make the file").click()

    expect(page.get_by_role("alert")).to_contain_text("server", timeout=PATIENCE_MS)
    page.unroute("**/api/downloads")


def test_a_sheet_of_no_cell_says_so_and_finds_one(page: Page, picture: Picture):
    page.goto("/sheet#123")
    page.wait_for_selector("body[data-ready]", timeout=PATIENCE_MS)

    expect(page.get_by_role("alert").first).to_have_text("There is no cell 123.")
    page.get_by_label("Look for a cell").fill("9901")
    page.keyboard.press("Enter")
    link = page.locator(".found a").first
    expect(link).to_be_visible(timeout=PATIENCE_MS)
    picture(page, "sheet-not-found")
    link.click()
    expect(page.locator("article .code")).to_be_visible(timeout=PATIENCE_MS)
