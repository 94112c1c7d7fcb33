"""The browser tests' city and browser: Debian's Chromium in front of a served demonstration city."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.served_city import ServedCity, served_demo_city

# Software WebGL, and nothing that would call home.
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
]
PICTURES = Path(__file__).resolve().parents[2] / "var" / "pictures"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": "/usr/bin/chromium", "args": FLAGS}


@pytest.fixture(scope="session")
def city() -> Iterator[ServedCity]:
    with served_demo_city() as served:
        yield served


@pytest.fixture
def picture() -> Callable[[Page, str], Path]:
    """Keep a screenshot to look at, under var/pictures."""

    def take(page: Page, name: str) -> Path:
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = PICTURES / f"{name}.png"
        page.screenshot(path=path)
        return path

    return take
