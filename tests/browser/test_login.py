"""The door: strangers are led to it, demo people come in with one click, and it says what is wrong."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.served_city import ServedCity


def test_a_stranger_is_led_to_the_door_and_back_to_what_they_asked_for(
    page: Page, city: ServedCity, picture: Callable[[Page, str], Path]
):
    page.goto(f"{city.url}/?still&test#map=16/60.1700/24.9450")
    page.wait_for_url("**/login?next=*")
    expect(page.get_by_role("heading", name="Northport Demonstration District")).to_be_visible()
    picture(page, "login")

    page.locator("button[data-username=demo-operator]").click()

    page.wait_for_url(re.compile(r"/\?still&test#map=16/60\.17"), wait_until="commit")
    page.wait_for_selector("body[data-ready]", timeout=60_000)


def test_the_door_offers_every_role_of_the_demo(page: Page, city: ServedCity):
    page.goto(f"{city.url}/login")

    offered = page.get_by_role("region", name="Demo accounts, one click")
    for role in (
        "Grid worker",
        "Operator",
        "Dispatcher",
        "Handler",
        "Supervisor",
        "Commander",
        "Administrator",
    ):
        expect(offered.get_by_role("heading", name=role, exact=True)).to_be_visible()


def test_a_wrong_password_is_said_in_a_sentence(
    page: Page, city: ServedCity, picture: Callable[[Page, str], Path]
):
    page.goto(f"{city.url}/login")
    page.get_by_label("User name").fill("somebody")
    page.get_by_label("Password").fill("not the password")

    page.get_by_role("button", name="Sign in", exact=True).click()

    expect(page.get_by_role("alert")).to_have_text("User name or password is wrong.")
    expect(page.get_by_label("Password")).to_have_value("")
    picture(page, "login-wrong")


def test_the_door_speaks_chinese_and_english(
    page: Page, city: ServedCity, picture: Callable[[Page, str], Path]
):
    page.goto(f"{city.url}/login")

    page.get_by_role("button", name="中文").click()

    expect(page.get_by_role("heading", name="北港示范区")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    assert not re.search(r"[a-z]{4,}", page.locator("form").inner_text())
    picture(page, "login-zh")
    page.reload()
    expect(page.get_by_role("heading", name="北港示范区")).to_be_visible()


@pytest.mark.parametrize("path", ["/api/incidents", "/api/layers", "/tiles/cells/14/9326/4741.mvt"])
def test_a_stranger_gets_nothing_but_the_door(page: Page, city: ServedCity, path: str):
    assert page.request.get(city.url + path).status in (401, 403)
