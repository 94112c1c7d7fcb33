"""The pages of rules: who handles what, tried out on the map; the duty list and Excel; the calendar."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.map_page import Picture
from tests.browser.places import Places
from tests.browser.test_accessibility import findings, prepared
from tests.browser.test_desk import photo
from tests.duty_list.lists import rows_of, twenty_mistakes, workbook
from tests.served_city import Person, ServedCity

CELL = "990101001001001"
COMMUNITY = CELL[:12]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def at_page(browser: Browser, city: ServedCity) -> Iterator[Callable[..., Page]]:
    """A page as a demo person; an exception in a page fails the test."""
    pages: list[Page] = []
    broken: list[str] = []

    def opened(username: str, address: str, language: str = "en", theme: str = "dark") -> Page:
        context = browser.new_context(
            base_url=city.url, viewport={"width": 1440, "height": 900}, locale="en-GB"
        )
        person = Person(city, username)
        context.add_cookies([{"name": n, "value": v, "url": city.url} for n, v in person.cookies.items()])
        page = context.new_page()
        prepared(language, theme)(page)
        page.on("pageerror", lambda error: broken.append(f"{error.message}\n{error.stack}"))
        page.on("dialog", lambda dialog: dialog.accept())
        pages.append(page)
        page.goto(address)
        page.wait_for_selector("body[data-ready]", timeout=60_000)
        return page

    yield opened
    for page in pages:
        page.context.close()
    assert not broken, "\n".join(broken)


def click_on_map(page: Page, lng: float, lat: float) -> None:
    spot = page.evaluate("at => { const p = window.__map.project(at); return [p.x, p.y] }", [lng, lat])
    box = page.locator("canvas").bounding_box()
    assert box
    page.mouse.click(box["x"] + spot[0], box["y"] + spot[1])


def names(page: Page) -> list[str]:
    return [row.get_attribute("data-name") or "" for row in page.locator("li[data-name]").all()]


def test_rules_are_found_moved_changed_and_tried_out(
    at_page: Callable[..., Page], places: Places, picture: Picture
):
    page = at_page("demo-admin", "/rules?still&test")
    expect(page.locator("li[data-name]").nth(5)).to_be_visible()
    picture(page, "rules-table")
    assert findings(page) == []

    # Found by a word of a class that stands in no rule's name, in the other language.
    page.get_by_role("searchbox").fill("道路积水")
    expect(page.locator("li[data-name]")).to_have_count(3)
    first, second, *_ = names(page)
    page.locator("li[data-name]").nth(1).focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("li[data-name]").first).to_have_attribute("data-name", second)
    expect(page.get_by_role("status").filter(has_text="another priority")).to_be_visible()
    expect(page.locator(f"li[data-name='{second}']")).to_be_focused()
    # Back again, by the mouse.
    page.locator(f"li[data-name='{first}'] .grip").drag_to(page.locator(f"li[data-name='{second}']"))
    expect(page.locator("li[data-name]").first).to_have_attribute("data-name", first)

    # A rule of its own for one community at night.
    page.get_by_role("searchbox").fill("")
    page.get_by_role("button", name="New rule").click()
    form = page.get_by_role("form", name="New rule")
    form.get_by_label("Name of the rule").fill("Browser rule")
    form.get_by_label("Assets or events").select_option("event")
    form.get_by_label("Class code").fill("0506")
    form.get_by_label("Code of a unit").fill(COMMUNITY)
    form.get_by_label("Lead").select_option(label="Demo Fire Station *")
    form.get_by_label("Priority").fill("90")
    form.get_by_label("While unsolved").select_option(label="Demo Drainage Works")
    picture(page, "rules-form")
    form.get_by_role("button", name="Add", exact=True).click()
    made = page.locator("li[data-name='Browser rule']")
    expect(made).to_contain_text("Demo Drainage Works")
    expect(page.locator("li[data-name]").first).to_have_attribute("data-name", "Browser rule")

    # Which rule fires here, and why.
    page.get_by_role("tab", name="Try out").click()
    page.get_by_label("Class", exact=True).fill("0506")
    page.wait_for_selector("body[data-mapped]", timeout=60_000)
    place = places.cell(CELL).place
    click_on_map(page, place.lng, place.lat)
    answer = page.locator("[data-source]")
    expect(answer).to_have_attribute("data-source", "table")
    expect(answer).to_contain_text("Demo Fire Station leads")
    expect(answer).to_contain_text("fires")
    expect(answer).to_contain_text("fits, but comes later")
    picture(page, "rules-simulator")

    # It is ended; now another answers, and the editions tell.
    page.get_by_role("tab", name="Rules").click()
    made.get_by_role("button", name="Change").click()
    made.get_by_role("button", name="End").click()
    expect(made).to_have_count(0)
    page.get_by_role("tab", name="Editions").click()
    expect(page.get_by_text("Rules ended: Browser rule")).to_be_visible()
    page.get_by_role("tab", name="Check").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("Check again")
    picture(page, "rules-check")
    page.set_viewport_size({"width": 390, "height": 844})
    for tab in ("Rules", "Try out", "Check"):
        page.get_by_role("tab", name=tab).click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        picture(page, f"rules-phone-{tab.split()[0].lower()}")


def test_a_supervisor_draws_a_notice_and_the_desk_is_told(
    at_page: Callable[..., Page], places: Places, operator: Person, picture: Picture
):
    page = at_page("demo-street-1", "/rules?still&test#areas", language="zh", theme="light")
    page.wait_for_selector("body[data-mapped]", timeout=60_000)
    place = places.cell(CELL).place
    page.evaluate("at => window.__map.jumpTo({ center: at, zoom: 17.5 })", [place.lng, place.lat])
    page.get_by_role("button", name="画一个区域").click()
    for x, y in ((-2e-4, -1e-4), (2e-4, -1e-4), (2e-4, 1e-4), (-2e-4, 1e-4)):
        click_on_map(page, place.lng + x, place.lat + y)
    form = page.get_by_role("form", name="画一个区域")
    expect(form).to_contain_text("4 个角点")
    form.get_by_label("所在网格").select_option(COMMUNITY)
    form.get_by_label("名称", exact=True).fill("供水抢修")
    form.get_by_label("类别代码").fill("0501")
    form.get_by_label("告知内容", exact=True).fill("正在抢修，今晚恢复")
    picture(page, "rules-area-zh")
    form.get_by_role("button", name="保存区域").click()
    expect(page.locator("[data-area=notice]").filter(has_text="供水抢修")).to_be_visible()
    assert findings(page) == []

    report = {
        "lng": place.lng,
        "lat": place.lat,
        "description": "没水",
        "channel": "phone",
        "event_class": "0501",
    }
    status, receipt = operator.call("POST", "/api/incidents", report)
    assert status == 201
    assert [one["text_zh"] for one in receipt["told"]] == ["正在抢修，今晚恢复"]
    desk = at_page("demo-operator", f"/desk?still&test#queue=to_file&case={receipt['number']}", language="zh")
    expect(desk.locator("[data-told=notice]")).to_contain_text("正在抢修")
    desk.keyboard.press("f")
    expect(desk.get_by_role("textbox", name="理由")).to_be_focused()


def test_the_duty_list_is_searched_changed_and_imported(at_page: Callable[..., Page], picture: Picture):
    page = at_page("demo-admin", "/duty-list")
    page.get_by_role("searchbox").fill("manhole 缺失")
    expect(page.get_by_role("status").filter(has_text="203 classes")).to_have_count(0)
    row = page.locator("[data-class='asset 0101']")
    expect(row).to_be_visible()
    row.locator("summary").first.click()
    picture(page, "duty-list")
    assert findings(page) == []
    row.get_by_role("button", name="Change").first.click()
    form = page.get_by_role("form", name="Change")
    form.get_by_label("Limit").fill("soon")
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("soon")
    form.get_by_label("Limit").fill("3 hours")
    picture(page, "duty-list-form")
    form.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("3 hours")
    row.get_by_role("button", name="Versions").click()
    expect(row.locator(".versions")).to_contain_text("in force")
    expect(row.locator(".versions .over").first).to_be_visible()

    # A file with mistakes is looked at; the sound one becomes the next edition.
    rows = rows_of(40)
    planted = twenty_mistakes(rows)
    page.get_by_role("tab", name="Import Excel").click()
    chooser = page.get_by_label("Excel file")
    chooser.set_input_files(
        {"name": "list.xlsx", "mimeType": XLSX, "buffer": workbook(rows, planted=planted)}
    )
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("[data-preview=faulty]")).to_be_visible()
    expect(page.locator("[data-mistake]")).to_have_count(20)
    told = {cell.get_attribute("data-mistake") for cell in page.locator("[data-mistake]").all()}
    assert told == {one.cell for one in planted}
    expect(page.get_by_role("button", name="Let it take effect")).to_be_disabled()
    picture(page, "duty-list-import")
    chooser.set_input_files({"name": "list.xlsx", "mimeType": XLSX, "buffer": workbook(rows)})
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("[data-preview=sound] [data-count=new]")).to_have_text(str(len(rows)))
    page.get_by_role("button", name="Let it take effect").click()
    expect(page.locator("[data-import=done]")).to_contain_text("is in force")
    page.get_by_role("tab", name="Editions").click()
    expect(page.locator("[data-edition]").first).to_contain_text(f"{len(rows)} began")


def test_the_calendar_is_kept_by_the_year(at_page: Callable[..., Page], picture: Picture):
    page = at_page("demo-admin", "/duty-list#calendar")
    year = int(page.locator("[data-year]").get_attribute("data-year") or 0)
    expect(page.locator(f"[data-day='{year}-12-25']")).to_have_attribute("data-kind", "holiday")
    picture(page, "calendar")
    assert findings(page) == []
    page.locator(f"[data-day='{year}-03-05']").click()
    form = page.get_by_role("form", name=f"{year}-03-05")
    form.get_by_label("This day is").select_option("off")
    form.get_by_label("Name", exact=True).fill("城市日")
    form.get_by_role("button", name="Save").click()
    expect(page.locator(f"[data-day='{year}-03-05']")).to_have_attribute("data-kind", "holiday")
    form.get_by_label("This day is").select_option("week")
    form.get_by_role("button", name="Save").click()
    expect(page.locator(f"[data-day='{year}-03-05']")).not_to_have_attribute("data-kind", "holiday")

    # A year that nobody knows says so.
    for ahead in range(1, 10):
        page.get_by_role("button", name=f"{year + ahead} ›").click()
        expect(page.locator(f"[data-year='{year + ahead}']")).to_be_visible()
        if page.locator("[data-missing]").count():
            break
    expect(page.locator("[data-missing]")).to_contain_text("only weekends")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    picture(page, "calendar-phone")


def test_a_superintendent_draws_and_records_and_the_commander_reads(
    at_page: Callable[..., Page], picture: Picture
):
    page = at_page("demo-superintendent", "/spot-checks")
    page.get_by_text("A new draw").click()
    form = page.get_by_role("form", name="A new draw")
    form.get_by_label("Closed from").fill("2020-01-01")
    form.get_by_label("How many").fill("2")
    form.get_by_label("Seed").fill("03 11 17 22")
    form.get_by_role("button", name="Draw").click()
    expect(page.locator("[data-draw]")).to_contain_text("03 11 17 22")
    waiting = page.locator("[data-check][data-verdict='']")
    expect(waiting).to_have_count(2)
    number = waiting.first.get_attribute("data-check")
    check = page.locator(f"[data-check='{number}']")
    check.get_by_label("Result").select_option("not_solved")
    check.get_by_label("Photo of the place").set_input_files(photo())
    check.get_by_label("What was found").fill("Still broken")
    picture(page, "spot-checks")
    assert findings(page) == []
    check.get_by_role("button", name="Record").click()
    expect(check).to_have_attribute("data-verdict", "not_solved")
    expect(check.locator("img")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    picture(page, "spot-checks-phone")

    reading = at_page("demo-commander", "/spot-checks", language="zh", theme="light")
    expect(reading.locator(f"[data-check='{number}']")).to_contain_text("未解决")
    expect(reading.get_by_text("新的抽签")).to_have_count(0)
    told = at_page("demo-street-1", "/spot-checks")
    expect(told.get_by_role("alert")).to_contain_text("sees no spot checks")


def test_an_operator_gives_a_filed_case_another_class(
    at_page: Callable[..., Page], places: Places, operator: Person, picture: Picture
):
    place = places.cell(CELL).place
    said = {"description": "积水", "channel": "phone", "event_class": "0110"}
    status, receipt = operator.call("POST", "/api/incidents", {"lng": place.lng, "lat": place.lat} | said)
    assert status == 201, receipt
    number = receipt["number"]
    choices = operator.call("GET", f"/api/desk/incidents/{number}/choices")[1]
    filing = {"move": "file", "condition": choices["conditions"][0]["id"]}
    status, loop = operator.call("POST", f"/api/incidents/{number}/loop/moves", filing)
    assert status == 200, loop

    desk = at_page("demo-operator", f"/desk?still&test#queue=open&case={number}")
    expect(desk.locator(f"[data-case='{number}']")).to_have_attribute("data-stage", "FILED")
    desk.keyboard.press("4")
    form = desk.get_by_role("form", name="Change the class")
    form.get_by_label("Class", exact=True).fill("0506 Waterlogged road (event)")
    expect(form.get_by_label("Filing condition").locator("option").first).to_be_attached()
    form.get_by_role("textbox", name="Reason").fill("Water, no rubbish")
    picture(desk, "desk-reclassify")
    form.get_by_role("button", name="Confirm").click()
    expect(desk.get_by_role("heading", level=2)).to_contain_text("Waterlogged road")
    loop = operator.call("GET", f"/api/incidents/{number}/loop")[1]
    assert (loop["stage"], loop["filing"]["class_code"]) == ("FILED", "0506")
    assert loop["steps"][-1]["move"] == "reclassify"
    assert {clock["started_at"] for clock in loop["clocks"] if clock["span"] == "total"} == {
        loop["filing"]["filed_at"]
    }
