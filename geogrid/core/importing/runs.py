"""The run of an import: begun, gone on with after a kill, finished. One of a kind at a time."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from geogrid.core.actor import Actor, acting_as
from geogrid.core.errors import Conflict
from geogrid.core.importing.batch import Batch, Findings
from geogrid.core.importing.models import ImportFinding, ImportRun

Digests = npt.NDArray[np.uint64]
_LOCK = 72103  # the lock of an import; its second part is the kind
_KINDS = ("grid", "assets", "buildings", "roads", "organisations", "people", "duties")
_WAIT_MS = 60_000
_SHAPE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def fingerprint(path: Path, options: dict[str, Any]) -> str:
    """SHA-256 of the file's bytes (of a shapefile: of all its parts) and of the options."""
    digest = hashlib.sha256(json.dumps(options, sort_keys=True).encode())
    parts = [path]
    if path.suffix.lower() == ".shp":
        parts = [part for part in map(path.with_suffix, _SHAPE_PARTS) if part.is_file()] or [path]
    for part in parts:
        with part.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


@contextmanager
def only_import(kind: str, *, wait_ms: int = _WAIT_MS) -> Iterator[None]:
    """Hold the lock of this kind of import for this session; a killed one has let go of it.

    Raises:
        Conflict: when another import of the kind is still running after the wait.
    """
    key = [_LOCK, _KINDS.index(kind)]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [str(wait_ms)])
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", key)
    except OperationalError as error:
        raise Conflict(f"Another import of {kind} is running. 另一个导入正在进行，请稍后再试。") from error
    try:
        yield
    finally:
        # A lost connection has let go of the lock; one in a failed transaction lets go when it ends.
        if connection.connection is not None and not connection.needs_rollback and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)


def begin_or_go_on(
    *, kind: str, dataset: str, path: Path, mark: str, options: dict[str, Any], batch_size: int, actor: Actor
) -> ImportRun:
    """The unfinished run of the same file with the same options, else a new one."""
    with acting_as(actor):
        run = (
            ImportRun.objects.unfinished(kind=kind, dataset=dataset, fingerprint=mark).order_by("-id").first()
        )
        if run is not None:
            run.state, run.message, run.finished_at = "running", "", None
            run.save(update_fields=["state", "message", "finished_at"])
            return run
        return ImportRun.objects.create(
            kind=kind,
            dataset=dataset,
            file_name=path.name,
            fingerprint=mark,
            options=options,
            batch_size=batch_size,
            actor=actor.get_username(),
        )


def last_done(run: ImportRun) -> ImportRun | None:
    """The run of the same dataset that was the last to come to its end."""
    done = ImportRun.objects.filter(kind=run.kind, dataset=run.dataset, state="done")
    return done.exclude(id=run.id).order_by("-id").first()


def says_the_same(run: ImportRun, before: ImportRun) -> bool:
    """Whether a run that has not begun is of the file and the options of an earlier one that refused nothing.

    What was refused may be welcome today: a code may be free again.
    """
    return not run.batches_done and run.fingerprint == before.fingerprint and not before.refused


def repeat(run: ImportRun, before: ImportRun) -> None:
    """End a run as the earlier one would end today: every row unchanged, the same rows repaired."""
    run.unchanged = before.added + before.updated + before.unchanged
    run.skipped, run.repaired, run.vanished = before.skipped, before.repaired, 0
    run.rows_read, run.seen = before.rows_read, before.seen
    run.save()
    repaired = ImportFinding.objects.filter(run=before, severity="repaired").order_by("id")
    same_again = []
    for finding in repaired.iterator():
        finding.pk, finding.run = None, run
        same_again.append(finding)
        if len(same_again) == 1000:
            ImportFinding.objects.bulk_create(same_again)
            same_again = []
    ImportFinding.objects.bulk_create(same_again)
    finish(run, state="done")


def save_findings(run: ImportRun, batch: Batch, findings: Findings, source_ids: list[str]) -> None:
    """Keep what was found in a batch, in the batch's transaction."""
    from geogrid.core.importing.report import place_of

    ImportFinding.objects.bulk_create(
        [
            ImportFinding(
                run=run,
                severity=found.severity,
                layer=batch.layer,
                row=batch.first_row + found.index,
                source_id=source_ids[found.index][:100] if source_ids else "",
                reason_zh=found.fault.reason_zh,
                reason_en=found.fault.reason_en,
                advice_zh=found.fault.advice_zh,
                advice_en=found.fault.advice_en,
                place=place_of(batch.shapes[found.index]),
            )
            for found in findings.all
        ],
        batch_size=1000,
    )


def finish(run: ImportRun, *, state: str, message: str = "") -> None:
    run.state, run.message, run.finished_at = state, message, timezone.now()
    run.save(update_fields=["state", "message", "finished_at", "missing_fields", "seen", "vanished"])


def id_digests(source_ids: list[str]) -> Digests:
    """64-bit digests of ids, for sets of millions of them in 8 bytes each."""
    joined = b"".join(hashlib.blake2b(text.encode(), digest_size=8).digest() for text in source_ids)
    return np.frombuffer(joined, dtype="<u8").copy()


class SeenIds:
    """The ids of a file so far, as sorted digests."""

    def __init__(self) -> None:
        self._sorted: Digests = np.empty(0, dtype=np.uint64)

    def add(self, source_ids: list[str]) -> list[int]:
        """Note the ids of a batch; returns the places of those that came before, in it or in the file."""
        digests = id_digests(source_ids)
        _, first = np.unique(digests, return_index=True)
        again = np.ones(len(digests), dtype=bool)
        again[first] = False
        again |= self._holds(digests)
        fresh = np.sort(digests[~again])
        self._sorted = np.insert(self._sorted, np.searchsorted(self._sorted, fresh), fresh)
        return [int(index) for index in np.flatnonzero(again)]

    def _holds(self, digests: Digests) -> npt.NDArray[np.bool_]:
        if not len(self._sorted):
            return np.zeros(len(digests), dtype=bool)
        at = np.minimum(np.searchsorted(self._sorted, digests), len(self._sorted) - 1)
        held: npt.NDArray[np.bool_] = self._sorted[at] == digests
        return held

    def pack(self) -> bytes:
        return self._sorted.astype("<u8").tobytes()

    def missing_from(self, before: bytes) -> set[int]:
        """Digests that were seen before and are not now."""
        return set(np.setdiff1d(np.frombuffer(before, dtype="<u8"), self._sorted).tolist())
