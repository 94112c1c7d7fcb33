"""Mapping profiles: which rows of a file are what, which columns say what. Pure; the TOML is in profiles/.

A profile has rules, tried in their order; the first that fits a row gives its class:

    [[rule]]
    where = { highway = "street_lamp" }   # all must hold; "*" is any value, a list any of its values
    geometry = "point"                    # point, line or area; without it any
    draw_as = "point"                     # takes an inner point of a line or an area
    class = "0137"                        # or class_from = ["class"]: the column that holds the code
    name_from = ["name", "name:en"]       # the first column that is not empty
    attributes = { lamp_type = "lamp_type" }   # or "*": all columns that nothing else uses

Fields: code, name, authority, owner, maintainer, state, placement, first_date, change_date, location, note,
shape, material, each with `_from`. `[buildings]` and `[roads]` have `where`, fields and attributes too.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from geogrid.core.importing.batch import Batch
from geogrid.core.importing.errors import ImportRefused

FOLDER = Path(__file__).parent.parent / "profiles"
ASSET_FIELDS = (
    "code",
    "name",
    "authority",
    "owner",
    "maintainer",
    "state",
    "placement",
    "first_date",
    "change_date",
    "location",
    "note",
    "shape",
    "material",
)
BUILDING_FIELDS = ("name", "address", "kind", "levels", "height_m", "dwellings", "households")
ROAD_FIELDS = ("name", "name_en", "kind")


@dataclass(frozen=True)
class Rule:
    """One rule. `where` holds (column, values); no values means any that is not empty."""

    where: tuple[tuple[str, frozenset[str] | None], ...] = ()
    geometry: str | None = None
    draw_as: str | None = None
    class_code: str | None = None
    class_from: tuple[str, ...] = ()
    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    takes_rest: bool = False

    def fits(self, batch: Batch, candidates: list[int], kinds: list[str]) -> list[int]:
        """Those of the candidates that this rule fits."""
        # A row without a shape fits too: it is meant, and then refused for having no place.
        left = (
            candidates
            if self.geometry is None
            else [i for i in candidates if kinds[i] in {self.geometry, ""}]
        )
        for column, values in self.where:
            texts = batch.columns.get(column)
            if texts is None:
                return []
            left = (
                [i for i in left if texts[i]] if values is None else [i for i in left if texts[i] in values]
            )
        return left

    @cached_property
    def columns_used(self) -> frozenset[str]:
        used = {name for names in self.fields.values() for name in names}
        return frozenset(used | set(self.class_from) | set(self.attributes.values()))

    def attribute_columns(self, batch: Batch, also_used: frozenset[str]) -> list[tuple[str, list[str]]]:
        """Names and texts of the attributes that the file has."""
        pairs = dict(self.attributes)
        if self.takes_rest:
            rest = set(batch.columns) - self.columns_used - also_used
            pairs |= {name: name for name in sorted(rest)}
        return [(name, batch.columns[column]) for name, column in pairs.items() if column in batch.columns]


@dataclass(frozen=True)
class Profile:
    """A profile as read."""

    name: str
    text: str
    scheme: str
    version: str
    source: str
    ids: tuple[str, ...]
    tags: str | None
    layers: tuple[str, ...]
    rules: tuple[Rule, ...]
    buildings: Rule | None
    roads: Rule | None
    households_derived: bool

    @property
    def columns_of_places(self) -> frozenset[str]:
        """Columns that make the place or the id: never attributes."""
        return frozenset(
            (*self.ids, "lon", "lat", "lng", "longitude", "latitude", "经度", "纬度", "wkt", "x", "y")
        )


def profile_names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def read_profile(name: str) -> Profile:
    """A shipped profile by its name, or one of your own by the path of its .toml file.

    Raises:
        ImportRefused: when there is none, or it is not as described above.
    """
    path = Path(name) if name.endswith(".toml") else FOLDER / f"{Path(name).name}.toml"
    if not path.is_file():
        raise ImportRefused(
            f"There is no profile {name}; say {', '.join(profile_names())}, or the path of a .toml file.",
            f"没有名为 {name} 的映射方案；现有 {'、'.join(profile_names())}，也可指定 .toml 文件路径。",
        )
    text = path.read_text(encoding="utf-8")
    try:
        return _profile(tomllib.loads(text), text, path.stem)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise ImportRefused(
            f"The profile {path.name} cannot be used: {error}.", f"映射方案 {path.name} 无法使用：{error}。"
        ) from None


def _profile(said: dict[str, Any], text: str, stem: str) -> Profile:
    source = said.get("source", {})
    return Profile(
        name=said.get("name", stem),
        text=text,
        scheme=said["scheme"],
        version=str(said["version"]),
        source=source.get("name", ""),
        ids=_names(source["id"]),
        tags=source.get("tags"),
        layers=_names(source.get("layer", [])),
        rules=tuple(_rule(rule, ASSET_FIELDS) for rule in said.get("rule", [])),
        buildings=_rule(said["buildings"], BUILDING_FIELDS) if "buildings" in said else None,
        roads=_rule(said["roads"], ROAD_FIELDS) if "roads" in said else None,
        households_derived=bool(said.get("buildings", {}).get("households_derived", False)),
    )


def _rule(said: dict[str, Any], fields: tuple[str, ...]) -> Rule:
    known = {"where", "geometry", "draw_as", "class", "class_from", "attributes", "households_derived"}
    strange = set(said) - known - {f"{name}_from" for name in fields}
    if strange:
        raise ValueError(f"unknown keys {', '.join(sorted(strange))}")
    if said.get("draw_as", "point") != "point":
        raise ValueError(f"draw_as is {said['draw_as']}, and only point is known")
    if said.get("geometry", "point") not in {"point", "line", "area"}:
        raise ValueError(f"geometry is {said['geometry']}, not point, line or area")
    attributes = said.get("attributes", {})
    return Rule(
        where=tuple(_conditions(said.get("where", {}))),
        geometry=said.get("geometry"),
        draw_as=said.get("draw_as"),
        class_code=said.get("class"),
        class_from=_names(said.get("class_from", [])),
        fields={name: _names(said[f"{name}_from"]) for name in fields if f"{name}_from" in said},
        attributes=dict(attributes) if attributes != "*" else {},
        takes_rest=attributes == "*",
    )


def _conditions(where: dict[str, Any]) -> Iterator[tuple[str, frozenset[str] | None]]:
    for column, values in where.items():
        yield column, None if values == "*" else frozenset(_names(values))


def _names(said: str | list[str]) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said)
