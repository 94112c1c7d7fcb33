"""The first run: once, from this machine or with the key, all or nothing."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from typer.testing import CliRunner

from geogrid.core.models import City
from geogrid.organisations.models import User
from geogrid.setup import commands, door
from geogrid.setup.checklist import checklist
from grid_units.duties.importing.templates import template
from grid_units.duties.models import Membership, has_administrator
from tests.duties.conftest import LONG_AGO, NOON

ELSEWHERE = {"REMOTE_ADDR": "203.0.113.7"}


def answers(**changes: Any) -> dict[str, Any]:
    city = {"name": "示例区", "name_en": "Sample", "county_code": "910101", "zone": "Asia/Shanghai"}
    chief = {"username": "chief", "display_name": "管理员", "password": "a-long-first-word"}
    return {
        "city": city | changes.pop("city", {}),
        "administrator": chief | changes.pop("administrator", {}),
        **changes,
    }


def set_up(visitor: Client, body: dict[str, Any], **extra: Any) -> Any:
    visitor.get("/api/setup", **extra)
    token = visitor.cookies["geogrid_csrf"].value
    return visitor.post("/api/setup", body, "application/json", headers={"X-CSRFToken": token}, **extra)


@pytest.fixture
def visitor(db: None) -> Client:
    return Client(enforce_csrf_checks=True)


def test_the_first_run_names_the_city_and_logs_its_administrator_in(visitor: Client):
    assert visitor.get("/api/setup").json() == {
        "needs_setup": True, "key_needed": False, "city": None, "checklist": []
    }  # fmt: skip

    done = set_up(visitor, answers())

    assert done.status_code == 201, done.content
    assert done.json()["needs_setup"] is False and done.json()["checklist"]
    me = visitor.get("/api/me").json()
    assert me["username"] == "chief" and "manage_city" in me["actions"]
    assert City.objects.get().code_segments == [6, 3, 3, 3]
    assert visitor.get("/api/welcome").json()["needs_setup"] is False
    assert len(visitor.get("/api/catalogue/assets").json()) == 102
    assert len(visitor.get("/api/catalogue/events").json()) == 101


def test_there_is_no_second_first_run(visitor: Client):
    set_up(visitor, answers())

    again = set_up(Client(enforce_csrf_checks=True), answers(administrator={"username": "other"}))

    assert again.status_code == 409
    assert User.objects.count() == 1


@pytest.mark.parametrize("loss", ["deactivated", "run out"])
def test_a_city_whose_administrator_is_gone_is_not_up_for_grabs(visitor: Client, loss: str):
    set_up(visitor, answers())
    if loss == "deactivated":
        User.objects.update(is_active=False)
    else:
        Membership.objects.update(valid_from=LONG_AGO, valid_to=NOON)

    again = set_up(Client(enforce_csrf_checks=True), answers(administrator={"username": "other"}))

    assert again.status_code == 409


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"city": {"zone": "Mars/Olympus"}}, "zone"),
        ({"city": {"county_code": "9101"}}, "county_code"),
        ({"city": {"county_code": "abc"}}, "county_code"),
        ({"city": {"name": ""}}, "name"),
        ({"city": {"code_segments": [6, 3, 3]}}, "code_segments"),
        ({"city": {"code_segments": [6, 4, 3, 3]}}, "code_segments"),
        ({"administrator": {"password": "short"}}, "password"),
        ({"administrator": {"password": "1234567890123"}}, "password"),
        ({"administrator": {"username": "a b"}}, "username"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_half_done(
    visitor: Client, changes: dict[str, Any], field: str
):
    answer = set_up(visitor, answers(**changes))

    assert answer.status_code == 422
    assert field in str(answer.json()["fields"])
    assert not has_administrator() and City.objects.count() == 0


def test_from_another_machine_the_key_is_needed(visitor: Client):
    without = set_up(visitor, answers(), **ELSEWHERE)
    wrong = set_up(visitor, answers(key="AAAAA-AAAAA"), **ELSEWHERE)
    right = set_up(visitor, answers(key=door.setup_key().lower()), **ELSEWHERE)

    assert [one.status_code for one in (without, wrong, right)] == [403, 403, 201]


def test_the_server_invites_until_somebody_runs_the_city(visitor: Client):
    assert door.setup_key() in door.invitation()

    set_up(visitor, answers())

    assert door.invitation() == ""


def test_files_of_the_first_run_come_in_whole_or_not_at_all(visitor: Client, tmp_path: Path):
    set_up(visitor, answers())
    table, broken = tmp_path / "organisations.csv", tmp_path / "broken.csv"
    table.write_text("code,name\nA,甲\n", "utf-8")
    broken.write_text("code,name\nB,乙\n,丙\n", "utf-8")

    good, bad = (upload(visitor, "organisations", path) for path in (table, broken))

    assert good.status_code == 200 and good.json()["added"] == 1
    assert bad.status_code == 422 and "row 3, code" in str(bad.json()["fields"])


def upload(visitor: Client, kind: str, path: Path) -> Any:
    token = visitor.cookies["geogrid_csrf"].value
    with path.open("rb") as file:
        return visitor.post("/api/setup/import", {"kind": kind, "file": file}, headers={"X-CSRFToken": token})


def test_templates_are_downloaded_by_whoever_is_logged_in(visitor: Client):
    assert visitor.get("/api/setup/templates/people.xlsx").status_code == 401
    set_up(visitor, answers())

    answer = visitor.get("/api/setup/templates/people.xlsx")

    assert answer.status_code == 200 and answer.content[:2] == template("people")[:2] == b"PK"
    assert visitor.get("/api/setup/templates/secrets.xlsx").status_code == 404


def test_the_checklist_says_what_is_missing(city: City, person: Any, duty: Any):
    duty(person("li", "grid_worker", "910101001001001"), "910101001001001")

    items = {item.key: item for item in checklist(NOON)}

    assert (items["grid"].done, items["grid"].count) == (True, 16)
    assert (items["cells_without_duty"].done, items["cells_without_duty"].count) == (False, 15)
    assert (items["hours_without_anybody"].done, items["hours_without_anybody"].count) == (False, 15)
    assert not items["administrator"].done and not items["assets"].done
    assert all(item.zh and item.en for item in items.values())


class TestCommand:
    """`geogrid init` without anybody at the terminal."""

    def run(self, *arguments: str, **environment: str) -> Any:
        import typer

        app = typer.Typer()
        app.command()(commands.init)
        app.command()(commands.templates)
        return CliRunner().invoke(app, list(arguments), env=environment)

    def init(self, *more: str, **environment: str) -> Any:
        named = ("--name", "示例区", "--county-code", "910101", "--zone", "Asia/Shanghai", "--admin", "chief")
        return self.run("init", *named, *more, **environment)

    def test_it_sets_up_with_a_password_from_the_environment(self, db: None):
        done = self.init(GEOGRID_ADMIN_PASSWORD="a-long-first-word")

        assert done.exit_code == 0, done.output
        assert User.objects.get().check_password("a-long-first-word")
        assert Membership.objects.in_force().administrators().count() == 1
        assert "网格：尚未导入" in done.output

    def test_without_a_password_it_prints_a_link(self, db: None):
        done = self.init()

        assert "/office/password/" in done.output
        assert not User.objects.get().has_usable_password()

    def test_again_it_imports_what_is_given_and_doubles_nothing(self, db: None, tmp_path: Path):
        table = tmp_path / "organisations.csv"
        table.write_text("code,name\nA,甲\n", "utf-8")
        self.init("--organisations", str(table))

        again = self.init("--organisations", str(table))

        assert again.exit_code == 0
        assert "0 added, 0 updated, 1 unchanged" in again.output

    def test_templates_are_written(self, tmp_path: Path):
        self.run("templates", str(tmp_path / "t"))

        names = sorted(path.name for path in (tmp_path / "t").iterdir())
        assert names == ["duties.xlsx", "organisations.xlsx", "people.xlsx"]
