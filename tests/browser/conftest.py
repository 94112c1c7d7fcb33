"""The browser tests' city and browser: Debian's Chromium in front of a served demonstration city."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from geogrid.embedded.testing import fresh_database
from tests.browser.chromium import CHROMIUM, FLAGS
from tests.browser.map_page import PATIENCE_MS, settle
from tests.browser.places import Places
from tests.browser.roster import Roster
from tests.browser.watching import open_map
from tests.conftest import connect
from tests.served_city import Person, ServedCity, free_port, served_demo_city

# Chromium draws WebGL in software, and the machine may be busy.
expect.set_options(timeout=PATIENCE_MS)
PICTURES = Path(__file__).resolve().parents[2] / "var" / "pictures"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(
    browser_context_args: dict[str, Any], request: pytest.FixtureRequest
) -> dict[str, Any]:
    """Pages of the `page` fixture: an English reader at a desk."""
    return {**browser_context_args, "viewport": {"width": 1280, "height": 720}, "locale": "en-GB"}


@pytest.fixture(scope="session")
def city() -> Iterator[ServedCity]:
    with served_demo_city() as served:
        yield served


@pytest.fixture
def empty_city() -> Iterator[ServedCity]:
    """A server in front of a migrated database that holds nothing."""
    with fresh_database() as database, tempfile.TemporaryDirectory(prefix="geogrid-empty-") as folder:
        environment = {
            **{name: value for name, value in os.environ.items() if name != "GEOGRID_DEMO"},
            **database.environment(),
            "DJANGO_SETTINGS_MODULE": "geogrid.settings",
            "GEOGRID_DB_ROLE": "app",
            "GEOGRID_VAR": folder,
            "GEOGRID_MEDIA": str(Path(folder) / "media"),
        }
        city = ServedCity(free_port(), database, environment)
        try:
            city.serve()
            yield city
        finally:
            for process in city.processes:
                process.terminate()
                process.wait(20)


@pytest.fixture
def picture() -> Callable[[Page, str], Path]:
    """Keep a screenshot to look at, under var/pictures."""

    def take(page: Page, name: str) -> Path:
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = PICTURES / f"{name}.png"
        page.screenshot(path=path, timeout=4 * PATIENCE_MS)
        return path

    return take


@pytest.fixture
def visit(browser: Browser, city: ServedCity) -> Iterator[Callable[..., Page]]:
    """Open the map page as a demo person, as `open_map` does. An exception in a page fails the test."""
    pages: list[Page] = []
    broken: list[str] = []

    def opened(username: str, view: str = "", **options: Any) -> Page:
        at: ServedCity = options.pop("at", city)
        prepare: Callable[[Page], object] | None = options.pop("prepare", None)

        def listen(page: Page) -> None:
            page.on("pageerror", lambda error: broken.append(f"{error.message}\n{error.stack}"))
            pages.append(page)
            if prepare:
                prepare(page)

        return open_map(browser, at, username, view, prepare=listen, **options)

    yield opened
    for page in pages:
        page.context.close()
    assert not broken, "\n".join(broken)


class Desks:
    """Map pages that stay open from test to test, as at a real desk: loading one is most of a short test."""

    def __init__(self, browser: Browser, city: ServedCity) -> None:
        self._browser, self._city = browser, city
        self._open: dict[str, tuple[Page, str]] = {}
        self.broken: list[str] = []

    def go(self, username: str, view: str = "") -> Page:
        """The page of a demo person at an address (the part after #), with nothing open but what that says.

        Without a view: the whole city, as the page was at first.
        """
        if username not in self._open:
            page = open_map(self._browser, self._city, username, prepare=self._listen)
            settle(page)
            self._open[username] = (page, page.url.partition("#")[2])
        page, whole_city = self._open[username]
        page.get_by_role("combobox", name="Search").fill("")
        page.evaluate(
            "address => { document.activeElement?.blur(); location.hash = address }", view or whole_city
        )
        settle(page)
        return page

    def close(self) -> None:
        for page, _ in self._open.values():
            page.context.close()

    def _listen(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.broken.append(f"{error.message}\n{error.stack}"))


@pytest.fixture(scope="module")  # an open page draws whatever changes: no longer than its tests
def desks(browser: Browser, city: ServedCity) -> Iterator[Desks]:
    opened = Desks(browser, city)
    yield opened
    opened.close()


@pytest.fixture
def desk(desks: Desks) -> Iterator[Callable[..., Page]]:
    """Go on at the page of a demo person, for tests that leave nothing behind but what the address says."""
    desks.broken.clear()
    yield desks.go
    assert not desks.broken, "\n".join(desks.broken)


@pytest.fixture
def operator(city: ServedCity) -> Person:
    """The demo operator at the API: somebody else than who looks at the page."""
    return city.log_in("demo-operator")


@pytest.fixture
def places(city: ServedCity) -> Iterator[Places]:
    connection = connect(city.database.superuser)
    yield Places(connection)
    connection.close()


@pytest.fixture
def roster(city: ServedCity) -> Iterator[Roster]:
    """The duty list, to be changed for one test."""
    connection = connect(city.database.superuser)
    connection.autocommit = True
    changed = Roster(connection)
    yield changed
    changed.restore()
    connection.close()
