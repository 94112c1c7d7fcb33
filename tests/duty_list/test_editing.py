"""Conditions edited over HTTP: every change is an edition, and the history keeps what was."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from geogrid.organisations.models import Organisation, User
from grid_units.duties.models import Membership
from incidents.duty_list.models import FilingCondition
from incidents.models import EventClass
from tests.incidents.conftest import LONG_AGO, People

CONDITIONS = "/api/duty-list/conditions"


@pytest.fixture
def chief(city: People, api: Callable[[User], APIClient]) -> APIClient:
    user = User.objects.create(username="chief", display_name="Chief")
    Membership.objects.create(user=user, role="administrator", unit_prefix="", valid_from=LONG_AGO)
    return api(user)


@pytest.fixture
def noise(city: People) -> dict[str, str]:
    EventClass.objects.create(
        scheme="own", version="1", code="0189", name="噪音", name_en="Noise", origin="ours"
    )
    return {"kind": "event", "scheme": "own", "version": "1", "code": "0189"}


def said(**more: Any) -> dict[str, Any]:
    return {"text_zh": "夜间扰民", "closing_zh": "停止", "limit": "2小时", **more}


def test_a_condition_is_added_changed_and_ended_and_the_history_keeps_it(
    chief: APIClient, noise: dict[str, str]
):
    unit = Organisation.objects.create(code="W", name="水务所")
    made = chief.post(CONDITIONS, said() | noise).json()
    changed = chief.put(f"{CONDITIONS}/{made['id']}", said(limit="4工作时", handling_unit_id=unit.pk)).json()
    same = chief.put(f"{CONDITIONS}/{changed['id']}", said(limit="4工作时", handling_unit_id=unit.pk))
    by_table = chief.put(f"{CONDITIONS}/{changed['id']}", said(limit="4工作时")).json()
    late = chief.put(f"{CONDITIONS}/{made['id']}", said(limit="9小时"))
    ended = chief.delete(f"{CONDITIONS}/{by_table['id']}")

    assert (changed["limit"]["en"], changed["unit_rule"], changed["handling_unit"]) == (
        "4 working hours", "named", "水务所",
    )  # fmt: skip
    assert same.status_code == 422 and "Nothing differs" in same.json()["detail"]
    assert (by_table["unit_rule"], by_table["handling_unit_id"]) == ("by_table", None)
    assert (late.status_code, ended.status_code) == (409, 204)
    history = chief.get("/api/duty-list/history", noise).json()
    assert [one["limit"]["zh"] for one in history] == ["4工作时", "4工作时", "2小时"]
    assert all(one["edition_to"] for one in history)
    editions = chief.get("/api/duty-list/editions").json()
    assert [(one["began"], one["ended"]) for one in editions] == [(0, 1), (1, 1), (1, 1), (1, 0)]


def test_what_is_wrong_is_said_by_its_field(chief: APIClient, noise: dict[str, str]):
    chief.post(CONDITIONS, said() | noise)

    twice = chief.post(CONDITIONS, said() | noise)
    unread = chief.post(CONDITIONS, said(text_zh="x", limit="尽快") | noise)
    unknown = chief.post(CONDITIONS, said() | noise | {"code": "9999"})

    assert (twice.status_code, list(twice.json()["fields"])) == (422, ["text_zh"])
    assert (unread.status_code, list(unread.json()["fields"])) == (422, ["limit"])
    assert unknown.status_code == 404
    assert FilingCondition.objects.count() == 1


def test_others_read_the_list_and_do_not_change_it(
    api: Callable[[User], APIClient], city: People, noise: dict[str, str]
):
    client = api(city.oona)
    assert client.get("/api/duty-list/history", noise).status_code == 200
    assert client.post(CONDITIONS, said() | noise).status_code == 403
