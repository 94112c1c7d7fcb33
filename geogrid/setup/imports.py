"""Files of the first run: which import reads which kind."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from geogrid.core.errors import Invalid
from geogrid.organisations.models import User
from grid_units.duties.importing.columns import PEOPLE, TABLES
from grid_units.duties.importing.findings import Tally, first_lines
from grid_units.duties.importing.links import people_without_password, write_links
from grid_units.duties.importing.sheets import read_rows
from grid_units.duties.importing.tables import import_table
from grid_units.importing.loading import import_grid

KINDS = ("grid", *TABLES)


@dataclass(frozen=True)
class BroughtIn:
    """What an import of the first run did. `links_file` is where one-time log-in links were written."""

    kind: str
    added: int
    updated: int
    unchanged: int
    links_file: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def bring_in(*, kind: str, path: Path, actor: User, address: str) -> BroughtIn:
    """Import one file, whole or not at all.

    Raises:
        Invalid: when the file cannot be read, or a row cannot be taken; the first rows are named.
    """
    if kind == "grid":
        return _grid(path, actor)
    tally = import_table(kind=kind, path=path, actor=actor)
    if not tally.written:
        raise Invalid(
            f"{tally.refused} rows cannot be taken, so nothing was written.",
            {kind: first_lines(tally.findings, 10)},
        )
    return _with_links(kind, path, tally, address)


def _with_links(kind: str, path: Path, tally: Tally, address: str) -> BroughtIn:
    file = ""
    if kind == PEOPLE.name:
        waiting = people_without_password(row["username"] for row in read_rows(path, PEOPLE))
        if waiting:
            kept = Path(settings.VAR_DIR) / "first-logins.csv"
            write_links(kept, waiting, address=address)
            file = str(kept)
    return BroughtIn(kind, tally.added, tally.updated, tally.unchanged, file)


def _grid(path: Path, actor: User) -> BroughtIn:
    outcome = import_grid(path, actor=actor, reason=f"首次导入 First import: {path.name}")
    loaded = outcome.loaded
    return BroughtIn("grid", len(loaded.added), len(loaded.changed), len(loaded.unchanged))
