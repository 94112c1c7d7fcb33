"""Import a file of cells (单元网格)."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import shapely
from django.conf import settings
from shapely import MultiPolygon, Polygon

from geogrid.core.actor import Actor, acting_as
from geogrid.core.importing.batch import Batch, Fault, Findings
from geogrid.core.importing.crs import ToStorage, known_crs
from geogrid.core.importing.errors import ImportRefused
from geogrid.core.importing.files import SourceFile, open_source
from geogrid.core.importing.models import ImportFinding
from geogrid.core.importing.places import NO_PLACE, Whereabouts, mend_places
from geogrid.core.importing.report import place_of, write_report
from geogrid.core.importing.runs import only_import
from grid_units import actions, coverage
from grid_units.actions import CellRow, Loaded
from grid_units.codes import CodePlan
from grid_units.importing.columns import ALIASES, cell_kind, household_count
from grid_units.models import GridUnit

BATCH_ROWS = 5_000
TOLERANCE_M = 0.5
_ADVICE = {
    coverage.FaultKind.INVALID: ("Draw the outline again", "请重新绘制该网格轮廓"),
    coverage.FaultKind.GAP: (
        "Close the gap in the source, raise --tolerance, or say --holes when no cell is meant there",
        "请在来源数据中消除空隙、提高 --tolerance，或在确无网格时使用 --holes",
    ),
    coverage.FaultKind.OVERLAP: (
        "Give the ground to one of the cells, or raise --tolerance",
        "请将重叠部分归入其中一个网格，或提高 --tolerance",
    ),
    coverage.FaultKind.CORNERS: (
        "Draw the border with the same corners on both sides",
        "请使边界两侧拐点一致",
    ),
}
_WORDS_ZH = {
    coverage.FaultKind.INVALID: "轮廓无效",
    coverage.FaultKind.GAP: "空隙",
    coverage.FaultKind.OVERLAP: "重叠",
    coverage.FaultKind.CORNERS: "边界拐点不一致",
}
_PARTS = Fault(
    "The cell is made of several pieces",
    "网格由多个不相连的部分组成",
    "Make each piece a cell of its own",
    "请将每个部分设为独立网格",
)
_NO_COMMUNITY = Fault(
    "The row names neither its community nor a full cell code",
    "该行未注明所属社区，也没有完整的网格编码",
    "Write the community's code or the cell's",
    "请填写社区编码或网格编码",
)


@dataclass
class GridOutcome:
    """What a grid import has done, or in a dry run would do."""

    loaded: Loaded
    rows: int
    healed: tuple[str, ...] = ()
    units_made: tuple[str, ...] = ()
    report: list[Path] = field(default_factory=list)


@dataclass
class _Row:
    name: str  # in messages: the code, else the name, else the number of the row
    cell: CellRow
    units: Mapping[str, tuple[str, str]]  # code of each level above: its name and English name


def import_grid(
    path: Path,
    *,
    actor: Actor,
    reason: str = "",
    crs: str | None = None,
    encoding: str | None = None,
    layer: str | None = None,
    tolerance_m: float = TOLERANCE_M,
    holes_are_meant: bool = False,
    anywhere: bool = False,
    dry_run: bool = False,
    report: Path | None = None,
) -> GridOutcome:
    """Import the cells of a file, all or none.

    Gaps and overlaps up to `tolerance_m` metres wide are healed; wider ones refuse the file, and their
    outlines stand in the report. Units above the cells that are not there yet are made from the codes and,
    where the file has them, the names. Into a grid that is not empty, cells are known again by their code.

    Raises:
        ImportRefused: when the file cannot be taken; nothing has been written.
        IntegrityError: when the guard refuses, in its own words.
    """
    with tempfile.TemporaryDirectory(prefix="geogrid-grid-") as work:
        file = open_source(path, work=Path(work), encoding=encoding, layers=[layer] if layer else None)
        rows = _read(file, crs, Whereabouts(None, anywhere), report or _report_stem(path))
    healed = coverage.heal(
        {row.name: row.cell.outline for row in rows}, tolerance_m=tolerance_m, holes_are_meant=holes_are_meant
    )
    if healed.faults:
        raise _refusal(path, healed.faults, report or _report_stem(path))
    cells = [_with_outline(row.cell, healed.outlines[row.name]) for row in rows]
    outcome = GridOutcome(Loaded(), len(rows), healed=healed.moved)
    if healed.moved:
        outcome.report = list(write_report(_healings(rows, healed), report or _report_stem(path)))
    outcome.units_made = tuple(sorted(_missing_units(rows)))
    if dry_run:
        return outcome
    with only_import("grid"), acting_as(actor):
        _make_units(_missing_units(rows))
        outcome.loaded = actions.load_cells(
            rows=cells, actor=actor, reason=reason or f"Import of {path.name}"
        )
    return outcome


def _read(file: SourceFile, crs_name: str | None, whereabouts: Whereabouts, report: Path) -> list[_Row]:
    crs = known_crs(crs_name) if crs_name else file.crs()
    if crs is None:
        raise ImportRefused(
            f"{file.name} does not say its coordinate system: say --crs, for example --crs EPSG:4326.",
            f"{file.name} 未注明坐标系，请用 --crs 指明，例如 --crs EPSG:4326。",
        )
    to_storage = ToStorage(crs)
    plan = actions.plan_of_the_city()
    rows: list[_Row] = []
    refused: list[ImportFinding] = []
    for name in file.layers:
        for batch in file.batches(name, skip=0, size=BATCH_ROWS):
            batch.shapes = to_storage(batch.shapes)
            whereabouts.check(batch.shapes[~shapely.is_missing(batch.shapes)], file.name)
            findings = Findings()
            mend_places(batch, findings)
            rows += _rows(batch, findings, plan, len(rows))
            refused += [
                _finding(batch, found.index, found.fault)
                for found in findings.all
                if found.severity == "refused"
            ]
    if refused:
        paths = write_report(refused, report)
        raise ImportRefused(
            f"{len(refused)} of {len(refused) + len(rows)} rows of {file.name} cannot be taken, so none was: "
            f"{refused[0].reason_en} (row {refused[0].row}). All of them: {paths[0]}.",
            f"{file.name} 中有 {len(refused)} 行无法导入，未写入任何数据；清单见 {paths[0]}。",
        )
    if not rows:
        raise ImportRefused(f"{file.name} has no rows.", f"{file.name} 中没有数据行。")
    return rows


def _rows(batch: Batch, findings: Findings, plan: CodePlan, before: int) -> list[_Row]:
    lower = {name.lower(): name for name in batch.columns}
    texts = {
        what: batch.first_filled([lower[name] for name in names if name in lower])
        for what, names in ALIASES.items()
    }
    rows: list[_Row] = []
    for index, shape in enumerate(batch.shapes):
        outline = _single(shape)
        if shape is None:
            findings.refuse(index, NO_PLACE)
        elif outline is None:
            findings.refuse(index, _PARTS)
        code = texts["code"][index]
        community = texts["community"][index] or (plan.parent(code) if len(code) == plan.lengths[3] else "")
        if not community:
            findings.refuse(index, _NO_COMMUNITY)
        if outline is None or findings.is_refused(index):
            continue
        cell = CellRow(
            community=community,
            outline=outline,
            code=code,
            name=texts["name"][index][:100],
            name_en=texts["name_en"][index][:100],
            kind=cell_kind(texts["kind"][index]),
            use=texts["use"][index][:40],
            households=household_count(texts["households"][index]),
            source=batch.layer[:100],
            is_derived=texts["derived"][index].lower() in {"yes", "true", "1", "是", "t"},
        )
        words = code or cell.name or f"row {batch.first_row + index}"
        rows.append(
            _Row(
                f"{words} #{before + len(rows) + 1}" if not code else words,
                cell,
                _units(plan, community, texts, index),
            )
        )
    return rows


def _single(shape: shapely.Geometry | None) -> Polygon | None:
    if isinstance(shape, Polygon):
        return shape
    if isinstance(shape, MultiPolygon) and len(shape.geoms) == 1:
        return shape.geoms[0]
    return None


def _units(
    plan: CodePlan, community: str, texts: Mapping[str, Sequence[str]], index: int
) -> dict[str, tuple[str, str]]:
    codes = plan.prefixes(community)
    return {
        code: (texts[f"{level}_name"][index], texts[f"{level}_name_en"][index])
        for code, level in zip(codes, ("district", "street", "community"), strict=False)
    }


def _missing_units(rows: Sequence[_Row]) -> dict[str, tuple[str, str]]:
    """Codes and names of the units that the file speaks of and the city does not have yet."""
    wanted: dict[str, tuple[str, str]] = {}
    for row in rows:
        for code, names in row.units.items():
            if not wanted.get(code, ("", ""))[0]:
                wanted[code] = names
    there = set(GridUnit.objects.filter(code__in=wanted).values_list("code", flat=True))
    return {code: names for code, names in wanted.items() if code not in there}


def _make_units(missing: Mapping[str, tuple[str, str]]) -> None:
    lengths = actions.plan_of_the_city().lengths
    levels = dict(zip(lengths, ("DISTRICT", "STREET", "COMMUNITY"), strict=False))
    plan = actions.plan_of_the_city()
    for code in sorted(missing, key=len):
        if len(code) not in levels:
            raise ImportRefused(f"{code} is no code of a unit here.", f"{code} 不是有效的单元编码。")
        name, name_en = missing[code]
        GridUnit.objects.create(
            code=code,
            level=levels[len(code)],
            name=name or code,
            name_en=name_en,
            parent=GridUnit.objects.filter(code=plan.parent(code)).first(),
        )


def _with_outline(cell: CellRow, outline: Polygon) -> CellRow:
    return CellRow(**{**vars(cell), "outline": outline})


def _report_stem(path: Path) -> Path:
    return Path(settings.VAR_DIR) / "imports" / f"grid-{path.stem}"


def _finding(batch: Batch, index: int, fault: Fault) -> ImportFinding:
    return ImportFinding(
        severity="refused",
        layer=batch.layer,
        row=batch.first_row + index,
        reason_en=fault.reason_en,
        reason_zh=fault.reason_zh,
        advice_en=fault.advice_en,
        advice_zh=fault.advice_zh,
        place=place_of(batch.shapes[index]),
    )


def _refusal(path: Path, faults: Sequence[coverage.Fault], report: Path) -> ImportRefused:
    paths = write_report(
        [
            ImportFinding(
                severity="refused",
                source_id=", ".join(fault.names)[:100],
                reason_en=str(fault)[:300],
                reason_zh=f"{_WORDS_ZH[fault.kind]}：{'、'.join(fault.names)}，{fault.area_m2:.1f} 平方米"[
                    :300
                ],
                advice_en=_ADVICE[fault.kind][0],
                advice_zh=_ADVICE[fault.kind][1],
                place=place_of(fault.outline),
            )
            for fault in faults
        ],
        report,
    )
    return ImportRefused(
        f"The cells of {path.name} are not seamless: {len(faults)} faults, the first: {faults[0]}. "
        f"The outlines of all: {paths[1]}.",
        f"{path.name} 中的网格不能无缝拼接，共 {len(faults)} 处问题，轮廓见 {paths[1]}。",
    )


def _healings(rows: Sequence[_Row], healed: coverage.Healed) -> list[ImportFinding]:
    by_name = {row.name: row for row in rows}
    return [
        ImportFinding(
            severity="repaired",
            source_id=name[:100],
            reason_en="The border was moved within the tolerance to meet its neighbours",
            reason_zh="边界在容差范围内调整，与相邻网格对齐",
            advice_en="Compare the outline with the source",
            advice_zh="请与来源数据核对轮廓",
            place=place_of(healed.outlines[name]),
        )
        for name in healed.moved
        if name in by_name
    ]
