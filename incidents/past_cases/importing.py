"""Past cases of another system as incidents with their own times, in batches that are each whole.

A case is known again by its source and its number, so an import that was cut off goes on where it stopped,
and a second run changes nothing. What a row says wrong is listed with its line; the rest is taken.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from django.db import connection, transaction

from geogrid.core.actor import Actor, acting_as
from geogrid.core.errors import Invalid
from geogrid.core.sql import statement
from geogrid.organisations.models import Organisation, User
from geogrid.organisations.roles import Action
from grid_units.duties.access import require
from incidents.known_classes import asset_classes, event_classes
from incidents.models import Incident
from incidents.past_cases.mapping import Mapping, PastCase, Wrong, case_of

SQL = Path(__file__).parent / "sql"
AT_ONCE = 500


@dataclass(frozen=True)
class Refused:
    """A row that was not taken: its line in the file, its number if it has one, and why."""

    line: int
    number: str
    why: str


@dataclass
class Outcome:
    """What an import did."""

    rows: int = 0
    added: int = 0
    known: int = 0
    unplaced: int = 0
    refused: list[Refused] = field(default_factory=list)


def import_past_cases(
    file: TextIO, mapping: Mapping, *, actor: Actor, now: datetime, dry_run: bool = False
) -> Outcome:
    """Import the cases of a CSV file with a head line.

    Raises:
        Forbidden: the actor may not import. Invalid: a column of the mapping is not in the file.
    """
    if isinstance(actor, User):
        require(actor, Action.IMPORT)
    reader = csv.DictReader(file)
    if missing := sorted(set(mapping.columns.values()) - set(reader.fieldnames or [])):
        raise Invalid(f"文件缺少列。The file has no column {', '.join(missing)}.")
    units = dict(Organisation.objects.values_list("code", "id"))
    outcome, seen = Outcome(), set[str]()
    for batch in _batches(_cases(reader, mapping, now, units, outcome, seen)):
        if not dry_run:
            _take(batch, mapping, actor, outcome)
        else:
            outcome.added += len(batch)
    return outcome


def _cases(
    reader: "csv.DictReader[str]",
    mapping: Mapping,
    now: datetime,
    units: dict[str, int],
    outcome: Outcome,
    seen: set[str],
) -> Iterator[dict[str, Any]]:
    for row in reader:
        outcome.rows += 1
        try:
            case = case_of(row, mapping, now)
            if case.number in seen:
                raise Wrong("编号在文件中重复。This number came before in the file")
            yield _resolved(case, units)
            seen.add(case.number)
        except Wrong as wrong:
            number = (row.get(mapping.columns["number"]) or "").strip()
            outcome.refused.append(Refused(reader.line_num, number[:60], str(wrong)))


def _resolved(case: PastCase, units: dict[str, int]) -> dict[str, Any]:
    """The case with ids in place of codes, as JSON can hold it."""
    kind, code = case.klass or ("", "")
    ids = {"asset": asset_classes, "event": event_classes}
    class_id = ids[kind].id_of(code) if kind else None
    if kind and class_id is None:
        raise Wrong(f"目录中没有该类别。The catalogue has no class {kind}:{code}")
    if case.unit and case.unit not in units:
        raise Wrong(f"没有该单位。There is no unit {case.unit}")
    said = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(case).items()
    }
    return said | {
        "asset_class_id": class_id if kind == "asset" else None,
        "event_class_id": class_id if kind == "event" else None,
        "unit_id": units.get(case.unit),
    }


def _batches(cases: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for case in cases:
        batch.append(case)
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


@transaction.atomic
def _take(batch: list[dict[str, Any]], mapping: Mapping, actor: Actor, outcome: Outcome) -> None:
    client = f"past:{mapping.source}"
    numbers = [case["number"] for case in batch]
    there = set(
        Incident.objects.filter(client=client, idempotency_key__in=numbers).values_list(
            "idempotency_key", flat=True
        )
    )
    new = {case["number"]: case for case in batch if case["number"] not in there}
    with acting_as(actor), connection.cursor() as cursor:
        cursor.execute(statement(SQL, "insert"), {"cases": json.dumps(list(new.values())), "client": client})
        made = [new[number] | {"id": pk} for pk, number in cursor.fetchall()]
        said = {"cases": json.dumps(made), "source": mapping.source}
        for name in ("steps", "file", "close"):
            cursor.execute(statement(SQL, name), said)
    outcome.added += len(made)
    outcome.known += len(batch) - len(made)
    outcome.unplaced += sum(case["lng"] is None for case in made)


def write_refused(refused: list[Refused], path: Path) -> None:
    """The rows that were not taken, as CSV with line, number and reason."""
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["line", "number", "why"])
        writer.writerows((one.line, one.number, one.why) for one in refused)
