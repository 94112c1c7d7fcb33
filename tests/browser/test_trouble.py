"""When things fail the page says so, keeps what it has, and comes back by itself."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.browser.map_page import PATIENCE_MS, Picture, settle
from tests.served_city import ServedCity, free_port

Visit = Callable[..., Page]


@pytest.fixture
def second_server(city: ServedCity) -> Iterator[ServedCity]:
    """Another server of the same city, to be stopped and started; the city's own goes on."""
    second = replace(city, port=free_port(), processes=[])
    yield second
    for process in second.processes:
        process.terminate()
        process.wait(20)


def test_a_server_that_is_gone_is_said_and_comes_back_by_itself(
    visit: Visit, second_server: ServedCity, picture: Picture
):
    server = second_server.serve()
    page = visit("demo-operator", at=second_server)
    expect(page.locator("[data-live=live]")).to_be_visible(timeout=PATIENCE_MS)
    shown = page.locator("#incident-list li").count()

    server.terminate()
    server.wait(30)

    expect(page.get_by_role("alert")).to_contain_text(
        re.compile("The server has not answered since"), timeout=PATIENCE_MS
    )
    assert page.locator("#incident-list li").count() == shown
    picture(page, "trouble-gone")
    second_server.serve()
    expect(page.locator("[data-live=live]")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text(re.compile("The server has not answered since"))).to_be_hidden()


def test_tiles_that_fail_are_said_the_lists_still_work_and_they_come_back(visit: Visit, picture: Picture):
    page = visit("demo-operator")
    settle(page)

    page.context.route("**/tiles/**/*.mvt*", lambda route: route.fulfill(status=500, body=""))
    page.evaluate("() => window.__map.jumpTo({ center: [24.9480, 60.1690], zoom: 17 })")

    expect(page.get_by_role("alert")).to_contain_text("Parts of the map did not load.")
    expect(page.get_by_role("searchbox", name="Find in the list")).to_be_enabled()
    picture(page, "trouble-tiles")

    page.context.unroute_all()
    # Asked for again after 4 s, 8 s, 16 s ... at most a minute: a busy machine has come far while it failed.
    expect(page.get_by_role("alert")).to_be_empty(timeout=70_000)
    settle(page)


def test_a_style_that_fails_at_first_is_tried_again(visit: Visit):
    failures = iter(["once"])

    def fail_once(page: Page) -> None:
        page.context.route(
            "**/tiles/style/**",
            lambda route: route.fulfill(status=503, body="") if next(failures, None) else route.continue_(),
        )

    page = visit("demo-operator", prepare=fail_once)

    settle(page)
    expect(page.get_by_role("alert")).to_be_empty()


def test_an_empty_list_says_why_it_is_empty(visit: Visit, picture: Picture):
    page = visit("demo-operator")

    page.get_by_role("searchbox", name="Find in the list").fill("nothing is called so")

    expect(page.locator("#incident-list")).to_have_text("Nothing matches.")
    picture(page, "list-empty")


def test_a_list_that_does_not_load_offers_to_try_again(visit: Visit):
    def refuse(page: Page) -> None:
        page.route("**/api/incidents?*", lambda route: route.abort(), times=1)

    page = visit("demo-operator", prepare=refuse)
    expect(page.get_by_text("The list of incidents did not load")).to_be_visible()

    page.get_by_role("button", name="Try again").click()

    expect(page.locator("#incident-list")).to_be_visible()


def test_a_session_that_ended_leads_to_the_door_and_back(visit: Visit):
    page = visit("demo-operator", "map=17/60.1700/24.9450")
    page.context.clear_cookies()

    page.reload()

    page.wait_for_url("**/login?next=*")
    page.locator("button[data-username=demo-operator]").click()
    page.wait_for_url(re.compile(r"#map=17/60\.17"), wait_until="commit")


def test_a_card_of_something_that_is_not_there_says_so(visit: Visit):
    page = visit("demo-operator", "pick=asset:9901010199999999")

    expect(page.get_by_text("This was not found; it may have been removed.")).to_be_visible()
