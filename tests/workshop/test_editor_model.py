"""The browser's model and the database agree bit for bit (a small D1), also on odd grounds."""

from pathlib import Path

import pytest
from django.db import connection

from geogrid.organisations.models import User
from geogrid.organisations.roles import Role
from grid_units.duties.models import Membership
from tests.grid_units.editor_model import EditorModel, bundle
from tests.grid_units.made_up_city import fill, made_up_city
from tests.grid_units.side_by_side import SideBySide


def administrator(name: str) -> User:
    user = User.objects.create_user(username=name, password=None)
    Membership.objects.create(user=user, role=Role.ADMINISTRATOR, unit_prefix="")
    return user


@pytest.mark.parametrize("seed", [11, 12])
def test_random_edits_leave_the_same_bits_in_the_model_and_in_the_database(
    db: None, tmp_path: Path, seed: int
):
    with connection.cursor() as cursor:
        fill(cursor, made_up_city(4, 3, block=2))
    model = EditorModel(bundle(tmp_path))
    pair = SideBySide(model, administrator("author"), administrator("reviewer"), seed)

    for _ in range(40):
        pair.correct()
    pair.draft(6)
    pair.whole()

    model.close()
    assert pair.tally.faults == []
    assert pair.tally.edits.total() > 10
    assert pair.tally.published == 1
