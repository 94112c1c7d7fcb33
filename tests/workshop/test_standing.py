"""What stands beside the grid: rules of the check, responsibility grids, incidents by cell."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from geogrid.organisations.models import User
from grid_units.duties.models import Duty, DutyArea
from grid_units.workshop.models import CheckRules
from tests.grid_units.conftest import PaperGrid
from tests.workshop.conftest import Supervisor


def test_the_rules_are_those_that_the_office_keeps(ann: Supervisor):
    CheckRules.objects.update(least_households=250)

    said = ann.get("rules")

    assert said["least_households"] == 250 and said["most_households"] == 500


@pytest.mark.parametrize("wrong", [{"most_households": 10}, {"least_street_share": 2}, {"least_width_m": -1}])
def test_rules_that_contradict_themselves_are_refused(db: None, wrong: dict[str, Any]):
    with pytest.raises(IntegrityError), transaction.atomic():
        CheckRules.objects.update(**wrong)


def test_responsibility_grids_are_told_by_their_cells_and_only_on_own_ground(
    paper: PaperGrid, ann: Supervisor, make_supervisor: Any
):
    codes = sorted(cell["code"] for cell in ann.cells().values())[:2]
    worker = User.objects.create_user(username="w", password=None)
    duty = Duty.objects.create(user=worker, role="grid_worker")
    DutyArea.objects.bulk_create([DutyArea(duty=duty, unit_code=code) for code in codes])
    elsewhere = make_supervisor("elsewhere", prefix=codes[0][:9] + "999")

    assert codes in ann.get("rules")["grids"]
    assert elsewhere.get("rules")["grids"] == []


def test_a_period_that_ends_before_it_begins_is_refused_in_words(ann: Supervisor):
    answer = ann.client.get("/api/workshop/statistics?since=2026-02-01T00:00:00Z&until=2026-01-01T00:00:00Z")

    assert answer.status_code == 422
    assert "must end after" in answer.json()["fields"]["until"][0]
