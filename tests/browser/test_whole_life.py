"""One life from report to evaluation, on the pages that its people use, at three levels."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.map_page import Picture, choose_class, click_at, settle
from tests.browser.places import Places
from tests.browser.test_desk import at_desk, loop_of, photo
from tests.served_city import ServedCity

__all__ = ["at_desk"]
CELL = "990101001001002"
COMMUNITY, STREET = CELL[:12], CELL[:9]
DAY_DISPATCHER, NEXT_DISPATCHER = "demo-community-1", "demo-community-2"
STREET_DISPATCHER, DISTRICT_DISPATCHER = "demo-street-1", "demo-dispatcher"
EVALUATED_WITHIN_MS = 100_000  # the clock looks once a minute


class DispatchersOfLevels:
    """Dispatchers of the community and of the street, for one test: the demo has one of the district."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._made: list[int] = []

    def appoint(self, username: str, unit: str) -> int:
        """The person dispatches in that part of the city and is on duty for it. Returns the duty's id."""
        [[user]] = self._places.rows("SELECT id FROM user_account WHERE username = %s", username)
        self._places.rows(
            "INSERT INTO membership (user_id, role, unit_prefix, valid_from)"
            " VALUES (%s, 'dispatcher', %s, now() - interval '1 day') RETURNING id",
            user, unit,
        )  # fmt: skip
        [[duty]] = self._places.rows(
            "INSERT INTO duty (user_id, role, valid_from, note)"
            " VALUES (%s, 'dispatcher', now() - interval '1 day', '') RETURNING id",
            user,
        )
        self._places.rows(
            "INSERT INTO duty_area (duty_id, unit_code) VALUES (%s, %s) RETURNING duty_id", duty, unit
        )
        self._made.append(duty)
        return int(duty)

    def shift_ends_now(self, duty: int) -> None:
        """The duty ends in this moment."""
        self._places.rows("UPDATE duty SET valid_to = now() WHERE id = %s RETURNING id", duty)

    def restore(self) -> None:
        for duty in self._made:
            self.shift_ends_now(duty)
        self._places.rows(
            "UPDATE membership SET valid_to = now()"
            " WHERE role = 'dispatcher' AND starts_with(unit_prefix, %s) RETURNING id",
            STREET,
        )


@pytest.fixture
def levels(places: Places) -> Iterator[DispatchersOfLevels]:
    made = DispatchersOfLevels(places)
    yield made
    made.restore()


def stage_is(page: Page, number: str, wanted: str) -> None:
    expect(page.locator(f"[data-case='{number}']")).to_have_attribute("data-stage", wanted)


def press(page: Page, move: str, **fields: Any) -> Locator:
    """Open the form of a move by its button and fill it; the button that confirms it."""
    page.locator(f"[data-move={move}]").click()
    form = page.locator(".moves form")
    expect(form).to_be_visible()
    for label, value in fields.items():
        field = form.get_by_label(label.replace("_", " "))
        if label.startswith("Photo"):
            field.set_input_files(value)
        elif label in ("Leading_unit", "Unit_you_suggest", "Filing_condition", "Closing_code"):
            field.select_option(value)
        else:
            field.fill(value)
    return form.get_by_role("button", name=re.compile("^(Confirm|Apply)$"))


def verifier_of(places: Places, number: str) -> str:
    [[username]] = places.rows(
        "SELECT u.username FROM verification v JOIN user_account u ON u.id = v.verifier_id"
        " JOIN incident i ON i.id = v.incident_id WHERE i.number = %s AND v.verdict = 'waiting'",
        number,
    )
    return str(username)


def holder_of(places: Places, number: str) -> str:
    [[username]] = places.rows(
        "SELECT u.username FROM incident i JOIN user_account u ON u.id = i.holder_id WHERE i.number = %s",
        number,
    )
    return str(username)


@pytest.mark.timeout(900)
def test_a_life_at_three_levels(
    at_desk: Callable[..., Page],
    visit: Callable[..., Page],
    city: ServedCity,
    places: Places,
    levels: DispatchersOfLevels,
    picture: Picture,
):
    morning = levels.appoint(DAY_DISPATCHER, COMMUNITY)
    levels.appoint(STREET_DISPATCHER, STREET)

    def case(username: str, **looks: str) -> Page:
        return at_desk(username, f"#queue=open&case={number}", **looks)

    # A volunteer reports on the map page what the community settles itself.
    place = places.cell(CELL).place
    mapped = visit("demo-volunteer-1", place.view(17))
    settle(mapped)
    mapped.get_by_role("button", name="Report", exact=True).click()
    reporting = mapped.get_by_role("region", name="Report a problem")
    click_at(mapped, place)
    expect(mapped.locator(".report-pin")).to_be_visible()
    choose_class(mapped, SELF_GOVERNED)
    reporting.get_by_label("Description").fill("Dancing music until midnight 广场舞")
    reporting.get_by_role("button", name="Send report").click()
    said = reporting.get_by_role("status")
    expect(said).to_contain_text(re.compile(r"Reported as \S+\d"))
    found = re.search(r"\d{8}-\d{6}", said.inner_text())
    assert found, said.inner_text()
    number = found[0]
    mapped.context.close()

    # The operator files it; it goes to the community's dispatcher.
    desk = case("demo-operator")
    press(desk, "file").click()
    stage_is(desk, number, "FILED")
    assert holder_of(places, number) == DAY_DISPATCHER
    desk.context.close()

    # Sent, and returned with a reason and a better unit. While one has it in work, another sees who.
    community = case(DAY_DISPATCHER)
    expect(community.locator("[data-claim=mine]")).to_be_visible()
    onlooker = case("demo-commander")
    expect(onlooker.locator("[data-claim=other]")).to_contain_text("In work by")
    expect(onlooker.locator(f"main [data-number='{number}'] [data-claimed]")).to_be_visible()
    picture(onlooker, "life-claimed")
    confirm = press(community, "dispatch", Leading_unit="DEMO-CLEAN")
    confirm.click()
    stage_is(community, number, "DISPATCHED")
    expect(onlooker.locator("[data-claim=other]")).to_be_hidden()
    onlooker.context.close()
    unit = case("demo-handler-5")
    press(unit, "return", Reason="Not ours: no waste here", Unit_you_suggest="DEMO-STREETWORKS")
    picture(unit, "life-return")
    unit.locator(".moves form").get_by_role("button", name="Confirm").click()
    stage_is(community, number, "FILED")
    unit.context.close()

    # The shift ends: the next dispatcher has it, and the case says so.
    levels.appoint(NEXT_DISPATCHER, COMMUNITY)
    levels.shift_ends_now(morning)
    expect(community.get_by_text("Shift change at the desk")).to_be_visible(timeout=40_000)
    assert holder_of(places, number) == NEXT_DISPATCHER
    community.context.close()

    # She whistles: units to a time and place. They sign in there.
    following = at_desk(NEXT_DISPATCHER, f"#queue=mine&case={number}")
    expect(following.locator(f"main [data-number='{number}']")).to_be_visible()
    soon = (datetime.now() + timedelta(days=1)).strftime("%Y-%m-%dT10:00")  # noqa: DTZ005 - a form's field
    confirm = press(
        following,
        "whistle",
        Leading_unit="DEMO-STREETWORKS",
        Time_to_meet=soon,
        Place_to_meet="At the fountain",
    )
    form = following.locator(".moves form")
    form.get_by_label("Co-handlers").select_option("DEMO-LIGHT")
    picture(following, "life-whistle")
    confirm.click()
    stage_is(following, number, "DISPATCHED")
    expect(following.get_by_text("At the fountain").first).to_be_visible()
    for username in ("demo-handler-2", "demo-handler-3"):
        summoned = case(username)
        press(summoned, "sign_in").click()
        expect(summoned.locator("[data-move=sign_in]")).to_have_count(0)
        summoned.context.close()

    # The community cannot settle it: passed up with a reason. A second click is refused kindly.
    press(following, "pass_up", Reason="Needs four units")
    second = case(NEXT_DISPATCHER)
    late = press(second, "pass_up", Reason="Needs four units")
    following.locator(".moves form").get_by_role("button", name="Confirm").click()
    stage_is(following, number, "FILED")
    late.click()
    expect(second.get_by_role("alert").filter(has_text="loaded anew")).to_be_visible()
    picture(second, "life-second-click")
    for page in (following, second):
        page.context.close()

    # The street sends four units together.
    street = case(STREET_DISPATCHER, theme="light")
    confirm = press(street, "dispatch", Leading_unit="DEMO-DRAIN")
    for other in ("DEMO-STREETWORKS", "DEMO-LIGHT", "DEMO-GARDENERS"):
        if street.locator(".moves form .chosen li").filter(has_text=NAMES[other]).count() == 0:
            street.locator(".moves form").get_by_label("Co-handlers").select_option(other)
    expect(street.locator(".moves form .chosen li")).to_have_count(3)
    picture(street, "life-joint")
    confirm.click()
    stage_is(street, number, "DISPATCHED")
    leading = case("demo-handler-1")
    press(leading, "accept").click()
    stage_is(leading, number, "HANDLING")
    for username in ("demo-handler-2", "demo-handler-3", "demo-handler-4"):
        helping = case(username)
        press(helping, "co_accept").click()
        expect(helping.locator("[data-move=co_hand_in]")).to_be_visible()
        press(helping, "co_hand_in", Result="Our part is done").click()
        expect(helping.locator("[data-move=co_hand_in]")).to_have_count(0)
        helping.context.close()
    press(leading, "arrive").click()
    expect(leading.locator("[data-move=arrive]")).to_be_visible()
    hand_in(leading, number)

    # Who was drawn finds it not done; done again, it passes.
    checking = case(verifier_of(places, number))
    press(checking, "fail_check", Photo_from_the_place=photo(), Reason="Still loud at ten")
    picture(checking, "life-failed-check")
    checking.locator(".moves form").get_by_role("button", name="Confirm").click()
    stage_is(checking, number, "HANDLING")
    checking.context.close()
    hand_in(leading, number)
    pass_check(case(verifier_of(places, number)), number)
    close(street, number)

    # Reopened by the street's supervisor, passed up: the district has it done in a second round.
    press(street, "reopen", Reason="The music is back")
    picture(street, "life-reopen")
    street.locator(".moves form").get_by_role("button", name="Confirm").click()
    stage_is(street, number, "FILED")
    expect(street.locator(".tags")).to_contain_text("2")
    press(street, "pass_up", Reason="The district's square").click()
    expect(street.locator(".tags")).to_contain_text("District")
    street.context.close()
    district = case(DISTRICT_DISPATCHER, language="en")
    press(district, "dispatch", Leading_unit="DEMO-STREETWORKS").click()
    stage_is(district, number, "DISPATCHED")
    leading.context.close()
    again = case("demo-handler-2")
    again.set_viewport_size({"width": 390, "height": 844})
    press(again, "accept").click()
    stage_is(again, number, "HANDLING")
    picture(again, "life-phone-handler")
    hand_in(again, number)
    again.context.close()
    pass_check(case(verifier_of(places, number)), number)
    close(district, number)

    # The reporter says how satisfied they are; the system evaluates.
    reporter = case("demo-volunteer-1")
    press(reporter, "rate")
    reporter.get_by_role("radio", name="4").check()
    reporter.locator(".moves form").get_by_role("button", name="Confirm").click()
    expect(reporter.locator(f"[data-case='{number}']")).to_have_attribute(
        "data-stage", "EVALUATED", timeout=EVALUATED_WITHIN_MS
    )
    reporter.locator("article").evaluate("element => element.parentElement.scrollTo(0, 10000)")
    picture(reporter, "life-evaluated")
    steps = loop_of(city.log_in("demo-commander"), number)["steps"]
    moves = [step["move"] for step in steps if step["move"] in TOLD]
    assert moves == [
        "report", "file", "dispatch", "return", "hand_over", "whistle", "sign_in", "sign_in", "pass_up",
        "dispatch", "accept", "co_accept", "co_hand_in", "co_accept", "co_hand_in", "co_accept", "co_hand_in",
        "arrive", "hand_in", "fail_check", "hand_in", "pass_check", "close", "reopen", "pass_up", "dispatch",
        "accept", "hand_in", "pass_check", "close", "rate", "evaluate",
    ]  # fmt: skip
    assert len({step["actor"] for step in steps if step["actor"] not in ("", "clock")}) >= 6
    assert {step["level"] for step in steps} == {"COMMUNITY", "STREET", "DISTRICT"}


SELF_GOVERNED = "square"
NAMES = {
    "DEMO-STREETWORKS": "Demo Street Works",
    "DEMO-LIGHT": "Demo Street Lighting",
    "DEMO-GARDENERS": "Demo Gardeners",
}
TOLD = frozenset(
    {
        "report",
        "file",
        "dispatch",
        "return",
        "hand_over",
        "whistle",
        "sign_in",
        "pass_up",
        "accept",
        "co_accept",
    }
    | {"co_hand_in", "arrive", "hand_in", "fail_check", "pass_check", "close", "reopen", "rate", "evaluate"}
)


def hand_in(page: Page, number: str) -> None:
    stage_is(page, number, "HANDLING")
    press(page, "hand_in", Result="Music turned down", Photo_from_after=photo()).click()
    stage_is(page, number, "HANDLED")


def pass_check(page: Page, number: str) -> None:
    confirm = press(page, "pass_check", Photo_from_the_place=photo())
    page.get_by_role("radio", name="5").check()
    confirm.click()
    stage_is(page, number, "VERIFIED")
    page.context.close()


def close(page: Page, number: str) -> None:
    stage_is(page, number, "VERIFIED")
    press(page, "close").click()
    stage_is(page, number, "CLOSED")
