"""`python -m tests.browser.take_pictures`: the pictures of the documentation, from a demo city of its own."""

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.browser.chromium import CHROMIUM, FLAGS
from tests.browser.map_page import card, settle
from tests.browser.watching import open_map
from tests.served_city import ServedCity, served_demo_city

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
LAPTOP = {"width": 1440, "height": 900}
COLOURS = 256


def take_map(city: ServedCity) -> Path:
    """docs/pictures/map.png: the city in English, with an incident open, as the demo operator sees it."""
    operator = city.log_in("demo-operator")
    status, found = operator.call("GET", "/api/incidents?stage=HANDLING")
    assert status == 200 and found["results"], "the simulated history has not come so far yet"
    shown = found["results"][0]
    view = f"map=16.2/{shown['lat']:.6f}/{shown['lng']:.6f}&pick=incident:{shown['number']}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = open_map(browser, city, "demo-operator", view, viewport=LAPTOP)
        card(page, "Incident")
        settle(page)
        shot = page.screenshot()
        browser.close()
    return keep(shot, PICTURES / "map.png")


def keep(shot: bytes, path: Path) -> Path:
    """Write a screenshot with a palette: a third of the bytes, and the eye sees no difference."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.open(io.BytesIO(shot)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    picture.save(path, optimize=True)
    return path


def main() -> None:
    """Load a city, wait for its history, take the pictures."""
    with served_demo_city(worker=False) as city:
        print(take_map(city))


if __name__ == "__main__":
    main()
