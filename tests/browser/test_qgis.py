"""The analyst: from the page "Connect QGIS" to a change in QGIS that an open map and an open wall show."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.map_page import Picture
from tests.qgis.analyst import USERNAME
from tests.qgis.desk import running_desk
from tests.qgis.seen_live import seen_after_s
from tests.served_city import Person, ServedCity


@pytest.fixture
def analyst_page(browser: Browser, city: ServedCity) -> Any:
    context = browser.new_context(
        base_url=city.url, viewport={"width": 1280, "height": 800}, locale="en-GB", accept_downloads=True
    )
    person = Person(city, USERNAME)
    context.add_cookies([{"name": n, "value": v, "url": city.url} for n, v in person.cookies.items()])
    # The account may have been told another language by another test.
    context.add_init_script("localStorage.setItem('geogrid.language', 'en')")
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(error.message))
    page.on("dialog", lambda dialog: dialog.accept())
    yield page
    person.connection.close()  # idle for longer than the server keeps it; the next call opens another
    person.call("DELETE", "/api/gis/access")
    context.close()
    assert not broken, "\n".join(broken)


def test_from_the_page_to_qgis_to_map_and_wall(
    browser: Browser, city: ServedCity, analyst_page: Page, tmp_path: Path, picture: Picture
):
    page = analyst_page
    page.goto("/qgis")
    expect(page.get_by_role("heading", name="Connect QGIS")).to_be_visible()
    page.get_by_role("button", name="Make the login").click()
    secret = page.get_by_label("Password (shown this once)")
    expect(secret).to_be_visible()
    password = secret.input_value()
    picture(page, "connect-qgis-desk")
    with page.expect_download() as download:
        page.get_by_role("link", name="GeoGrid project (.qgz)").click()
    project = tmp_path / "geogrid.qgz"
    download.value.save_as(project)
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_text("Other ways to connect").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    picture(page, "connect-qgis-phone")
    page.reload()
    expect(page.get_by_role("button", name="New password")).to_be_visible()
    assert password not in page.content()

    with running_desk(password) as qgis:
        opened = qgis.ask("open", path=str(project))
        assert opened["bad"] == [] and opened["asked"] == 1, opened["log"]

        seen_after_s(browser, city, qgis)
