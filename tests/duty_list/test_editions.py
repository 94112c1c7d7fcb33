"""The duty list by editions: the preset, packs, changes, imports; nothing of an older edition is lost."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction

from assets import catalogue
from assets.actions import load_catalogue
from assets.models import AssetClass
from geogrid.core.actor import System
from geogrid.core.errors import Conflict, Invalid, NotFound
from geogrid.organisations.models import Organisation
from incidents.actions import load_event_classes
from incidents.clocks.limits import Limit
from incidents.duty_list.actions import (
    add_condition,
    conditions_of,
    end_condition,
    install_pack,
    load_duty_list,
    newest_edition,
    remove_pack,
    replace_condition,
    said_by,
)
from incidents.duty_list.importing import Target, apply, preview
from incidents.duty_list.models import FilingCondition
from incidents.duty_list.presets import preset
from incidents.models import EventClass
from tests.duty_list.lists import Planted, address, rows_of, twenty_mistakes, workbook
from tests.incidents.conftest import People

ACTOR = System("tests")
AT = datetime(2026, 9, 1, 8, tzinfo=UTC)
OWN = Target(scheme="own", version="1")


@pytest.fixture
def listed(db: None) -> None:
    load_catalogue()
    load_event_classes()
    load_duty_list(actor=ACTOR, at=AT)


@pytest.fixture
def manhole(listed: None) -> AssetClass:
    return AssetClass.objects.get(code="0101")


def imported(rows: list[list[Any]], **said: Any) -> int | None:
    _, edition = apply(data=workbook(rows), target=OWN, actor=ACTOR, at=AT, **said)
    return edition.number if edition else None


def test_the_preset_has_a_condition_in_both_languages_for_every_class():
    found = preset()

    classes = [*catalogue.asset_classes(), *catalogue.event_classes()]
    assert len(found) == len(classes) == 203
    for key, conditions in found.items():
        assert conditions, key
        for one in conditions:
            assert one.text and one.text_en and one.closing and one.closing_en and one.standard, key
            assert "{" not in one.text + one.text_en
            assert one.origin == "default" or one.legal_basis, key
        assert len({one.text for one in conditions}) == len(conditions), key


def test_self_governed_conditions_leave_time_for_both_phases():
    for key, conditions in preset().items():
        for one in conditions:
            assert not one.is_self_governed or one.limit.span >= timedelta(days=7), key


def test_a_manhole_has_its_four_conditions_with_the_four_limits(manhole: AssetClass):
    assert [row.limit for row in conditions_of(manhole)] == [
        Limit.hours(2),
        Limit.working_hours(4),
        Limit.working_days(2),
        Limit.working_days(5),
    ]


def test_loading_the_preset_again_adds_nothing_and_keeps_what_the_city_ended(manhole: AssetClass):
    end_condition(condition=conditions_of(manhole)[0], actor=ACTOR, at=AT)

    assert load_duty_list(actor=ACTOR, at=AT) == 0
    assert conditions_of(manhole).count() == 3


def test_a_change_is_a_new_edition_and_the_old_one_still_says_what_it_said(manhole: AssetClass):
    old = conditions_of(manhole)[0]
    before = newest_edition()

    new = replace_condition(condition=old, by=replace(said_by(old), limit=Limit.hours(1)), actor=ACTOR, at=AT)

    assert newest_edition() == before + 1
    assert conditions_of(manhole)[0] == new
    assert FilingCondition.objects.of_edition(before).of_class(manhole).order_by("pk").first() == old
    with pytest.raises(Conflict):
        end_condition(condition=old, actor=ACTOR, at=AT)
    with pytest.raises(Invalid, match="Nothing differs"):
        replace_condition(condition=new, by=said_by(new), actor=ACTOR, at=AT)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE filing_condition SET amount = 9",
        "UPDATE filing_condition SET text = 'x', edition_to_id = edition_from_id",
        "DELETE FROM filing_condition",
        "DELETE FROM duty_list_edition",
        "UPDATE duty_list_edition SET note = 'x'",
    ],
)
def test_the_database_lets_nobody_change_a_condition(listed: None, statement: str):
    refused = pytest.raises(DatabaseError, match="stays as it is")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"amount": 0, "kind": "working_day"}, "positive_or_at_once"),
        ({"kind": "weeks"}, "kind_is_known"),
        ({"closing": ""}, "until_when"),
        ({"report_photos": ["selfie"]}, "photo_roles_are_known"),
        ({"unit_rule": "named"}, "names_its_unit"),
        ({"event_class_id": 1}, "of_one_class"),
        ({}, "stands_once"),
    ],
)
def test_what_makes_no_sense_is_refused(manhole: AssetClass, columns: dict[str, Any], constraint: str):
    row = conditions_of(manhole)[0]
    row.pk, row._state.adding = None, True
    for name, value in columns.items():
        setattr(row, name, value)

    with pytest.raises(DatabaseError, match=constraint), transaction.atomic():
        row.save(force_insert=True)


def test_a_pack_is_installed_removed_and_installed_again_and_its_history_stays(listed: None):
    assert install_pack(slug="gas-safety", actor=ACTOR, at=AT) == 3
    gas = EventClass.objects.get(name="违法储存液化气")
    first = conditions_of(gas)[0]
    with pytest.raises(Conflict, match="installed already"):
        install_pack(slug="gas-safety", actor=ACTOR, at=AT)

    assert first.limit.is_at_once
    assert remove_pack(slug="gas-safety", actor=ACTOR, at=AT) == 3
    assert not EventClass.objects.get(pk=gas.pk).is_active
    with pytest.raises(NotFound, match="not installed"):
        remove_pack(slug="gas-safety", actor=ACTOR, at=AT)
    install_pack(slug="gas-safety", actor=ACTOR, at=AT)

    assert EventClass.objects.get(pk=gas.pk).is_active
    assert conditions_of(gas).count() == 2
    assert FilingCondition.objects.filter(pk=first.pk).exists()


def test_an_import_makes_classes_and_conditions_and_again_it_changes_nothing(db: None):
    rows = rows_of(30)

    made = imported(rows)

    assert made == newest_edition()
    assert EventClass.objects.filter(scheme="own").count() == 30
    assert FilingCondition.objects.current().count() == 60
    assert imported(rows) is None
    assert preview(workbook(rows), OWN).plan.unchanged == 60


def test_a_preview_tells_exactly_what_is_new_changed_and_gone_and_writes_nothing(db: None):
    rows = rows_of(30)
    imported(rows)
    changed = [list(row) for row in rows]
    changed[0][8] = "7个工作日"
    changed[2][7] = "另有要求"
    changed.append(["20", "新大类", "01", "新类别", "", "", "情形", "完成", "1天"])
    del changed[10]

    seen = preview(workbook(changed), OWN)

    assert [one.columns for one in seen.plan.changed] == [("limit",), ("closing",)]
    assert [line.of_class.code for line in seen.plan.new] == ["2001"]
    assert [one.condition.text for one in seen.plan.gone] == [rows[10][6]]
    assert seen.plan.unchanged == 57
    assert FilingCondition.objects.current().count() == 60
    assert newest_edition() == seen.edition


def test_what_is_gone_stays_in_force_unless_it_is_said_and_never_leaves_the_table(db: None):
    rows = rows_of(4)
    imported(rows)

    assert imported(rows[:4]) is None
    assert FilingCondition.objects.current().count() == 8
    imported(rows[:4], end_gone=True)

    assert FilingCondition.objects.current().count() == 4
    assert FilingCondition.objects.count() == 8


def test_a_file_with_mistakes_is_taken_in_part_only_when_that_is_said(db: None):
    rows = rows_of(60)
    data = workbook(rows, planted=twenty_mistakes(rows))

    with pytest.raises(Invalid, match="20 cells are wrong") as refused:
        apply(data=data, target=OWN, actor=ACTOR, at=AT)
    seen, _ = apply(data=data, target=OWN, actor=ACTOR, at=AT, partial=True)

    assert len(refused.value.fields["file"]) == 20
    assert len(seen.plan.mistakes) == 20
    assert FilingCondition.objects.current().count() == 120 - 2 * 20


def test_a_list_that_changed_since_the_preview_is_not_overwritten(db: None):
    rows = rows_of(4)
    seen = preview(workbook(rows), OWN)
    imported(rows_of(2))

    with pytest.raises(Conflict, match="new preview"):
        imported(rows, expected=seen.edition)


def test_a_unit_of_that_name_is_taken_and_others_stay_as_text(db: None):
    bureau = Organisation.objects.create(code="cg", name="区城市管理局")
    rows = [["01", "大类", f"0{number}", f"类{number}", unit, "", "情形", "完成", "1天"]
            for number, unit in ((1, "区城市管理局"), (2, "别的单位"))]  # fmt: skip

    imported(rows)

    named, other = FilingCondition.objects.order_by("event_class__code")
    assert (named.unit_rule, named.handling_unit) == ("named", bureau)
    assert (other.unit_rule, other.handling_unit_text) == ("by_table", "别的单位")
    assert preview(workbook(rows), OWN).unknown_units == ["别的单位"]


@pytest.mark.parametrize(
    ("words", "code"),
    [("积水", "0506"), ("nothing of the kind", ""), ("井盖 缺失", "0101"), ("manhole missing", "0101")],
)
def test_the_list_is_searched_in_both_languages(city: People, api: Callable[..., Any], listed, words, code):
    said = api(city.stranger).get("/api/duty-list", {"q": words}).json()

    codes = {one["code"] for one in said["results"]}
    assert (code in codes) if code else not codes
    assert said["edition"] == newest_edition()


def test_the_whole_list_comes_in_pages_and_older_editions_can_be_read(
    city: People, api: Callable[..., Any], manhole: AssetClass
):
    client = api(city.stranger)
    before = newest_edition()
    end_condition(condition=conditions_of(manhole)[0], actor=ACTOR, at=AT)

    whole = client.get("/api/duty-list", {"page": 5}).json()
    now = client.get("/api/duty-list", {"kind": "asset", "code": "0101"}).json()["results"][0]
    then = client.get("/api/duty-list", {"kind": "asset", "code": "0101", "edition": before}).json()

    assert (whole["count"], whole["pages"], len(whole["results"])) == (203, 5, 3)
    assert len(now["conditions"]) == 3
    assert len(then["results"][0]["conditions"]) == 4
    assert then["results"][0]["conditions"][0]["limit"] == {
        "amount": "2",
        "kind": "continuous_hour",
        "zh": "2小时",
        "en": "2 hours",
    }


def test_a_file_is_looked_at_and_applied_over_http(city: People, api: Callable[..., Any]):
    rows = rows_of(4)

    def send(user: Any, data: bytes, **said: Any) -> Any:
        file = SimpleUploadedFile("list.xlsx", data)
        return api(user).post(
            "/api/duty-list/imports", {"file": file, "scheme": "own", **said}, format="multipart"
        )

    seen = send(city.eve, workbook(rows)).json()
    applied = send(city.eve, workbook(rows), apply=True, edition=seen["edition"]).json()
    wrong_cell = Planted(address(rows, 3, "处置时限"), "尽快")
    wrong = send(city.eve, workbook(rows, planted=[wrong_cell])).json()
    refused = send(city.eve, workbook(rows, planted=[wrong_cell]), apply=True)

    assert (len(seen["new"]), len(seen["new_classes"]), seen["applied"]) == (8, 4, None)
    assert applied["applied"] == newest_edition()
    assert [(one["sheet"], one["cell"]) for one in wrong["mistakes"]] == [("事件", wrong_cell.cell)]
    assert wrong["held"] and not wrong["gone"]
    assert refused.status_code == 422 and wrong_cell.cell in refused.json()["fields"]["file"][0]
    assert send(city.eve, b"no workbook").status_code == 422
    assert send(city.oona, workbook(rows)).status_code == 403


def test_a_clerk_changes_a_condition_in_the_office(city: People, client: Any, manhole: AssetClass):
    client.force_login(city.eve)
    old = conditions_of(manhole)[0]
    address_of_form = f"/office/duty_list/filingcondition/{old.pk}/change/"
    form = {
        "text": old.text, "closing": old.closing, "text_en": old.text_en, "closing_en": old.closing_en,
        "legal_basis": old.legal_basis, "legal_basis_en": old.legal_basis_en, "standard": old.standard,
        "standard_en": old.standard_en, "report_photos": old.report_photos, "limit": "1小时",
        "result_photos": old.result_photos,
    }  # fmt: skip

    shown = client.get(address_of_form)
    wrong = client.post(address_of_form, {**form, "limit": "soon"})
    right = client.post(address_of_form, form)

    assert shown.status_code == 200
    assert wrong.status_code == 200 and "cannot be read" in wrong.content.decode()
    assert right.status_code == 302
    assert conditions_of(manhole)[0].limit == Limit.hours(1)
    assert conditions_of(manhole)[0].origin == "city"
    assert FilingCondition.objects.get(pk=old.pk).limit == Limit.hours(2)


def test_a_class_gets_another_condition(manhole: AssetClass):
    said = replace(said_by(conditions_of(manhole)[0]), text="井盖被盗")

    added = add_condition(one=manhole, said=said, actor=ACTOR, at=AT)

    assert list(conditions_of(manhole))[-1] == added
    assert added.place_in_class == 5
