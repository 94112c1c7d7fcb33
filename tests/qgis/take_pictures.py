"""`python -m tests.qgis.take_pictures`: the pictures of docs/qgis.md, by doing what it says, no more."""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.chromium import CHROMIUM, FLAGS
from tests.browser.take_pictures import PICTURES, keep
from tests.qgis.analyst import USERNAME
from tests.qgis.desk import running_desk
from tests.served_city import Person, ServedCity, served_demo_city


def follow(city: ServedCity, folder: Path) -> list[Path]:
    """The steps of the page, in their order."""
    person = Person(city, USERNAME)
    made = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(
            base_url=city.url, viewport={"width": 900, "height": 820}, locale="en-GB", accept_downloads=True
        )
        context.add_cookies([{"name": n, "value": v, "url": city.url} for n, v in person.cookies.items()])
        page = context.new_page()
        page.goto("/qgis")
        page.get_by_role("button", name="Make the login").click()
        password = page.get_by_label("Password (shown this once)").input_value()
        made.append(keep(page.screenshot(), PICTURES / "qgis-login.png"))
        with page.expect_download() as download:
            page.get_by_role("link", name="GeoGrid project (.qgz)").click()
        project = folder / "geogrid.qgz"
        download.value.save_as(project)
        browser.close()
    try:
        with running_desk(password) as qgis:
            assert qgis.ask("open", path=str(project))["bad"] == []
            shot = folder / "project.png"
            qgis.ask("render", theme="Assets", path=str(shot), width=1000, height=640, denominator=4000)
            made.append(keep(shot.read_bytes(), PICTURES / "qgis-project.png"))
    finally:
        person.call("DELETE", "/api/gis/access")
    return made


def main() -> None:
    """Load a city and follow the page."""
    with served_demo_city(worker=False) as city, tempfile.TemporaryDirectory() as folder:
        for path in follow(city, Path(folder)):
            print(path)


if __name__ == "__main__":
    main()
