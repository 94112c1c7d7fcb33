"""Assets as a target of the import pipeline: class, units, state and attributes of each row."""

import hashlib
import itertools
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import shapely

from assets.importing import indexes
from assets.importing.cell_guess import CellGuess
from assets.importing.fields import PLACEMENTS, STATES, attribute_reader, dates, fitting, known_words
from assets.importing.intake import Column
from assets.importing.profile import ASSET_FIELDS, Profile
from assets.importing.targets import GroundTarget, kinds_of
from assets.models import Asset, AssetClass
from geogrid.core.ids import time_ordered_uuids
from geogrid.core.importing.batch import Batch, Fault, Findings, Shapes
from geogrid.core.importing.errors import ImportRefused
from geogrid.core.importing.files import SourceFile
from geogrid.core.importing.pipeline import Prepared
from geogrid.organisations.models import Organisation

LARGE_FIRST_LOAD = 100_000  # rows
_CODE = re.compile(r"^\d{16}$")
_UNITS = {"authority": "competent_authority_id", "owner": "owner_id", "maintainer": "maintainer_id"}
_TEXTS = {
    "name": ("name", 200, ("name", "名称")),
    "location": ("location_text", 300, ("location text", "位置描述")),
    "note": ("note", 10_000, ("note", "备注")),
    "shape": ("shape", 40, ("shape", "形状")),
    "material": ("material", 40, ("material", "材质")),
}
# What the standard wants every import to carry or to report as missing, by our name and as people call it.
_WANTED = {
    "code": "code 标识码",
    "name": "name 名称",
    "authority": "competent authority 主管单位",
    "owner": "owner 权属单位",
    "maintainer": "maintainer 养护单位",
    "state": "state 状态",
    "first_date": "first date 初始日期",
    "change_date": "change date 变更日期",
    "location": "location text 位置描述",
    "placement": "placement 放置位置",
    "shape": "shape 形状",
    "material": "material 材质",
    "note": "note 备注",
}
_NO_CODE = Fault(
    "The code is not 16 digits",
    "标识码不是 16 位数字",
    "Leave the code empty to get the next number of the class",
    "标识码留空即可自动编号",
)
_CODE_TAKEN = Fault(
    "Another asset has this code",
    "该标识码已被其他部件使用",
    "Leave the code empty to get the next number of the class",
    "标识码留空即可自动编号",
)
_NO_CLASS = Fault(
    "The row names no class, or one that the catalogue does not have",
    "该行未注明分类，或分类不在目录中",
    "Write the class code of the catalogue, for example 0137",
    "请填写目录中的分类代码，例如 0137",
)


class AssetTarget(GroundTarget):
    """Assets. The first rule of the profile that fits a row gives its class; without one it is skipped."""

    kind, table = "assets", "asset"

    def __init__(self, profile: Profile, *, source: str, dataset: str) -> None:
        super().__init__(profile, source=source, dataset=dataset)
        classes = AssetClass.objects.filter(scheme=profile.scheme, version=profile.version)
        self._classes = {row.code: row for row in classes}
        unknown = {rule.class_code for rule in profile.rules if rule.class_code} - set(self._classes)
        if unknown or not self._classes:
            catalogue = f"{profile.scheme} {profile.version}"
            raise ImportRefused(
                f"The catalogue {catalogue} has no class {', '.join(sorted(unknown)) or 'at all'}.",
                f"分类目录 {catalogue} 中没有分类 {'、'.join(sorted(unknown))}。",
            )
        self._cells = CellGuess()
        self._units: dict[str, int] = {}
        self._readers: dict[tuple[str, str], Callable[[str], Any]] = {}

    def marks(self) -> dict[str, Any]:
        known = [
            (row.code, row.pk, row.geometry_kind, row.attributes_schema) for row in self._classes.values()
        ]
        said = json.dumps(sorted(known), sort_keys=True, default=str)
        return super().marks() | {"catalogue": hashlib.sha256(said.encode()).hexdigest()}

    @contextmanager
    def loading(self, rows: int) -> Iterator[None]:
        """A large first load builds the indexes for readers at its end, whatever the end is.

        What a killed one has left unbuilt, the clock or the next import of assets builds.
        """
        if rows >= LARGE_FIRST_LOAD:
            indexes.set_aside()
        try:
            yield
        finally:
            indexes.restore()

    def missing_fields(self, file: SourceFile) -> list[str]:
        used = {field for rule in self.profile.rules for field in rule.fields}
        if len(self.profile.rules) == 1:
            present = set(file.fields())
            used = {field for field, names in self.profile.rules[0].fields.items() if present & set(names)}
        return [words for field, words in _WANTED.items() if field not in used]

    def map_rows(self, prepared: Prepared) -> dict[str, Column]:
        batch, findings = prepared.batch, prepared.findings
        kinds = kinds_of(batch)
        ruled = self._rules_of(batch, kinds)
        meant = sorted(index for rows in ruled.values() for index in rows)
        prepared.skipped = len(batch) - len(meant)
        if prepared.skipped:
            known = set(meant)
            findings.forget(lambda index: index not in known)
        prepared.taken = meant
        classes = self._classes_of(batch, ruled, kinds, findings)
        out: dict[str, Column] = {
            "asset_class_id": [str(row.pk) if row is not None else "" for row in classes],
        }
        out |= self._fields(batch, ruled, findings)
        attributes = self._attributes(batch, ruled, classes, findings)
        if attributes is not None:
            out["attributes"] = attributes
        return out

    def _rules_of(self, batch: Batch, kinds: list[str]) -> dict[int, list[int]]:
        """Rows by the place of the rule that fits them."""
        left = list(range(len(batch)))
        ruled: dict[int, list[int]] = {}
        for place, rule in enumerate(self.profile.rules):
            if not left:
                break
            fitting_rows = rule.fits(batch, left, kinds)
            if fitting_rows:
                ruled[place] = fitting_rows
                taken = set(fitting_rows)
                left = [index for index in left if index not in taken] if len(taken) < len(left) else []
        return ruled

    def _classes_of(
        self, batch: Batch, ruled: dict[int, list[int]], kinds: list[str], findings: Findings
    ) -> list[AssetClass | None]:
        classes: list[AssetClass | None] = [None] * len(batch)
        for place, rows in ruled.items():
            rule = self.profile.rules[place]
            if rule.draw_as == "point":
                _reduce_to_points(batch, rows, kinds)
            if rule.class_code:
                for index in rows:
                    classes[index] = self._classes[rule.class_code]
            else:
                codes = batch.first_filled(rule.class_from)
                for index in rows:
                    classes[index] = self._classes.get(codes[index])
                    if classes[index] is None:
                        findings.refuse(index, _NO_CLASS)
            for index in rows:
                row = classes[index]
                if row is not None and kinds[index] and not _fits(kinds[index], row.geometry_kind):
                    findings.refuse(index, _wrong_kind(row, kinds[index]))
        return classes

    def _fields(self, batch: Batch, ruled: dict[int, list[int]], findings: Findings) -> dict[str, Column]:
        """Texts of every field that a fitting rule names; empty where a row's rule does not."""
        out: dict[str, Column] = {}
        for field in ASSET_FIELDS:
            texts = self._texts(batch, ruled, field)
            if texts is None:
                continue
            if field in _UNITS:
                out[_UNITS[field]] = fitting(texts, 200, ("name of a unit", "单位名称"), findings)
            elif field in _TEXTS:
                column, longest, what = _TEXTS[field]
                out[column] = fitting(texts, longest, what, findings)
            elif field == "state":
                words = known_words(texts, STATES, ("state", "状态"), findings)
                out["state"] = [word or None for word in words]
            elif field == "placement":
                out["placement"] = known_words(texts, PLACEMENTS, ("placement", "放置位置"), findings)
            elif field == "code":
                out["code"] = [text or None for text in texts]
                for index, text in enumerate(texts):
                    if text and not _CODE.match(text):
                        findings.refuse(index, _NO_CODE)
            else:
                what = ("first date", "初始日期") if field == "first_date" else ("change date", "变更日期")
                out[field] = dates(texts, what, findings)
        return out

    def _texts(self, batch: Batch, ruled: dict[int, list[int]], field: str) -> list[str] | None:
        """None when the file says nothing about the field."""
        named = {place: self.profile.rules[place].fields.get(field, ()) for place in ruled}
        sources = {place: names for place, names in named.items() if set(names) & batch.columns.keys()}
        if not sources:
            return None
        if len(ruled) == 1:
            return batch.first_filled(next(iter(sources.values())))
        out = [""] * len(batch)
        filled: dict[tuple[str, ...], list[str]] = {}
        for place, names in sources.items():
            texts = filled.setdefault(names, batch.first_filled(names))
            for index in ruled[place]:
                out[index] = texts[index]
        return out

    def _attributes(
        self, batch: Batch, ruled: dict[int, list[int]], classes: list[AssetClass | None], findings: Findings
    ) -> list[str] | None:
        """The attributes as JSON texts, each value as its class's schema wants it; None without any."""
        out = ["{}"] * len(batch)
        filled = False
        for place, rows in ruled.items():
            columns = self.profile.rules[place].attribute_columns(batch, self.profile.columns_of_places)
            columns = [(name, texts) for name, texts in columns if any(texts)]
            for index in rows if columns else ():
                row = classes[index]
                said = {name: texts[index] for name, texts in columns if texts[index]}
                if said and row is not None:
                    out[index] = self._attribute_text(said, row, index, findings)
                    filled = True
        return out if filled else None

    def _attribute_text(self, said: dict[str, str], row: AssetClass, index: int, findings: Findings) -> str:
        values = {}
        for name, text in said.items():
            reader = self._readers.get((row.code, name))
            if reader is None:
                reader = self._readers[row.code, name] = attribute_reader(row.attributes_schema, name)
            value = reader(text)
            if value is None:
                findings.repair(index, _no_value(name))
            else:
                values[name] = value
        return json.dumps(values, ensure_ascii=False)

    def worked_out(self, shapes: Shapes) -> dict[str, Column]:
        return {"cell_guess": self._cells.guess(shapes), "public_id": time_ordered_uuids(len(shapes))}

    def refuse_clashes(self, prepared: Prepared, differing: dict[int, bool]) -> None:
        codes = prepared.rows.get("code")
        if codes is None:
            return
        by_code: dict[str, list[int]] = defaultdict(list)
        for place in differing:
            if codes[place]:
                by_code[codes[place]].append(place)
        taken = dict(Asset.objects.filter(code__in=list(by_code)).values_list("code", "source_id"))
        for code, places in by_code.items():
            for nth, place in enumerate(sorted(places)):
                own = taken.get(code) == prepared.rows["source_id"][place]
                if nth or (code in taken and not own):
                    prepared.findings.refuse(prepared.taken[place], _CODE_TAKEN)

    def resolve(self, rows: dict[str, Column]) -> dict[str, Column]:
        """Names of units become their ids; a name that nobody has yet becomes a unit of this source."""
        wanted: dict[str, set[str]] = defaultdict(set)
        for field, column in _UNITS.items():
            for name in set(rows.get(column, ())):
                if name:
                    wanted[name].add(field)
        missing = [name for name in wanted if name not in self._units]
        if missing:
            # Made in the batch's transaction: kept for the next batch only once that has found them there.
            self._units |= dict(
                Organisation.objects.filter(name__in=missing).order_by("-id").values_list("name", "id")
            )
            made = [name for name in missing if name not in self._units]
            Organisation.objects.bulk_create(
                [self._new_unit(name, wanted[name]) for name in sorted(made)], ignore_conflicts=True
            )
            found = dict(Organisation.objects.filter(name__in=made).order_by("-id").values_list("name", "id"))
        else:
            found = {}
        ids = self._units | found
        resolved = dict(rows)
        for column in _UNITS.values():
            if column in rows:
                resolved[column] = [str(ids[name]) if name else "0" for name in rows[column]]
        resolved["number_in_class"] = _numbers_in_class(rows)
        return resolved

    def _new_unit(self, name: str, fields: set[str]) -> Organisation:
        digest = hashlib.sha256(name.encode()).hexdigest()[:12]
        return Organisation(
            code=f"src-{digest}", name=name, kinds=sorted(fields), source=self.intake.source[:100]
        )


def _numbers_in_class(rows: dict[str, Column]) -> list[str | None]:
    """1, 2, 3... for the rows of each class that are new and bring no code, in the order of the file."""
    wanting = [new == "t" for new in rows["is_new"]]
    if "code" in rows:
        wanting = [wants and not code for wants, code in zip(wanting, rows["code"], strict=True)]
    given: defaultdict[str | None, itertools.count[int]] = defaultdict(lambda: itertools.count(1))
    classes = rows["asset_class_id"]
    return [str(next(given[of])) if wants else None for wants, of in zip(wanting, classes, strict=True)]


def _fits(kind: str, wanted: str) -> bool:
    return kind == wanted or (wanted == "area" and kind == "point")


def _reduce_to_points(batch: Batch, rows: list[int], kinds: list[str]) -> None:
    for index in rows:
        if kinds[index] in {"line", "area"}:
            batch.shapes[index], kinds[index] = shapely.point_on_surface(batch.shapes[index]), "point"


def _wrong_kind(row: AssetClass, kind: str) -> Fault:
    return Fault(
        f"Class {row.code} {row.name_en} is drawn as {row.geometry_kind}, and the row is drawn as {kind}",
        f"分类 {row.code} {row.name} 的几何类型应为 {row.geometry_kind}，该行为 {kind}",
        "Choose another class, or draw the row as its class wants",
        "请更换分类或修改几何类型",
    )


def _no_value(name: str) -> Fault:
    return Fault(
        f"The attribute {name[:60]} does not fit the schema of its class; it was left out",
        f"属性 {name[:60]} 不符合分类的属性结构，已忽略",
        "Write it as the class's schema says",
        "请按分类的属性结构填写",
    )
