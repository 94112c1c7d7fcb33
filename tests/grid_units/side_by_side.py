"""The editor's model and the database side by side: each edit goes to both, and the bits are compared."""

import secrets
from collections import Counter
from dataclasses import dataclass, field

import shapely
from django.db import IntegrityError, connection
from shapely import Polygon

from geogrid.core.errors import GeoGridError
from geogrid.organisations.models import User
from grid_units.workshop import correcting, drafts, grid, publishing, review
from grid_units.workshop.edits import Edit, edit_of
from grid_units.workshop.models import Draft
from grid_units.workshop.rings import rings_of
from grid_units.workshop.serializers import EditSerializer
from tests.grid_units.editor_model import EditorModel, turned

NEARBY = """
SELECT ST_AsBinary(geom)
FROM cell
WHERE geom && (SELECT ST_Extent(geom) FROM cell WHERE id = ANY (%s))::geometry
"""


@dataclass
class Tally:
    """What happened."""

    edits: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    published: int = 0
    faults: list[str] = field(default_factory=list)


class SideBySide:
    """One grid in the database and in the model. `author` draws, `reviewer` approves."""

    def __init__(
        self, model: EditorModel, author: User, reviewer: User, seed: int, extends: bool = False
    ) -> None:
        self._model, self._author, self._reviewer = model, author, reviewer
        self._extends = extends  # also edits that change the extent
        self.tally = Tally()
        cells = grid.as_json(grid.in_force(), grid.edition_in_force())["cells"]
        model.load(cells, seed)
        self._versions: dict[str, int] = {cell["key"]: cell["version"] for cell in cells}
        self._there = set(self._versions)
        self._fresh = 10**9

    def correct(self) -> None:
        """One random edit, straight into the grid in force."""
        edit = self._drawn()
        if edit is None:
            return
        try:
            said = correcting.correct(edit=edit, actor=self._author)["cells"]
        except (GeoGridError, IntegrityError) as refusal:
            self._note(f"{edit.title}: the server refused: {refusal} {getattr(refusal, 'extra', '')}")
            raise
        names = []
        for key, cell in said.items():
            if cell["code"] is None:
                self._there.discard(key)
                continue
            new = f"c{cell['id']}"
            if new != key:
                names.append((key, new, cell["code"]))
            self._versions[new] = cell["version"]
            self._there.add(new)
        self._model.rename(names)
        to = {old: new for old, new, _ in names}
        now = grid.in_force(grid.ids_of([to.get(put.key, put.key) for put in edit.puts]))
        for put, sent in zip(edit.puts, edit.sent["puts"], strict=True):
            self._compare(put.key, sent["rings"], now.get(to.get(put.key, put.key)))
        self._judge([cell.cell_id for cell in now.values() if cell.cell_id])

    def draft(self, edits: int) -> None:
        """Some random edits in a draft, which then is approved and published."""
        draft = drafts.make_draft(actor=self._author, name=f"d{secrets.token_hex(3)}")
        self._versions = {key: cell.version for key, cell in grid.draft_grid(draft).items()}
        self._there = set(self._versions)
        for _ in range(edits):
            edit = self._drawn()
            if edit is None:
                continue
            try:
                said = drafts.save_edit(draft=draft, edit=edit, actor=self._author)
            except (GeoGridError, IntegrityError) as refusal:
                self._note(f"{edit.title}: the draft refused: {refusal} {getattr(refusal, 'extra', '')}")
                raise
            self._versions |= said["versions"]
            self._there |= said["versions"].keys()
            now = grid.draft_grid(draft, edit.keys)
            for put, sent in zip(edit.puts, edit.sent["puts"], strict=True):
                self._compare(put.key, sent["rings"], now.get(put.key))
            self._judge_model()
        draft.refresh_from_db()
        if draft.edits_made:
            self._publish(draft)

    def _publish(self, draft: Draft) -> None:
        review.ask_for_review(draft=draft, actor=self._author)
        review.approve(draft=draft, actor=self._reviewer)
        publishing.publish(draft=draft, actor=self._reviewer)
        self.tally.published += 1
        now = {turned(rings_of(cell.shape)): cell for cell in grid.in_force().values() if cell.shape}
        names = []
        for key, cell in self._model.cells().items():
            there = now.get(turned(cell["rings"]))
            if there is None:
                self._note(f"{key} is not in the published grid, bit for bit")
            elif there.key != key:
                names.append((key, there.key, there.code))
        self._model.rename(names)
        self._adopt()
        self.whole()

    def whole(self) -> None:
        """All cells, all bits; the whole coverage by Shapely; units and versions by the database itself."""
        mine = {key: turned(cell["rings"]) for key, cell in self._model.cells().items()}
        there = grid.in_force()
        theirs = {key: turned(rings_of(cell.shape)) for key, cell in there.items() if cell.shape}
        if mine != theirs:
            wrong = [key for key in mine.keys() | theirs.keys() if mine.get(key) != theirs.get(key)]
            self._note(f"model and database differ in {wrong[:5]}")
        if not shapely.coverage_is_valid([cell.shape for cell in there.values()]):
            self._note("the coverage in the database is not valid")
        self._judge_model()

    def _drawn(self) -> Edit | None:
        """The next edit of the model, as the server reads it."""
        said = self._model.edit(self._extends)
        if said["refusal"]:
            self.tally.refused[said["refusal"]] += 1
        body = said["body"]
        if body is None or not (body["puts"] or body["removes"]):
            return None
        self.tally.edits[said["verb"]] += 1
        revived = []
        for put in body["puts"]:
            # A step taken back over what was published brings a vanished cell back: as a new one.
            if put["key"].startswith("c") and put["key"] not in self._there:
                self._fresh += 1
                revived.append((put["key"], f"n{self._fresh}", ""))
                put["key"] = f"n{self._fresh}"
            put["version"] = self._versions.get(put["key"], 0)
        self._model.rename(revived)
        for gone in body["removes"]:
            gone["version"] = self._versions.get(gone["key"], 0)
        asked = EditSerializer(data=body)
        asked.is_valid(raise_exception=True)
        return edit_of(asked.validated_data)

    def _adopt(self) -> None:
        self._versions = {key: cell.version for key, cell in grid.in_force().items()}
        self._there = set(self._versions)

    def _compare(self, key: str, sent: list[list[list[int]]], stored: grid.GridCell | None) -> None:
        if stored is None or stored.shape is None:
            self._note(f"{key} is not there")
        elif turned(rings_of(stored.shape)) != turned(sent):
            self._note(f"{key} was stored with other corners")

    def _judge(self, ids: list[int]) -> None:
        """The neighbourhood of the edit in the database by Shapely, the model by its judge."""
        with connection.cursor() as cursor:
            cursor.execute(NEARBY, [ids])
            shapes: list[Polygon] = list(shapely.from_wkb([bytes(row[0]) for row in cursor.fetchall()]))
        if not shapely.coverage_is_valid(shapes):
            self._note("the coverage in the database is not valid")
        self._judge_model()

    def _judge_model(self) -> None:
        for fault in self._model.faults()[:3]:
            self._note(f"model: {fault}")

    def _note(self, fault: str) -> None:
        done = self.tally.edits.total()
        self.tally.faults.append(f"edit {done}: {fault}")
