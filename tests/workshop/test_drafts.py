"""Drafts that several people edit: nothing overwritten silently, nothing that leaves a gap."""

from typing import Any

import psycopg2
import pytest
import shapely

from geogrid.organisations.roles import Role
from grid_units.workshop.rings import STEPS
from tests.grid_units.conftest import EASTERN, WESTERN, PaperGrid, drawn, rectangle, square
from tests.workshop.conftest import Supervisor, shape_of

# The border between a1 and b1 moved west by a quarter: the corner at its top belongs to a2 and b2 as well.
A1 = rectangle(0, 0, 0.75, 1)
B1 = drawn((0.75, 0), (2, 0), (2, 1), (1, 1), (0.75, 1))
A2 = drawn((0, 1), (0.75, 1), (1, 1), (1, 2), (0, 2))


def keys(paper: PaperGrid, *names: str) -> list[str]:
    return [f"c{paper.ids[name]}" for name in names]


def moved_border(paper: PaperGrid) -> dict[str, Any]:
    return dict(zip(keys(paper, "a1", "b1", "a2"), (A1, B1, A2), strict=True))


def test_the_grid_in_force_comes_in_whole_steps(paper: PaperGrid, ann: Supervisor) -> None:
    cells = ann.cells()

    assert len(cells) == 8
    for name, cell_id in paper.ids.items():
        cell = cells[f"c{cell_id}"]
        assert shape_of(cell).equals(square(name)) and cell["code"] == paper.codes[name]
        assert len(cell["rings"][0]) == 4
    assert [c["code"] for c in ann.get("grid")["communities"]] == [WESTERN, EASTERN]


def test_an_edit_is_seen_in_the_draft_and_nowhere_else(
    paper: PaperGrid, ann: Supervisor, ben: Supervisor
) -> None:
    draft = ann.draft()

    saved = ann.save(f"drafts/{draft}/edits", moved_border(paper))

    assert saved == {"number": 1, "versions": dict.fromkeys(keys(paper, "a1", "b1", "a2"), 1)}
    cells = ben.cells(f"drafts/{draft}/grid")
    assert shape_of(cells[keys(paper, "a1")[0]]).equals(A1)
    assert shapely.coverage_is_valid([shape_of(cell) for cell in cells.values()])
    assert paper.outline("a1").equals(square("a1"))
    assert [entry["keys"] for entry in ben.get(f"drafts/{draft}/feed?after=0")] == [
        keys(paper, "a1", "b1", "a2")
    ]


def test_the_second_of_two_people_on_one_border_is_told_who_was_first(
    paper: PaperGrid, ann: Supervisor, ben: Supervisor
) -> None:
    path = f"drafts/{ann.draft()}/edits"
    late = ben.edit(path, moved_border(paper))
    ann.save(path, moved_border(paper))

    refused = ben.post(path, late, 409)

    assert [(c["key"], c["yours"], c["theirs"], c["by"]) for c in refused["conflicts"]] == [
        (key, 0, 1, "Ann") for key in keys(paper, "a1", "b1", "a2")
    ]
    assert len(ann.get(f"{path.replace('edits', 'feed')}")) == 1


def test_the_same_request_sent_again_is_saved_once(paper: PaperGrid, ann: Supervisor) -> None:
    path = f"drafts/{ann.draft()}/edits"
    edit = ann.edit(path, moved_border(paper))

    first = ann.post(path, edit)
    again = ann.post(path, edit)
    other = ann.post(path, edit | {"title": "something else"}, 409)

    assert first == again and "idempotency" in other["detail"]


@pytest.mark.parametrize(
    ("outlines", "kind"),
    [
        ({"a1": rectangle(0, 0, 0.75, 1)}, "gap"),
        ({"a1": drawn((0, 0), (1.25, 0), (1.25, 1), (1, 1), (0, 1))}, "outside"),
        ({"a1": drawn((0, 0), (1.25, 0), (1.25, 1), (1, 1), (0, 1)), "b1": square("b1")}, "overlap"),
        ({"a1": A1, "b1": B1}, "corner"),
        ({"a1": drawn((0, 0), (1, 1), (1, 0), (0, 1))}, "crooked"),
    ],
)
def test_an_edit_that_is_not_seamless_is_refused_with_the_place(
    paper: PaperGrid, ann: Supervisor, outlines: dict[str, Any], kind: str
) -> None:
    path = f"drafts/{ann.draft()}/edits"

    refused = ann.save(path, {f"c{paper.ids[name]}": shape for name, shape in outlines.items()}, expect=422)

    assert refused["kind"] == kind, refused
    place = shapely.Point(*(at / STEPS for at in refused["place"]))
    assert drawn((-1, -1), (3, -1), (3, 3), (-1, 3)).contains(place)
    assert ann.get(path.replace("edits", "feed")) == []


def test_a_split_a_merge_and_a_hand_over(paper: PaperGrid, ann: Supervisor) -> None:
    draft = ann.draft()
    path, grid = f"drafts/{draft}/edits", f"drafts/{draft}/grid"
    a1, a2, b1, b2, c1 = keys(paper, "a1", "a2", "b1", "b2", "c1")
    west, east = rectangle(0, 0, 0.5, 1), rectangle(0.5, 0, 1, 1)
    a2_with_corner = drawn((0, 1), (0.5, 1), (1, 1), (1, 2), (0, 2))

    ann.save(path, {a1: west, "n77": east, a2: a2_with_corner})
    ann.save(path, {b1: drawn((1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (1, 1))}, removes=(b2,))
    eastern = next(u["id"] for u in ann.get("grid")["communities"] if u["code"] == EASTERN)
    ann.save(path, {"n77": east}, community_id=eastern)

    cells = ann.cells(grid)
    assert cells["n77"]["from"] == [paper.ids["a1"]] and cells["n77"]["version"] == 2
    assert b2 not in cells and cells["n77"]["community_id"] == eastern
    assert shapely.coverage_is_valid([shape_of(cell) for cell in cells.values()])
    assert cells[c1]["version"] == 0


def test_only_who_edits_there_may(paper: PaperGrid, ann: Supervisor, make_supervisor: Any) -> None:
    western = make_supervisor("western", prefix=WESTERN)
    worker = make_supervisor("worker", Role.GRID_WORKER)
    draft = ann.draft()
    path = f"drafts/{draft}/edits"

    c1, d1, c2 = keys(paper, "c1", "d1", "c2")
    shapes = {c1: rectangle(2, 0, 2.5, 1), d1: drawn((2.5, 0), (4, 0), (4, 1), (3, 1), (2.5, 1))}
    shapes[c2] = drawn((2, 1), (2.5, 1), (3, 1), (3, 2), (2, 2))
    refused = western.save(path, shapes, expect=403)

    assert EASTERN in refused["detail"]
    assert worker.client.get("/api/workshop/drafts").status_code == 403
    assert worker.client.get("/api/workshop/grid").status_code == 403


def test_the_outer_border_moves_with_leave_and_a_reason_only(
    paper: PaperGrid, ann: Supervisor, chief: Supervisor
) -> None:
    path = f"drafts/{chief.draft()}/edits"
    (a1,) = keys(paper, "a1")
    wider = drawn((-0.5, 0), (1, 0), (1, 1), (0, 1), (-0.5, 1))

    ann.save(path, {a1: wider}, expect=422)
    ann.save(path, {a1: wider}, extent="new land", expect=403)
    chief.save(path, {a1: wider}, extent="new land", expect=200)
    over_another = chief.save(path, {"n5": rectangle(-1, 0, 0.5, 1)}, extent="more", like=a1, expect=422)

    assert over_another["kind"] == "overlap"
    assert chief.save(path, {"n6": rectangle(-1, 0, -0.5, 1)}, extent="more", like=a1)["versions"] == {
        "n6": 1
    }


def test_edits_are_never_changed_and_the_approver_is_another(
    paper: PaperGrid, ann: Supervisor, owner: Any
) -> None:
    draft = ann.draft()
    ann.save(f"drafts/{draft}/edits", moved_border(paper))

    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        paper.run("DELETE FROM draft_edit")
    with pytest.raises(psycopg2.errors.CheckViolation, match="worked on it"):
        paper.run(
            "UPDATE draft SET stage = 'APPROVED', approved_by_id = %s, approved_at = now() WHERE id = %s",
            ann.user.pk,
            draft,
        )
