"""Publishing: the whole draft or nothing, with lineage, codes, duties, and what stands on the ground."""

from datetime import timedelta
from typing import Any

import pytest
import shapely
from django.db import IntegrityError, connection
from django.utils import timezone

from geogrid.clock import due
from geogrid.organisations.models import User
from geogrid.organisations.roles import Role
from grid_units.duties.models import Duty, DutyArea
from grid_units.models import Cell, CellVersion, Edition
from grid_units.workshop import publishing
from grid_units.workshop.models import Draft, DutyNotice, Lineage, Regridded
from tests.grid_units.conftest import EASTERN, WESTERN, PaperGrid, drawn, rectangle, square
from tests.workshop.conftest import Supervisor, shape_of
from tests.workshop.test_drafts import A1, keys, moved_border

WEST_HALF, EAST_HALF = rectangle(0, 0, 0.5, 1), rectangle(0.5, 0, 1, 1)
A2_WITH_CORNER = drawn((0, 1), (0.5, 1), (1, 1), (1, 2), (0, 2))
B = drawn((1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (1, 1))


def approved(ann: Supervisor, ben: Supervisor, draft: int) -> str:
    ann.post(f"drafts/{draft}/review", {}, 204)
    ben.post(f"drafts/{draft}/approve", {}, 204)
    return f"drafts/{draft}/publish"


def split_and_merge(paper: PaperGrid, ann: Supervisor) -> int:
    """a1 is split in two; b2 goes into b1."""
    draft = ann.draft()
    a1, a2, b1, b2 = keys(paper, "a1", "a2", "b1", "b2")
    ann.save(f"drafts/{draft}/edits", {a1: WEST_HALF, "n77": EAST_HALF, a2: A2_WITH_CORNER})
    ann.save(f"drafts/{draft}/edits", {b1: B}, removes=(b2,))
    return draft


def state() -> dict[str, Any]:
    return {code: bytes(geom.wkb) for code, geom in Cell.objects.values_list("code", "geom")}


def test_a_draft_is_published_whole_with_codes_and_lineage(
    paper: PaperGrid, ann: Supervisor, ben: Supervisor
) -> None:
    worker = User.objects.create(username="worker")
    duty = Duty.objects.create(user=worker)
    DutyArea.objects.bulk_create(
        [DutyArea(duty=duty, unit_code=paper.codes["a1"]), DutyArea(duty=duty, unit_code=paper.codes["b2"])]
    )
    draft = split_and_merge(paper, ann)

    published = ben.post(approved(ann, ben, draft), {"reason": "spring"})

    new = Cell.objects.get(code=WESTERN + "005")
    assert shapely.from_wkb(bytes(new.geom.wkb)).equals(EAST_HALF)
    assert paper.outline("b1").equals(B) and "b2" not in paper.names()
    assert paper.faults() == []
    assert set(Lineage.objects.values_list("kind", "from_code", "to_code", "edition_id")) == {
        ("split", paper.codes["a1"], new.code, published["id"]),
        ("merged", paper.codes["b2"], paper.codes["b1"], published["id"]),
    }
    assert set(duty.areas.values_list("unit_code", flat=True)) == {
        paper.codes["a1"], new.code, paper.codes["b1"],
    }  # fmt: skip
    assert DutyNotice.objects.count() == 2
    assert ben.get(f"drafts/{draft}")["stage"] == "PUBLISHED"
    assert CellVersion.objects.filter(edition_id=published["id"]).count() == 4


def test_ground_that_came_with_a_reason_stays_whatever_is_drawn_there_later(
    paper: PaperGrid, ann: Supervisor, ben: Supervisor, chief: Supervisor
) -> None:
    draft = chief.draft()
    path = f"drafts/{draft}/edits"
    a1, a2 = keys(paper, "a1", "a2")
    wider, lake = drawn((-0.5, 0), (1, 0), (1, 1), (0, 1), (-0.5, 1)), rectangle(-1, 0, -0.5, 1)
    chief.save(path, {a1: wider}, extent="new land")
    chief.save(path, {"n6": lake}, extent="a lake", like=a1)
    ann.save(path, {a1: wider, a2: square("a2")}, name="renamed")
    both = drawn((-1, 0), (-0.5, 0), (1, 0), (1, 1), (0, 1), (-0.5, 1), (-1, 1))
    ann.save(path, {a1: both}, removes=("n6",))

    ben.post(approved(chief, ben, draft))

    assert paper.outline("a1").equals(both)
    assert paper.faults() == []


def test_a_cell_is_only_taken_away_with_leave_and_a_reason(
    paper: PaperGrid, ann: Supervisor, ben: Supervisor, chief: Supervisor
) -> None:
    (a1,) = keys(paper, "a1")
    refused = chief.save("edits", {}, removes=(a1,), expect=422)
    ann.save("edits", {}, removes=(a1,), extent="sold", expect=403)
    draft = chief.draft()
    chief.save(f"drafts/{draft}/edits", {}, removes=(a1,), extent="sold")

    ben.post(approved(chief, ben, draft))

    assert refused["kind"] == "gap"
    assert "a1" not in paper.names() and paper.faults() == []


def test_nobody_publishes_alone(paper: PaperGrid, ann: Supervisor, ben: Supervisor) -> None:
    draft = split_and_merge(paper, ann)

    ann.post(f"drafts/{draft}/publish", {}, 409)
    ann.post(f"drafts/{draft}/review", {}, 204)
    ann.post(f"drafts/{draft}/approve", {}, 403)
    ben.post(f"drafts/{draft}/return", {}, 422)
    ben.post(f"drafts/{draft}/return", {"note": "a1 is too small"}, 204)

    assert ann.get(f"drafts/{draft}")["review_note"] == "a1 is too small"
    assert ben.post(approved(ann, ben, draft))["id"]


def test_the_clock_publishes_at_the_moment_that_was_set(
    paper: PaperGrid, ann: Supervisor, ben: Supervisor
) -> None:
    draft = split_and_merge(paper, ann)
    tomorrow = timezone.now() + timedelta(days=1)
    ben.post(approved(ann, ben, draft), {"at": tomorrow.isoformat(), "reason": "1 May"}, 202)

    early = publishing.publish_due(tomorrow - timedelta(seconds=1))
    done = publishing.publish_due(tomorrow)

    assert (early, done) == (0, 1)
    assert Draft.objects.get(pk=draft).stage == "PUBLISHED"
    assert CellVersion.objects.order_by("-id")[0].actor == "ben"


def test_a_cell_handed_to_another_community_gets_its_next_code_and_keeps_its_people(
    paper: PaperGrid, ann: Supervisor, ben: Supervisor
) -> None:
    duty = Duty.objects.create(user=User.objects.create(username="worker"))
    DutyArea.objects.create(duty=duty, unit_code=paper.codes["b1"])
    draft = ann.draft()
    eastern = next(u["id"] for u in ann.get("grid")["communities"] if u["code"] == EASTERN)
    ann.save(f"drafts/{draft}/edits", {f"c{paper.ids['b1']}": square("b1")}, community_id=eastern)

    ben.post(approved(ann, ben, draft))

    assert Cell.objects.get(id=paper.ids["b1"]).code == EASTERN + "005"
    assert duty.areas.get().unit_code == EASTERN + "005"
    assert paper.value("SELECT new_code FROM concordance") == EASTERN + "005"
    assert paper.faults() == []

    first = Edition.objects.earliest("id")
    ben.post(f"editions/{first.pk}/restore", {"reason": "back to the west"})

    assert Cell.objects.get(id=paper.ids["b1"]).code == paper.codes["b1"] == duty.areas.get().unit_code
    assert paper.faults() == []


def test_the_database_refuses_cells_that_do_not_fit(
    paper: PaperGrid, ann: Supervisor, ben: Supervisor
) -> None:
    """As if the application had a fault: the draft's row is written by SQL."""
    draft = ann.draft()
    ann.save(f"drafts/{draft}/edits", moved_border(paper))
    paper.run(
        "UPDATE draft_cell SET geom = ST_Translate(geom, 0.00001, 0) WHERE key = %s", f"c{paper.ids['a1']}"
    )
    approved(ann, ben, draft)
    before = state()

    with pytest.raises(IntegrityError, match="do not fit together"):
        publishing.publish(draft=Draft.objects.get(pk=draft), actor=ben.user)

    assert state() == before and Draft.objects.get(pk=draft).stage == "APPROVED"


def test_the_edition_before_comes_back_bit_for_bit(
    paper: PaperGrid, ann: Supervisor, ben: Supervisor, qgis: PaperGrid
) -> None:
    # In QGIS first: its neighbours get corners without a version of their own.
    qgis.draw("c1", drawn((2, 0), (3, 0), (3, 1), (2.5, 0.875), (2, 1)))
    first = Edition.objects.latest("id")
    before = state()
    draft = split_and_merge(paper, ann)
    ben.post(approved(ann, ben, draft))
    qgis.draw("d1", drawn((3, 0), (4, 0), (4, 1), (3.5, 0.875), (3, 1)))
    moved = state()

    ben.post(f"editions/{first.pk}/restore", {}, 422)
    back = ben.post(f"editions/{first.pk}/restore", {"reason": "too early"})

    assert state() == before != moved
    assert paper.faults() == []
    assert {c["code"] for c in ben.get(f"editions/{back['id']}/grid")["cells"]} == set(before)
    old = ben.cells(f"editions/{first.pk}/grid")
    assert all(shape_of(c).equals(shapely.from_wkb(before[c["code"]])) for c in old.values())
    ben.post(f"editions/{first.pk}/restore", {"reason": "again"}, 409)


def test_a_qgis_edit_of_another_border_is_put_together_with_the_draft(
    paper: PaperGrid, ann: Supervisor, ben: Supervisor, qgis: PaperGrid
) -> None:
    draft = ann.draft()
    ann.save(f"drafts/{draft}/edits", moved_border(paper))
    qgis.draw("a2", drawn((0, 1), (1, 1), (1, 1.5), (0.75, 2), (0, 2)))

    told = ann.get(f"drafts/{draft}")
    ann.post(f"drafts/{draft}/rebase", {})

    assert told["is_behind"] and [(c["key"], c["is_conflict"]) for c in told["conflicts"]] == [
        (f"c{paper.ids['a2']}", False)
    ]
    cells = ann.cells(f"drafts/{draft}/grid")
    assert shapely.coverage_is_valid([shape_of(cell) for cell in cells.values()])
    ben.post(approved(ann, ben, draft))
    assert paper.outline("a2").equals(drawn((0, 1), (0.75, 1), (1, 1), (1, 1.5), (0.75, 2), (0, 2)))
    assert paper.outline("a1").equals(A1) and paper.faults() == []


def test_the_same_border_moved_by_both_is_a_conflict_that_somebody_decides(
    paper: PaperGrid, ann: Supervisor, ben: Supervisor, qgis: PaperGrid
) -> None:
    draft = split_and_merge(paper, ann)
    publish = approved(ann, ben, draft)
    qgis.draw("a1", rectangle(0, 0, 0.875, 1))

    refused = ben.post(publish, {}, 409)
    ann.post(f"drafts/{draft}/rebase", {}, 409)
    clashing = [conflict["key"] for conflict in refused["conflicts"]]
    given_up = ann.post(f"drafts/{draft}/rebase", {"drop": clashing})["given_up"]
    ben.post(publish, {}, 409)
    ben.post(approved(ann, ben, draft))

    assert f"c{paper.ids['a1']}" in clashing
    assert "n77" in given_up
    assert paper.outline("a1").equals(rectangle(0, 0, 0.875, 1))
    assert paper.faults() == []


def test_a_small_correction_needs_no_draft(paper: PaperGrid, ann: Supervisor, make_supervisor: Any) -> None:
    analyst = make_supervisor("analyst", Role.ANALYST)
    edit = ann.edit("edits", moved_border(paper))

    saved = ann.post("edits", edit)
    again = ann.post("edits", edit)
    late = ann.post("edits", edit | {"idempotency_key": "another"}, 409)
    analyst.post("edits", edit | {"idempotency_key": "third"}, 403)

    assert saved == again and late["conflicts"][0]["by"] == "ann"
    assert paper.outline("a1").equals(A1) and paper.faults() == []
    cells = ann.cells()
    assert all(cells[key]["version"] == told["version"] for key, told in saved["cells"].items())
    assert Edition.objects.get(pk=saved["edition"]).is_automatic
    halves = {f"c{paper.ids['d2']}": rectangle(3, 1, 3.5, 2), "n5": rectangle(3.5, 1, 4, 2)}
    split = ann.save("edits", halves, expect=422)
    assert split["kind"] == "corner"


def test_what_stands_on_the_ground_follows_in_batches(
    paper: PaperGrid, ann: Supervisor, ben: Supervisor, owner: Any
) -> None:
    with owner.cursor() as cursor:
        cursor.execute(
            "INSERT INTO building (source, source_id, kind, geom)"
            " SELECT 'paper', x || '/' || y, '',"
            " ST_SetSRID(ST_Multi(ST_Expand(ST_MakePoint("
            "24.9375 + (x + 0.5) / 8192.0, 60.125 + (y + 0.5) / 8192.0), 1e-5)), 4326)"
            " FROM generate_series(0, 31) AS x, generate_series(0, 15) AS y"
        )
    before = dict(paper.rows("SELECT b.id, c.code FROM building b LEFT JOIN cell c ON c.id = b.cell_id"))
    draft = split_and_merge(paper, ann)

    published = ben.post(approved(ann, ben, draft))
    waiting = paper.value("SELECT count(*) FROM regrid_ground WHERE assets_done_at IS NULL")
    too_early = paper.value("SELECT core.trim_regrid_ground(interval '-1 day')")
    done = due.regrid_assets(timezone.now())
    due.regrid_incidents(timezone.now())

    after = dict(paper.rows("SELECT b.id, c.code FROM building b LEFT JOIN cell c ON c.id = b.cell_id"))
    right = dict(
        paper.rows(
            "SELECT b.id, c.code FROM building b"
            " JOIN cell c ON c.id = core.cell_at(ST_PointOnSurface(b.geom))"
        )
    )
    listed = Regridded.objects.filter(edition_id=published["id"], kind="building")
    assert waiting and done and after == right
    assert {(r.ref, r.code_before, r.code_after) for r in listed} == {
        (key, before[key], after[key]) for key in before if before[key] != after[key]
    }
    assert listed.count() == 32 + 64
    told = ben.get(f"editions/{published['id']}/changes")
    assert told["waiting"] == 0 and told["counts"] == {"building": 96}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM regrid_ground WHERE incidents_done_at IS NULL")
        assert cursor.fetchone() == (0,)
    assert (too_early, due.trim_regrid_ground(timezone.now())) == (0, 0)
    trimmed = paper.value("SELECT core.trim_regrid_ground(interval '-1 day')")
    assert trimmed >= waiting and paper.value("SELECT count(*) FROM regrid_ground") == 0
