"""D1: random edits of the editor, done in the browser's model and in the database, bit for bit the same.

Corners, edges and borders dragged, strokes, merges, new borders, hand-overs, undo and redo, now and then
another extent; some straight into the grid in force, some in drafts that are reviewed and published. After
each edit the model's own judge looks at all of the model, Shapely at the neighbourhood in the database, and
every outline sent is compared with the stored one; after each publication all of both. Seeds are printed.
"""

import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from geogrid.embedded.testing import fresh_database
from tests.grid_units.editor_model import EditorModel, bundle
from tests.grid_units.made_up_city import fill, made_up_city

LEAST_EDITS = 5000
BATCH, DRAFTED = 60, 20


def main(small: bool) -> int:
    with fresh_database() as database, tempfile.TemporaryDirectory() as folder:
        os.environ.update(database.environment())
        os.environ |= {"DJANGO_SETTINGS_MODULE": "geogrid.settings", "GEOGRID_VAR": folder}
        import django

        django.setup()
        from django.db import connection, transaction

        program = bundle(Path(folder))
        with transaction.atomic(), connection.cursor() as cursor:
            fill(cursor, made_up_city(8, 6, block=3))
        people = _people()
        tallies = []
        edits = 0
        for seed in range(1, 3 if small else 1000):
            tally = _run(program, people, seed, 30 if small else 500, extends=not small and seed % 5 == 2)
            tallies.append(tally)
            edits += tally.edits.total()
            print(
                f"  seed {seed}: {tally.edits.total()} edits, {tally.refused.total()} refused,"
                f" {tally.published} drafts published, {len(tally.faults)} faults {tally.faults[:3]}",
                flush=True,
            )
            if edits >= LEAST_EDITS:
                break
    verbs: Counter[str] = sum((tally.edits for tally in tallies), Counter())
    reasons: Counter[str] = sum((tally.refused for tally in tallies), Counter())
    faults = sum(len(tally.faults) for tally in tallies)
    print(f"  edits: {dict(verbs.most_common())}")
    print(f"  refused by the model: {dict(reasons.most_common())}")
    published = sum(tally.published for tally in tallies)
    enough = small or edits >= LEAST_EDITS
    verdict = "ok" if faults == 0 and enough and published else "short"
    print(f"D1 {edits} edits, {published} publications, {faults} faults >=5000 edits, 0 faults {verdict}")
    return 0 if verdict == "ok" else 1


def _people() -> tuple[Any, Any]:
    """Who draws and who approves, both for the whole city."""
    from geogrid.organisations.models import User
    from geogrid.organisations.roles import Role
    from grid_units.duties.models import Membership

    made = []
    for name in ("author", "reviewer"):
        user = User.objects.create_user(username=name, password=None)
        Membership.objects.create(user=user, role=Role.ADMINISTRATOR, unit_prefix="")
        made.append(user)
    return made[0], made[1]


def _run(program: Path, people: tuple[Any, Any], seed: int, steps: int, *, extends: bool) -> Any:
    from django.db import IntegrityError

    from geogrid.core.errors import GeoGridError
    from tests.grid_units.side_by_side import SideBySide

    model = EditorModel(program)
    pair = SideBySide(model, *people, seed, extends)
    try:
        for step in range(steps):
            if step % BATCH == BATCH - 1:
                pair.draft(DRAFTED if steps > BATCH else 5)
            else:
                pair.correct()
        if steps < BATCH:
            pair.draft(5)
        pair.whole()
    except (GeoGridError, IntegrityError) as refusal:
        print(f"  seed {seed} ended: {refusal}", file=sys.stderr)
    finally:
        model.close()
    return pair.tally
