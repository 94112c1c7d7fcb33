"""The back office: who enters, what each finds there, and that a clerk can staff a cell."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from geogrid.changes.models import RowHistory
from geogrid.core.models import City
from geogrid.organisations.actions import first_login_path
from geogrid.organisations.models import Organisation, User
from geogrid.organisations.roles import Role
from grid_units.duties.models import Duty
from tests.duties.conftest import CELL, OTHER_STREET_CELL, STREET

Person = Callable[..., User]
MakeDuty = Callable[..., Duty]
OFFICE = sorted(admin.site._registry, key=lambda model: model._meta.label)


def log_in(user: User, language: str = "en") -> Client:
    client = Client(headers={"Accept-Language": language})
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def administrator(city: City, person: Person) -> Client:
    return log_in(person("chief", Role.ADMINISTRATOR))


@pytest.fixture
def supervisor(city: City, person: Person) -> Client:
    return log_in(person("wang", Role.SUPERVISOR, STREET))


def address(model: Any, page: str, *parts: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=parts)


@pytest.mark.parametrize("model", OFFICE, ids=lambda model: model._meta.label)
def test_every_list_opens_for_an_administrator(administrator: Client, model: Any):
    assert administrator.get(address(model, "changelist")).status_code == 200
    assert administrator.get(address(model, "add")).status_code in (200, 403)


@pytest.mark.parametrize("role", [Role.GRID_WORKER, Role.OPERATOR, Role.VOLUNTEER, Role.COMMANDER])
def test_roles_that_keep_nothing_stay_outside(city: City, person: Person, role: Role):
    client = log_in(person("somebody", role))

    assert client.get("/office/").status_code == 302
    assert client.get(address(Duty, "changelist")).status_code == 302


def test_the_stranger_is_asked_to_log_in(city: City):
    assert Client().get("/office/").status_code == 302


def test_the_office_speaks_chinese_and_english(city: City, person: Person):
    chief = person("chief", Role.ADMINISTRATOR)

    chinese, english = (log_in(chief, lang).get("/office/").content.decode() for lang in ("zh-Hans", "en"))

    assert "责任单位" in chinese and "值守" in chinese and city.name in chinese
    assert "Units and people" in english


def duty_form(user: User, *units: str) -> dict[str, Any]:
    empty = {"TOTAL_FORMS": "0", "INITIAL_FORMS": "0", "MIN_NUM_FORMS": "0", "MAX_NUM_FORMS": "1000"}
    form: dict[str, Any] = {"user": user.pk, "role": "grid_worker", "note": ""}
    form |= {"valid_from_0": "2026-01-01", "valid_from_1": "00:00:00", "valid_to_0": "", "valid_to_1": ""}
    for group, rows in (("areas", len(units)), ("shifts", 1), ("substitutions", 0)):
        form |= {f"{group}-{name}": value for name, value in {**empty, "TOTAL_FORMS": str(rows)}.items()}
    form |= {f"areas-{n}-unit_code": code for n, code in enumerate(units)}
    return form | {"shifts-0-weekday": "0", "shifts-0-starts": "08:00", "shifts-0-ends": "17:00"}


def test_a_supervisor_staffs_a_cell_in_the_office_and_history_names_them(supervisor: Client, person: Person):
    li = person("li")

    answer = supervisor.post(address(Duty, "add"), duty_form(li, CELL))

    assert answer.status_code == 302, answer.content.decode()[-3000:]
    made = Duty.objects.get()
    assert [area.unit_code for area in made.areas.all()] == [CELL]
    assert made.valid_from == datetime(2025, 12, 31, 22, tzinfo=UTC)  # midnight on the city's own clock
    assert supervisor.get(address(Duty, "change", made.pk)).status_code == 200
    supervisor.post(address(Duty, "delete", made.pk), {"post": "yes"})
    assert RowHistory.objects.get(table_name="duty").actor == "wang"


@pytest.mark.parametrize(
    ("units", "word"),
    [((OTHER_STREET_CELL,), "You do not staff"), (("910101009",), "no unit"), ((), "at least one|least one")],
)
def test_a_supervisor_staffs_nothing_else(
    supervisor: Client, person: Person, units: tuple[str, ...], word: str
):
    answer = supervisor.post(address(Duty, "add"), duty_form(person("li"), *units))

    assert answer.status_code == 200
    assert any(part in answer.content.decode() for part in word.split("|"))
    assert Duty.objects.count() == 0


def test_a_supervisor_sees_the_people_and_duties_of_their_own_street(
    supervisor: Client, person: Person, duty: MakeDuty
):
    near, far = person("near", Role.GRID_WORKER, CELL), person("far", Role.GRID_WORKER, OTHER_STREET_CELL)
    duty(near, CELL)
    elsewhere = duty(far, OTHER_STREET_CELL)

    people = supervisor.get(address(User, "changelist")).content.decode()
    duties = supervisor.get(address(Duty, "changelist")).content.decode()

    assert "near" in people and "far" not in people.replace("far fa", "")
    assert CELL in duties and OTHER_STREET_CELL not in duties
    assert supervisor.get(address(User, "change", near.pk)).status_code == 200
    assert supervisor.get(address(User, "change", far.pk)).status_code == 302
    assert supervisor.get(address(Duty, "change", elsewhere.pk)).status_code == 302
    assert supervisor.get(address(User, "add")).status_code == 403


def test_a_person_is_found_while_typing_their_name(supervisor: Client, person: Person):
    person("near", Role.GRID_WORKER, CELL)
    query = {"term": "nea", "app_label": "duties", "model_name": "duty", "field_name": "user"}

    found = supervisor.get("/office/autocomplete/", query).json()["results"]

    assert [one["text"] for one in found] == ["Near"]


def test_a_one_time_link_sets_the_first_password_and_is_then_worthless(city: City, person: Person):
    li = person("li", Role.GRID_WORKER, CELL)
    link, visitor = first_login_path(li), Client()

    form = visitor.get(link, follow=True)
    twice = {"new_password1": "a-long-first-word", "new_password2": "a-long-first-word"}
    done = visitor.post(form.request["PATH_INFO"], twice)

    assert done.status_code == 302 and done["Location"] == "/login"
    assert User.objects.get(pk=li.pk).check_password("a-long-first-word")
    assert RowHistory.objects.get(table_name="user_account").actor == "li"
    assert "too old" in Client().get(link, follow=True).content.decode()


def test_a_unit_gets_its_kinds_by_ticking(administrator: Client):
    form = {"code": "U1", "name": "路灯所", "kinds": ["maintainer", "owner"], "is_active": "on"}

    answer = administrator.post(address(Organisation, "add"), form)

    assert answer.status_code == 302
    assert Organisation.objects.get().kinds == ["maintainer", "owner"]
