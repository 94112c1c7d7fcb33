"""From a file to tables in batches: each is one transaction, and a killed run goes on after its last one."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pyproj
import shapely
from django.conf import settings
from django.utils import timezone

from geogrid.core.actor import Actor, acting_as
from geogrid.core.importing import runs
from geogrid.core.importing.ahead import Ahead
from geogrid.core.importing.batch import Batch, Fault, Findings
from geogrid.core.importing.crs import ToStorage, known_crs
from geogrid.core.importing.errors import ImportRefused
from geogrid.core.importing.files import SourceFile, open_source
from geogrid.core.importing.models import ImportFinding, ImportRun
from geogrid.core.importing.places import Whereabouts, mend_places
from geogrid.core.importing.progress import Quiet
from geogrid.core.importing.report import place_of, write_report

BATCH_ROWS = 25_000
# Raise it when the same row would be read otherwise: an unchanged file is then compared row by row again.
READING = 1
_WORDS = ("added", "updated", "unchanged", "skipped", "refused", "repaired")

TWICE = Fault(
    "The source id stands in the file twice",
    "来源标识在文件中重复",
    "Give every row an id of its own; the first row with this id was taken",
    "请为每行指定唯一标识；已采用首次出现的行",
)
NO_ID = Fault(
    "The row has no source id",
    "该行没有来源标识",
    "Give every row an id that stays the same in later files",
    "请为每行指定在后续文件中保持不变的标识",
)


@dataclass
class Options:
    """What the caller asks for, beside the file."""

    crs: str | None = None
    encoding: str | None = None
    layers: list[str] | None = None
    dry_run: bool = False
    anywhere: bool = False
    report: Path | None = None  # without suffix; .csv and .geojson are written
    batch_rows: int = BATCH_ROWS
    marks: dict[str, Any] = field(
        default_factory=dict
    )  # whatever else makes this another import: the profile

    def as_marks(self) -> dict[str, Any]:
        said = {"crs": self.crs, "encoding": self.encoding, "layers": self.layers, "reading": READING}
        return said | self.marks


@dataclass
class Outcome:
    """What an import has done, or in a dry run would do."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    refused: int = 0
    repaired: int = 0
    rows: int = 0
    vanished: int = 0
    missing_fields: list[str] = field(default_factory=list)
    went_on_from: int = 0  # rows that an earlier, killed run of the same file had done
    report: list[Path] = field(default_factory=list)

    def take(self, other: "Outcome") -> None:
        """Add the figures of a batch."""
        for word in _WORDS:
            setattr(self, word, getattr(self, word) + getattr(other, word))


@dataclass
class Prepared:
    """A batch ready to be written: made beside the database, in another thread."""

    batch: Batch
    findings: Findings
    source_ids: list[str]
    taken: list[int]  # indexes of the rows that are to be written
    rows: Any = None
    skipped: int = 0
    meanwhile: Callable[[], None] = lambda: None


class Target(Protocol):
    """What differs between kinds of imports."""

    kind: str
    dataset: str
    tags: str | None

    def source_ids(self, batch: Batch) -> list[str]:
        """The id of each row in its source; pure."""

    def prepare(self, prepared: Prepared) -> None:
        """Map the rows that were not refused; pure, because it runs beside the transaction."""

    def write(self, prepared: Prepared, *, dry_run: bool) -> Outcome:
        """Write them, inside the batch's transaction; a dry run only says what would be done.

        Calls `prepared.meanwhile`, as often as it likes, when it begins to wait for the database.
        """

    def missing_fields(self, file: SourceFile) -> list[str]:
        """Attributes that the standard wants and the file does not carry."""

    def vanished(self, digests: set[int]) -> Iterator[tuple[str, Any]]:
        """Id and place of what an earlier file of this dataset had, by the digests of the ids."""

    def loading(self, rows: int) -> AbstractContextManager[None]:
        """Around the batches of a run that is to write up to so many rows."""

    def stands_as_left_by(self, run: ImportRun) -> bool:
        """Whether each row of the source is there, and last imported, as when this run had ended."""

    def note_standing(self, run: ImportRun) -> None:
        """Remember, for stands_as_left_by, what stands of the source now."""


def run_import(
    path: Path, target: Target, *, options: Options, whereabouts: Whereabouts, actor: Actor, progress: Quiet
) -> Outcome:
    """Import a file. The same call again after a kill goes on; on a finished file it compares and updates.

    Raises:
        ImportRefused: when the file as a whole cannot be taken; nothing has been written then.
        Conflict: when another import of the kind is running.
    """
    mark = runs.fingerprint(path, {"kind": target.kind, "dataset": target.dataset, **options.as_marks()})
    with _work_folder(mark) as work:
        file = open_source(path, work=work, encoding=options.encoding, layers=options.layers)
        to_storage = ToStorage(_crs(file, options.crs))
        _look_at_first_rows(file, to_storage, whereabouts)
        with runs.only_import(target.kind), progress:
            if options.dry_run:
                return _Pass(file, target, options, to_storage, progress).rehearse()
            run = runs.begin_or_go_on(
                kind=target.kind,
                dataset=target.dataset,
                path=path,
                mark=mark,
                options=options.as_marks(),
                batch_size=options.batch_rows,
                actor=actor,
            )
            with acting_on(run):
                return _Pass(file, target, options, to_storage, progress).write(run, actor)


@contextmanager
def acting_on(run: ImportRun) -> Iterator[None]:
    """A run that ends by an error says so in its row, and may be gone on with."""
    try:
        yield
    except ImportRefused as error:
        runs.finish(run, state="failed", message=str(error))
        raise


class _Pass:
    """One reading of the file."""

    def __init__(
        self, file: SourceFile, target: Target, options: Options, to_storage: ToStorage, progress: Quiet
    ) -> None:
        self.file, self.target, self.options, self.progress = file, target, options, progress
        self.to_storage = to_storage
        self.seen = runs.SeenIds()
        self.size = options.batch_rows

    def rehearse(self) -> Outcome:
        """Read, map and compare, and write nothing."""
        outcome = Outcome(missing_fields=self.target.missing_fields(self.file))
        found: list[ImportFinding] = []
        self.progress.begin("Dry run 试运行", self._total())
        for prepared in self._prepared(0):
            outcome.take(self._figures(prepared, self.target.write(prepared, dry_run=True)))
            outcome.rows += len(prepared.batch)
            found += _unsaved(prepared)
            self.progress.reach(outcome.rows)
        if self.options.report is not None:
            outcome.report = list(write_report(found, self.options.report))
        return outcome

    def write(self, run: ImportRun, actor: Actor) -> Outcome:
        self.size = run.batch_size
        run.rows_total, run.missing_fields = self._total(), self.target.missing_fields(self.file)
        self.progress.begin("Import 导入", run.rows_total)
        went_on_from = run.rows_read
        before = runs.last_done(run)
        if before is not None and runs.says_the_same(run, before) and self.target.stands_as_left_by(before):
            with acting_as(actor):
                runs.repeat(run, before)
                self.target.note_standing(run)
            self.progress.reach(run.rows_read)
            return self._outcome(run, went_on_from)
        with self.target.loading(run.rows_total):
            self._write_batches(run, actor)
        with acting_as(actor):
            run.vanished = self._note_vanished(run, before)
            run.seen = self.seen.pack()
            self.target.note_standing(run)
            runs.finish(run, state="done")
        return self._outcome(run, went_on_from)

    def _write_batches(self, run: ImportRun, actor: Actor) -> None:
        for prepared in self._prepared(run.batches_done):
            with acting_as(actor):
                figures = self._figures(prepared, self.target.write(prepared, dry_run=False))
                runs.save_findings(run, prepared.batch, prepared.findings, prepared.source_ids)
                for word in _WORDS:
                    setattr(run, word, getattr(run, word) + getattr(figures, word))
                run.rows_read += len(prepared.batch)
                run.batches_done += 1
                run.beat_at = timezone.now()
                run.save()
            self.progress.reach(run.rows_read)

    def _outcome(self, run: ImportRun, went_on_from: int) -> Outcome:
        outcome = Outcome(
            **{word: getattr(run, word) for word in _WORDS},
            rows=run.rows_read,
            vanished=run.vanished or 0,
            missing_fields=run.missing_fields,
            went_on_from=went_on_from,
        )
        if run.findings.exists():
            stem = (
                self.options.report
                or Path(settings.VAR_DIR) / "imports" / f"{run.id}-{Path(run.file_name).stem}"
            )
            outcome.report = list(write_report(run.findings.order_by("id").iterator(), stem))
        return outcome

    def _total(self) -> int:
        return sum(self.file.layers.values())

    def _figures(self, prepared: Prepared, written: Outcome) -> Outcome:
        written.skipped = prepared.skipped
        written.refused = len(prepared.findings.refused)
        written.repaired = prepared.findings.repaired_rows
        return written

    def _prepared(self, done: int) -> Iterator[Prepared]:
        """Batches from number `done` on, the next one being made while the last is written."""
        batches = self._batches(done)
        ahead = Ahead(lambda: self._next(batches))
        for prepared in ahead:
            prepared.meanwhile = ahead.begin
            yield prepared

    def _batches(self, done: int) -> Iterator[Batch]:
        for layer, rows in self.file.layers.items():
            batches_here = -(-rows // self.size)
            skipped = min(done, batches_here)
            if skipped:
                # What a killed run had done is read again for its ids only: twice in the file is still twice.
                for batch in self.file.batches(layer, skip=0, size=self.size, tags=self.target.tags):
                    if batch.first_row > skipped * self.size:
                        break
                    self.seen.add([text for text in self.target.source_ids(batch) if text])
                done -= skipped
            yield from self.file.batches(
                layer, skip=skipped * self.size, size=self.size, tags=self.target.tags
            )

    def _next(self, batches: Iterator[Batch]) -> Prepared | None:
        batch = next(batches, None)
        if batch is None:
            return None
        batch.shapes = self.to_storage(batch.shapes)
        findings = Findings()
        mend_places(batch, findings)
        prepared = Prepared(batch, findings, self.target.source_ids(batch), [])
        named = [index for index, text in enumerate(prepared.source_ids) if text]
        if len(named) < len(batch):
            for index in set(range(len(batch))).difference(named):
                findings.refuse(index, NO_ID)
        for place in self.seen.add([prepared.source_ids[index] for index in named]):
            findings.refuse(named[place], TWICE)
        self.target.prepare(prepared)
        return prepared

    def _note_vanished(self, run: ImportRun, before: ImportRun | None) -> int:
        gone = self.seen.missing_from(bytes(before.seen)) if before is not None else set()
        if not gone:
            return 0
        rows = [
            ImportFinding(
                run=run,
                severity="vanished",
                source_id=source_id,
                reason_en="In the last file and not in this one",
                reason_zh="上一份文件中有，本文件中没有",
                advice_en="Nothing was deleted: look whether it is gone, and set its state",
                advice_zh="未删除任何记录：请核实后修改状态",
                place=place,
            )
            for source_id, place in self.target.vanished(gone)
        ]
        ImportFinding.objects.bulk_create(rows, batch_size=1000)
        return len(rows)


def _unsaved(prepared: Prepared) -> list[ImportFinding]:
    return [
        ImportFinding(
            severity=found.severity,
            layer=prepared.batch.layer,
            row=prepared.batch.first_row + found.index,
            source_id=prepared.source_ids[found.index],
            reason_zh=found.fault.reason_zh,
            reason_en=found.fault.reason_en,
            advice_zh=found.fault.advice_zh,
            advice_en=found.fault.advice_en,
            place=place_of(prepared.batch.shapes[found.index]),
        )
        for found in prepared.findings.all
    ]


def _crs(file: SourceFile, asked: str | None) -> pyproj.CRS | str:
    if asked:
        return known_crs(asked)
    said = file.crs()
    if said is None:
        raise ImportRefused(
            f"{file.name} does not say its coordinate system: say --crs, for example --crs EPSG:4326.",
            f"{file.name} 未注明坐标系，请用 --crs 指明，例如 --crs EPSG:4326。",
        )
    return said


def _look_at_first_rows(file: SourceFile, to_storage: ToStorage, whereabouts: Whereabouts) -> None:
    if not any(file.layers.values()):
        raise ImportRefused(f"{file.name} has no rows.", f"{file.name} 中没有数据行。")
    for layer, rows in file.layers.items():
        if rows:
            batch = next(file.batches(layer, skip=0, size=2_000))
            there = batch.shapes[~shapely.is_missing(batch.shapes)]
            if len(there):
                whereabouts.check(to_storage(there), file.name)
            return


@contextmanager
def _work_folder(mark: str) -> Iterator[Path]:
    """A folder for copies of this very file. It outlives a kill, so that the next run need not copy again."""
    folder = Path(settings.VAR_DIR) / "imports" / "work" / mark[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="geogrid-import-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
