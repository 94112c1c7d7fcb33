"""Assets, buildings and roads as targets of the import pipeline."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from django.contrib.gis.geos import GEOSGeometry

from assets.importing.fields import fitting, numbers
from assets.importing.intake import Column, Intake, digests
from assets.importing.profile import Profile, Rule
from geogrid.core.geo import STORAGE_SRID
from geogrid.core.importing.batch import Batch, Fault, Findings, Shapes
from geogrid.core.importing.files import SourceFile
from geogrid.core.importing.models import ImportRun
from geogrid.core.importing.pipeline import Outcome, Prepared
from geogrid.core.importing.runs import id_digests

_KIND_OF_TYPE = {0: "point", 1: "line", 2: "line", 3: "area", 4: "points", 5: "line", 6: "area", 7: "mixture"}


def kinds_of(batch: Batch) -> list[str]:
    """What each row is drawn as. A multi-point of one point is made a point."""
    types = shapely.get_type_id(batch.shapes)
    for index in np.flatnonzero(types == 4):
        parts = shapely.get_parts(batch.shapes[index])
        if len(parts) == 1:
            batch.shapes[index], types[index] = parts[0], 0
    return [_KIND_OF_TYPE.get(kind, "") for kind in types.tolist()]


class GroundTarget(ABC):
    """What the three kinds have in common."""

    kind = ""
    table = ""

    def __init__(self, profile: Profile, *, source: str, dataset: str) -> None:
        self.profile, self.dataset = profile, dataset
        self.tags = profile.tags
        self.intake = Intake(self.table, source)

    def source_ids(self, batch: Batch) -> list[str]:
        return batch.first_filled(self.profile.ids)

    def missing_fields(self, file: SourceFile) -> list[str]:
        return []

    def vanished(self, digests: set[int]) -> Iterator[tuple[str, GEOSGeometry]]:
        gone = [text for text in self.intake.all_ids() if int(id_digests([text])[0]) in digests]
        for source_id, wkb in self.intake.find(gone):
            yield source_id, GEOSGeometry(memoryview(wkb), srid=STORAGE_SRID)

    def prepare(self, prepared: Prepared) -> None:
        columns = self.map_rows(prepared)
        _fit_ids(prepared)
        taken = prepared.taken = [i for i in prepared.taken if not prepared.findings.is_refused(i)]
        rows: dict[str, Column] = {
            "source_id": [prepared.source_ids[i] for i in taken],
            "geom": shapely.to_wkb(prepared.batch.shapes[taken], hex=True).tolist(),
        }
        if len(taken) == len(prepared.batch):
            rows |= columns
        else:
            rows |= {name: [column[i] for i in taken] for name, column in columns.items()}
        rows["digest"] = digests(rows.values()) if taken else []
        prepared.rows = rows | self.worked_out(prepared.batch.shapes[taken])

    def marks(self) -> dict[str, Any]:
        """What else decides how a row is read: with another profile or catalogue it is another import."""
        return {"profile": self.profile.text}

    def loading(self, rows: int) -> AbstractContextManager[None]:
        return nullcontext()

    def stands_as_left_by(self, run: ImportRun) -> bool:
        return self.intake.is_as_left_by(run.pk)

    def note_standing(self, run: ImportRun) -> None:
        self.intake.note_state(run.pk)

    @abstractmethod
    def map_rows(self, prepared: Prepared) -> dict[str, Column]:
        """Set `taken` and `skipped`, and return the columns of all rows of the batch."""

    def worked_out(self, shapes: Shapes) -> dict[str, Column]:
        """Columns that follow from the others, so that they say nothing new about a row; pure."""
        return {}

    def resolve(self, rows: dict[str, Column]) -> dict[str, Column]:
        """Texts that stand for rows of other tables become their ids; writes what is missing there."""
        return rows

    def write(self, prepared: Prepared, *, dry_run: bool) -> Outcome:
        rows: dict[str, Any] = prepared.rows
        differing = self.intake.compare(rows["source_id"], rows["digest"], meanwhile=prepared.meanwhile)
        self.refuse_clashes(prepared, differing)
        unchanged = len(rows["source_id"]) - len(differing)
        refused = [place for place in differing if prepared.findings.is_refused(prepared.taken[place])]
        for place in refused:
            del differing[place]
        if dry_run or not differing:
            added = sum(differing.values())
            return Outcome(added=added, updated=len(differing) - added, unchanged=unchanged)
        places = sorted(differing)
        if len(places) < len(rows["source_id"]):
            rows = {name: [column[place] for place in places] for name, column in rows.items()}
        first = prepared.batch.first_row
        rows["row_no"] = [str(first + prepared.taken[place]) for place in places]
        rows["is_new"] = ["t" if differing[place] else "f" for place in places]
        added, updated = self.intake.load(self.resolve(rows), meanwhile=prepared.meanwhile)
        return Outcome(added=added, updated=updated, unchanged=unchanged)

    def refuse_clashes(self, prepared: Prepared, differing: dict[int, bool]) -> None:
        """Refuse rows that would break a rule which only the database can see; most kinds have none."""
        return


def _fit_ids(prepared: Prepared) -> None:
    fault = Fault(
        "The source id is longer than 100 characters",
        "来源标识超过 100 字",
        "Use a shorter id",
        "请使用更短的标识",
    )
    for index in prepared.taken:
        if len(prepared.source_ids[index]) > 100:
            prepared.findings.refuse(index, fault)


def attributes_of(rule: Rule, batch: Batch, also_used: frozenset[str]) -> list[str]:
    """The attributes of every row as JSON texts, empty texts left out."""
    columns = rule.attribute_columns(batch, also_used)
    if not columns:
        return ["{}"] * len(batch)
    names = [name for name, _ in columns]
    return [
        json.dumps({name: text for name, text in zip(names, texts, strict=True) if text}, ensure_ascii=False)
        for texts in zip(*(column for _, column in columns), strict=True)
    ]


class _SingleRuleTarget(GroundTarget):
    """Buildings and roads: one rule says which rows are meant; all else in the file is skipped."""

    wanted_kind = ""
    wrong_kind: Fault

    @abstractmethod
    def rule(self) -> Rule:
        """The rule of the profile for this kind."""

    def map_rows(self, prepared: Prepared) -> dict[str, Column]:
        batch, findings, rule = prepared.batch, prepared.findings, self.rule()
        kinds = kinds_of(batch)
        meant = rule.fits(batch, list(range(len(batch))), kinds)
        prepared.taken = meant
        for index in meant:
            if kinds[index] and kinds[index] != self.wanted_kind:
                findings.refuse(index, self.wrong_kind)
        prepared.skipped = _leave_out(prepared, set(meant))
        return self.columns(rule, batch, findings)

    @abstractmethod
    def columns(self, rule: Rule, batch: Batch, findings: Findings) -> dict[str, Column]:
        """The columns of all rows of the batch."""


def _leave_out(prepared: Prepared, meant: set[int]) -> int:
    """Rows that are not what is imported are skipped, not refused; how many they are."""
    findings = prepared.findings
    findings.forget(lambda index: index not in meant)
    return len(prepared.batch) - len(meant)


SMALLEST_BUILDING_M2 = 1.0
METRES_PER_DEGREE = 111_320.0


def _rough_m2(shapes: Shapes) -> npt.NDArray[np.float64]:
    """Area of shapes in degrees, in square metres within one per cent; nan where there is none."""
    latitude = np.radians(shapely.get_y(shapely.centroid(shapes)))
    return np.asarray(shapely.area(shapes) * METRES_PER_DEGREE**2 * np.cos(latitude))


class BuildingTarget(_SingleRuleTarget):
    """Buildings with levels, height, dwellings and households."""

    kind, table, wanted_kind = "buildings", "building", "area"
    wrong_kind = Fault(
        "A building is an area and the row is none",
        "建筑物应为面，该行不是",
        "Draw its outline, or leave the row out",
        "请绘制轮廓或删除该行",
    )

    too_small = Fault(
        "The outline is smaller than 1 m², as of a building cut off at the edge of an extract",
        "轮廓不足 1 平方米，可能是被数据边界截断的建筑物",
        "Take a larger extract, or draw the building by hand",
        "请使用更大范围的数据，或手工绘制",
    )

    def rule(self) -> Rule:
        return self.profile.buildings or Rule()

    def columns(self, rule: Rule, batch: Batch, findings: Findings) -> dict[str, Column]:
        for index in np.flatnonzero(_rough_m2(batch.shapes) < SMALLEST_BUILDING_M2):
            if not findings.is_refused(int(index)):
                findings.refuse(int(index), self.too_small)
        out: dict[str, Column] = {}
        if "name" in rule.fields:
            out["name"] = fitting(batch.first_filled(rule.fields["name"]), 200, ("name", "名称"), findings)
        if "address" in rule.fields:
            parts = [batch.column(name) for name in rule.fields["address"]]
            joined = [" ".join(filter(None, texts)) for texts in zip(*parts, strict=True)]
            out["address"] = fitting(joined, 200, ("address", "地址"), findings)
        if "kind" in rule.fields:
            out["kind"] = fitting(batch.first_filled(rule.fields["kind"]), 40, ("kind", "用途"), findings)
        for name, what, most in (
            ("levels", ("number of levels", "层数"), 300.0),
            ("height_m", ("height", "高度"), 1000.0),
            ("dwellings", ("number of dwellings", "套数"), 1e6),
            ("households", ("number of households", "户数"), 1e6),
        ):
            if name in rule.fields:
                whole = name in {"dwellings", "households"}
                texts = batch.first_filled(rule.fields[name])
                out[name] = numbers(texts, what, findings, whole=whole, most=most)
        if "households" in out:
            derived = self.profile.households_derived
            out["households_derived"] = [
                "t" if derived and value is not None else "f" for value in out["households"]
            ]
        out["attributes"] = attributes_of(rule, batch, self.profile.columns_of_places)
        return out


class RoadTarget(_SingleRuleTarget):
    """Streets, paths and rails."""

    kind, table, wanted_kind = "roads", "road", "line"
    wrong_kind = Fault(
        "A road is a line and the row is none",
        "道路应为线，该行不是",
        "Draw its axis, or leave the row out",
        "请绘制中心线或删除该行",
    )

    def rule(self) -> Rule:
        return self.profile.roads or Rule()

    def columns(self, rule: Rule, batch: Batch, findings: Findings) -> dict[str, Column]:
        out: dict[str, Column] = {}
        for name, longest, what in (
            ("name", 200, ("name", "名称")),
            ("name_en", 200, ("English name", "英文名")),
            ("kind", 40, ("kind", "等级")),
        ):
            if name in rule.fields:
                out[name] = fitting(batch.first_filled(rule.fields[name]), longest, what, findings)
        out["attributes"] = attributes_of(rule, batch, self.profile.columns_of_places)
        return out
