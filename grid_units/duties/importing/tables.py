"""One import of one table: read, check, write in one transaction, and a run in the log of imports."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.utils import timezone

from geogrid.core.actor import Actor, acting_as
from geogrid.core.importing.models import ImportFinding, ImportRun, RunState
from grid_units.duties.importing import duties, organisations, people
from grid_units.duties.importing.columns import TABLES
from grid_units.duties.importing.findings import Findings, Tally
from grid_units.duties.importing.sheets import Row, read_bytes, read_file

Check = Callable[[list[Row], Findings], list[Any]]
Write = Callable[[list[Any]], tuple[int, int, int]]

_WAYS: dict[str, tuple[Check, Write]] = {
    "organisations": (organisations.check, organisations.write),
    "people": (people.check, people.write),
    "duties": (duties.check, duties.write),
}


def import_table(
    *, kind: str, path: Path, actor: Actor, partial: bool = False, dry_run: bool = False
) -> Tally:
    """Import a file of `kind` (organisations, people, duties).

    One row that cannot be taken keeps the whole file out, unless `partial`. Running it again changes nothing.

    Raises:
        UnreadableFile: when the file as a whole cannot be read.
    """
    data = read_file(path)
    return import_bytes(kind=kind, name=path.name, data=data, actor=actor, partial=partial, dry_run=dry_run)


def import_bytes(
    *, kind: str, name: str, data: bytes, actor: Actor, partial: bool = False, dry_run: bool = False
) -> Tally:
    """As import_table, from the bytes of a file called `name`."""
    started = timezone.now()
    check, write = _WAYS[kind]
    rows = read_bytes(name, data, TABLES[kind])
    findings = Findings()
    good = check(rows, findings)
    written = not dry_run and (partial or not findings.found)
    added = updated = unchanged = 0
    if written:
        with acting_as(actor):
            added, updated, unchanged = write(good)
    tally = Tally(added, updated, unchanged, tuple(findings.found), written)
    if not dry_run:
        _log(kind, name, data, actor, tally, len(rows), started)
    return tally


def _log(kind: str, name: str, data: bytes, actor: Actor, tally: Tally, rows: int, started: Any) -> None:
    run = ImportRun.objects.create(
        kind=kind,
        dataset=name[:100],
        file_name=name[:300],
        fingerprint=hashlib.sha256(data).hexdigest(),
        state=RunState.DONE if tally.written else RunState.FAILED,
        batch_size=max(rows, 1),
        batches_done=int(tally.written),
        rows_total=rows,
        rows_read=rows,
        added=tally.added,
        updated=tally.updated,
        unchanged=tally.unchanged,
        refused=tally.refused,
        message="" if tally.written else "Rows were refused, so nothing was written.",
        actor=actor.get_username(),
        started_at=started,
        finished_at=timezone.now(),
    )
    ImportFinding.objects.bulk_create(
        ImportFinding(
            run=run,
            severity="refused",
            layer=kind,
            row=finding.row,
            source_id=finding.column,
            reason_zh=finding.reason.zh[:300],
            reason_en=finding.reason.en[:300],
            advice_zh=finding.advice.zh[:300],
            advice_en=finding.advice.en[:300],
        )
        for finding in tally.findings
    )
