"""What a draft shows is what its publishing brings: every figure of every cell and worker."""

import random
from collections import Counter
from typing import Any

import shapely
from django.utils import timezone

from assets.actions import load_catalogue
from geogrid.clock import due
from grid_units.models import Cell, Edition
from grid_units.workshop import drafts, figures, grid, publishing, review
from grid_units.workshop.models import Draft, Regridded
from incidents.actions import load_event_classes
from tests.grid_units.invariants import coverage, faults_in_codes, faults_inside
from tests.workshop.random_drafts import draw
from tests.workshop.town import fill_town, supervisor

SEED = 20_261_122
DRAFTS = 20


def stored(cursor: Any, what: str) -> Counter[str]:
    cursor.execute(what)
    return Counter(dict(cursor.fetchall()))


ASSETS_IN_FORCE = "SELECT 'c' || cell_id, count(*) FROM asset WHERE state <> 'removed' GROUP BY cell_id"
HOUSEHOLDS_IN_FORCE = "SELECT 'c' || cell_id, sum(households) FROM building GROUP BY cell_id"
CELLS_OF_ASSETS = "SELECT a.id, c.id, coalesce(c.code, '') FROM asset a LEFT JOIN cell c ON c.id = a.cell_id"
STATISTICS = (
    "SELECT code, received, filed, closed FROM core.incidents_by_cell('2020-01-01', '2100-01-01', false)"
)


def cells_of_assets(cursor: Any) -> dict[int, tuple[int, str]]:
    cursor.execute(CELLS_OF_ASSETS)
    return {ref: (cell_id, code) for ref, cell_id, code in cursor.fetchall()}


def test_figures_of_random_drafts_are_those_after_publishing(transactional_db: None, superuser: Any) -> None:
    load_catalogue()
    load_event_classes()
    cursor = superuser.cursor()
    fill_town(cursor, columns=6, rows=6, assets=1200, buildings=400, incidents=600, still_open=300)
    ann, ben = supervisor("ann"), supervisor("ben")
    chance = random.Random(SEED)
    cursor.execute(STATISTICS)
    as_was = cursor.fetchall()
    cursor.execute("SELECT id, unit_code FROM incident WHERE stage = 'CLOSED' ORDER BY id")
    closed = cursor.fetchall()

    moved = 0

    for number in range(DRAFTS):
        draft = drafts.make_draft(actor=ann, name=f"random {number}, seed {SEED}")
        draw(draft, ann, 5, chance)
        shown = figures.compare(Draft.objects.get(pk=draft.pk))
        before = cells_of_assets(cursor)

        review.ask_for_review(draft=draft, actor=ann)
        review.approve(draft=draft, actor=ben)
        edition = publishing.publish(draft=draft, actor=ben)
        while due.regrid_assets(timezone.now()) + due.regrid_incidents(timezone.now()):
            pass

        # New cells are known by their outline.
        keys = {cell.shape.normalize().wkb: key for key, cell in grid.in_force().items() if cell.shape}
        now = {c.key: keys[c.after.shape.normalize().wkb] for c in shown.changes if c.after and c.after.shape}
        cells = grid.in_force([int(key[1:]) for key in now.values()])
        afterwards = figures.figures_of(list(cells.values()), [int(key[1:]) for key in now.values()])
        assets, homes = stored(cursor, ASSETS_IN_FORCE), stored(cursor, HOUSEHOLDS_IN_FORCE)
        for key, found in shown.after.items():
            assert found == afterwards[now[key]], f"seed {SEED}, draft {number}, {key}"
            assert (found.assets, found.counted_households) == (assets[now[key]], homes[now[key]])
            assert sum(found.assets_by_class.values()) == found.assets
            assert abs(found.area_m2 - (Cell.objects.get(id=int(now[key][1:])).area_m2 or 0)) < 0.06
        assert figures.workers_now(shown.workers_after) == shown.workers_after, f"seed {SEED}, draft {number}"
        after = cells_of_assets(cursor)
        listed = Regridded.objects.filter(edition=edition, kind="asset")
        moved += listed.count()
        # By cell: one handed to another community has another code, and its assets have not moved.
        assert {r.ref: (r.code_before, r.code_after) for r in listed} == {
            ref: (before[ref][1], after[ref][1]) for ref in before if before[ref][0] != after[ref][0]
        }

    assert moved > 100
    assert coverage(cursor)[1] + faults_inside(cursor) + faults_in_codes(cursor) == []
    assert shapely.coverage_is_valid([cell.shape for cell in grid.in_force().values()])
    for table, place, column in (
        ("asset", "core.anchor_of(asset.geom)", "cell_id"),
        ("building", "ST_PointOnSurface(building.geom)", "cell_id"),
    ):
        cursor.execute(f"SELECT count(*) FROM {table} WHERE {column} IS DISTINCT FROM core.cell_at({place})")
        assert cursor.fetchone() == (0,)
    cursor.execute(
        "SELECT count(*) FROM incident i CROSS JOIN LATERAL core.place_of(i.point) p WHERE i.stage = 'FILED'"
        " AND (i.unit_code, i.border_unit_codes::text[])"
        " IS DISTINCT FROM (coalesce(p.unit_code, ''), p.border_unit_codes)"
    )
    assert cursor.fetchone() == (0,)
    cursor.execute(STATISTICS)
    assert cursor.fetchall() == as_was
    cursor.execute("SELECT id, unit_code FROM incident WHERE stage = 'CLOSED' ORDER BY id")
    assert cursor.fetchall() == closed
    assert Edition.objects.filter(is_automatic=False).count() >= DRAFTS
