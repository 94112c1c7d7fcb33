"""The named actions of the grid, with the roles that may do them."""

from collections.abc import Callable

import pytest
import shapely
from django.db import transaction
from shapely import Polygon

from geogrid.core.actor import System
from geogrid.core.errors import Forbidden, Invalid
from geogrid.organisations.models import User
from geogrid.organisations.roles import Role
from grid_units import actions
from grid_units.actions import CellRow
from grid_units.duties.models import Membership
from grid_units.models import Cell, CellVersion, Concordance, Edition, GridUnit
from tests.grid_units.conftest import DISTRICT, EASTERN, STREET, WESTERN, PaperGrid, rectangle, square

IMPORTER = System("import")
MakeUser = Callable[..., User]


@pytest.fixture
def make_user(transactional_db: None) -> MakeUser:
    def make(role: Role, prefix: str = "") -> User:
        user = User.objects.create_user(username=f"{role.value}_{prefix or 'all'}", display_name=role.value)
        Membership.objects.create(user=user, role=role.value, unit_prefix=prefix)
        return user

    return make


@pytest.fixture
def units(transactional_db: None) -> None:
    """District, street and two communities without a cell."""
    above = None
    for code, level in ((DISTRICT, "DISTRICT"), (STREET, "STREET")):
        above = GridUnit.objects.create(code=code, level=level, name=code, parent=above)
    for code in (WESTERN, EASTERN):
        GridUnit.objects.create(code=code, level="COMMUNITY", name=code, parent=above)


def row(place: str, **given: object) -> CellRow:
    return CellRow(community=PaperGrid.community_of(place), outline=square(place), **given)  # type: ignore[arg-type]


def stored(code: str) -> Polygon:
    shape = shapely.from_wkb(bytes(Cell.objects.get(code=code).geom.wkb))
    assert isinstance(shape, Polygon)
    return shape


def test_the_first_file_is_loaded_and_numbered_from_the_north_west(units: None) -> None:
    loaded = actions.load_cells(
        rows=[row("a1"), row("a2"), row("b1"), row("b2"), row("c1")], actor=IMPORTER, reason="first grid"
    )

    assert len(loaded.added) == 5
    assert stored(WESTERN + "001").equals(square("a2"))
    assert stored(WESTERN + "002").equals(square("b2"))
    assert stored(WESTERN + "003").equals(square("a1"))
    assert Edition.objects.get(stage="in_force").name == "first grid"
    assert CellVersion.objects.filter(actor="import").count() == 5


def test_the_same_file_again_touches_nothing(units: None) -> None:
    rows = [row("a1", code=WESTERN + "001", name="甲"), row("a2", code=WESTERN + "002")]
    actions.load_cells(rows=rows, actor=IMPORTER, reason="first")
    before = list(Cell.objects.order_by("id").values_list("id", "updated_at"))

    again = actions.load_cells(rows=rows, actor=IMPORTER, reason="again")

    assert (again.added, again.changed) == ((), ())
    assert again.unchanged == (WESTERN + "001", WESTERN + "002")
    assert list(Cell.objects.order_by("id").values_list("id", "updated_at")) == before
    assert CellVersion.objects.count() == 2


def test_a_later_file_changes_what_differs_and_lists_what_vanished(units: None) -> None:
    rows = [row(name, code=code) for name, code in (("a1", WESTERN + "001"), ("a2", WESTERN + "002"))]
    actions.load_cells(rows=[*rows, row("c1", code=EASTERN + "001")], actor=IMPORTER, reason="first")

    later = actions.load_cells(
        rows=[
            CellRow(community=WESTERN, code=WESTERN + "001", outline=rectangle(0, 0, 1, 0.5), households=312),
            rows[1],
            CellRow(community=WESTERN, code=WESTERN + "003", outline=rectangle(0, 0.5, 1, 1)),
        ],
        actor=IMPORTER,
        reason="second",
    )

    assert later.changed == (WESTERN + "001",)
    assert later.added == (WESTERN + "003",)
    assert later.unchanged == (WESTERN + "002",)
    assert later.vanished == (EASTERN + "001",)
    assert stored(WESTERN + "001").equals(rectangle(0, 0, 1, 0.5))
    assert stored(WESTERN + "003").equals(rectangle(0, 0.5, 1, 1))
    assert Cell.objects.get(code=WESTERN + "001").households == 312


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([CellRow(community="990101001009", outline=square("a1"))], "There is no community 990101001009"),
        ([row("a1", code=EASTERN + "001")], "does not begin with its parent's code"),
        (
            [row("a1", code=WESTERN + "001"), row("a2", code=WESTERN + "001")],
            "Two cells of the file have the code",
        ),
    ],
)
def test_a_wrong_file_is_refused_and_nothing_is_written(units: None, rows: list[CellRow], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        actions.load_cells(rows=rows, actor=IMPORTER, reason="wrong")

    assert not Cell.objects.exists()
    assert not Edition.objects.exists()


def test_only_those_who_may_change_the_extent_can(paper: PaperGrid, make_user: MakeUser) -> None:
    cell = Cell.objects.get(id=paper.ids["a1"])
    wider = rectangle(-0.5, 0, 1, 1)

    with pytest.raises(Forbidden):
        actions.change_extent(cell=cell, outline=wider, actor=make_user(Role.SUPERVISOR), reason="port")
    actions.change_extent(
        cell=cell, outline=wider, actor=make_user(Role.ADMINISTRATOR), reason="port filled in"
    )

    assert paper.outline("a1").equals(wider)
    newest = Edition.objects.order_by("-id")[0]
    assert (newest.name, newest.author, newest.is_automatic) == ("port filled in", "administrator_all", False)


def test_a_change_of_extent_needs_a_reason(paper: PaperGrid, make_user: MakeUser) -> None:
    with pytest.raises(Invalid, match="needs a reason"):
        actions.change_extent(
            cell=Cell.objects.get(id=paper.ids["a1"]),
            outline=rectangle(-0.5, 0, 1, 1),
            actor=make_user(Role.ADMINISTRATOR),
            reason=" ",
        )


def test_a_supervisor_redraws_cells_of_his_own_street_only(paper: PaperGrid, make_user: MakeUser) -> None:
    cell = Cell.objects.get(id=paper.ids["a1"])

    with pytest.raises(Forbidden):
        actions.change_outline(
            cell=cell, outline=rectangle(0, 0, 0.5, 1), actor=make_user(Role.SUPERVISOR, "990101002")
        )
    actions.change_outline(
        cell=cell, outline=rectangle(0, 0, 0.5, 1), actor=make_user(Role.SUPERVISOR, STREET)
    )

    assert paper.outline("a1").equals(rectangle(0, 0, 0.5, 1))
    assert CellVersion.objects.filter(actor=f"supervisor_{STREET}").exists()


def test_renumbering_gives_fresh_numbers_and_writes_the_concordance(
    paper: PaperGrid, make_user: MakeUser
) -> None:
    administrator = make_user(Role.ADMINISTRATOR)

    pairs = actions.renumber(
        community=GridUnit.objects.get(code=WESTERN), actor=administrator, reason="annual renumbering"
    )

    assert pairs == {
        paper.codes["a2"]: WESTERN + "005",
        paper.codes["b2"]: WESTERN + "006",
        paper.codes["a1"]: WESTERN + "007",
        paper.codes["b1"]: WESTERN + "008",
    }
    lines = Concordance.objects.filter(reason="annual renumbering", actor="administrator_all")
    assert dict(lines.values_list("old_code", "new_code")) == pairs
    assert paper.faults() == []


def test_an_edition_needs_the_transaction_of_its_edits(paper: PaperGrid, make_user: MakeUser) -> None:
    administrator = make_user(Role.ADMINISTRATOR)

    with pytest.raises(transaction.TransactionManagementError):
        actions.open_edition(name="spring", actor=administrator)
    with transaction.atomic():
        edition = actions.open_edition(name="spring", actor=administrator)
        Cell.objects.filter(id=paper.ids["a1"]).update(households=10)

    assert edition.versions.count() == 1
