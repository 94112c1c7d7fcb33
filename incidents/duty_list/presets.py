"""The preset duty list and class packs as data: a condition for every class, in own words, zh and en.

`preset/full.csv` holds the conditions written for a class, with what their topic adds (topics.toml); every
other class gets defaults made from its kind and from the shortest and longest limit that lists of cities show
for it (limits.csv). Defaults are marked as such: a city puts its own in their place.
"""

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from assets import catalogue
from incidents.clocks.limits import Limit, LimitKind, parse
from incidents.duty_list.conditions import ClassKind, ConditionText, Origin

FOLDER: Final = Path(__file__).parent / "preset"


@dataclass(frozen=True)
class PackClass:
    """A class of events that a pack brings along, with its conditions."""

    code: str
    name: str
    name_en: str
    icon: str
    conditions: tuple[ConditionText, ...]


@dataclass(frozen=True)
class Pack:
    """Classes and conditions that are installed and removed as one (R33)."""

    slug: str
    name: str
    name_en: str
    scheme: str
    version: str
    major_name: str
    major_name_en: str
    classes: tuple[PackClass, ...]


def preset() -> dict[tuple[ClassKind, str], list[ConditionText]]:
    """Conditions of every class of the catalogue, by kind and code."""
    written = _written()
    limits = {(ClassKind(row["kind"]), row["code"]): row for row in _rows("limits.csv")}
    found: dict[tuple[ClassKind, str], list[ConditionText]] = {}
    for kind, classes in (
        (ClassKind.ASSET, catalogue.asset_classes()),
        (ClassKind.EVENT, catalogue.event_classes()),
    ):
        for one in classes:
            rows = written.get((kind, one.code), [])
            found[kind, one.code] = [_in_full(row, one) for row in rows] or _defaults(
                kind, one, limits[kind, one.code]
            )
    return found


@cache
def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def _topics() -> dict[str, dict[str, Any]]:
    return tomllib.loads((FOLDER / "topics.toml").read_text(encoding="utf-8"))


def _written() -> dict[tuple[ClassKind, str], list[dict[str, str]]]:
    found: dict[tuple[ClassKind, str], list[dict[str, str]]] = {}
    for row in _rows("full.csv"):
        for code in row["codes"].split():
            found.setdefault((ClassKind(row["kind"]), code), []).append(row)
    return found


def _in_full(row: dict[str, str], one: catalogue.CatalogueClass) -> ConditionText:
    return ConditionText(
        text=row["text"].format(name=one.name),
        text_en=row["text_en"].format(name=_within(row["text_en"], one.name_en)),
        closing=row["closing"],
        closing_en=row["closing_en"],
        limit=parse(row["limit"]),
        origin=Origin.PRESET,
        **_topics()[row["topic"]],
    )


def _within(sentence: str, name_en: str) -> str:
    """The class's English name as it stands in a sentence: in small letters unless it begins it."""
    return name_en if sentence.startswith("{name}") else name_en[:1].lower() + name_en[1:]


def _defaults(kind: ClassKind, one: catalogue.CatalogueClass, limits: dict[str, str]) -> list[ConditionText]:
    """Ours: the worst with the shortest limit, the rest with the longest; one where both are the same."""
    shortest = Limit(limits["shortest"], LimitKind(limits["shortest_kind"]))  # type: ignore[arg-type]
    longest = Limit(limits["longest"], LimitKind(limits["longest_kind"]))  # type: ignore[arg-type]
    zh, en = one.name, one.name_en
    if kind == ClassKind.ASSET:
        worst = (
            f"{zh}缺失、倒伏或危及人身安全",
            f"{en}: missing, fallen or a danger to people",
            "危险排除，设施恢复",
            "The danger is gone and the object is back",
        )
        rest = (
            f"{zh}破损、脏污或不能使用",
            f"{en}: damaged, dirty or not working",
            "修复、清洁，恢复使用",
            "Repaired, clean and in use",
        )
    else:
        worst = (
            f"{zh}，正在发生或危及安全、通行",
            f"{en}: going on now, or a danger or hindrance",
            "行为停止，危险和阻碍消除",
            "It has stopped, danger and hindrance are gone",
        )
        rest = (
            f"发现{zh}",
            f"{en} found",
            "问题消除，现场恢复",
            "The problem is gone and the place restored",
        )
    pairs = [(rest, longest)] if shortest == longest else [(worst, shortest), (rest, longest)]
    return [
        ConditionText(
            text=words[0],
            text_en=words[1],
            closing=words[2],
            closing_en=words[3],
            limit=limit,
            standard="默认，自定：请以本市标准替换。",
            standard_en="Default, ours: put the city's own in its place.",
            origin=Origin.DEFAULT,
        )
        for words, limit in pairs
    ]


def packs() -> dict[str, Pack]:
    """The class packs that come along, by slug."""
    return {path.stem: _pack(path) for path in sorted((FOLDER / "packs").glob("*.toml"))}


@cache
def _pack(path: Path) -> Pack:
    said = tomllib.loads(path.read_text(encoding="utf-8"))
    shared = {
        key: said[key] for key in ("legal_basis", "legal_basis_en", "standard", "standard_en") if key in said
    }
    classes = tuple(
        PackClass(
            code=one["code"],
            name=one["name"],
            name_en=one["name_en"],
            icon=one.get("icon", ""),
            conditions=tuple(
                ConditionText(
                    **shared,
                    **{key: value for key, value in row.items() if key != "limit"},
                    limit=parse(row["limit"]),
                    origin=Origin.PRESET,
                )
                for row in one["conditions"]
            ),
        )
        for one in said["classes"]
    )
    named = {
        key: said[key] for key in ("name", "name_en", "scheme", "version", "major_name", "major_name_en")
    }
    return Pack(slug=path.stem, classes=classes, **named)
