"""The tree that a filter in CQL2 text is read into."""

from dataclasses import dataclass
from datetime import date, datetime

from shapely.geometry.base import BaseGeometry


class NotCQL2(ValueError):
    """The text is no filter that is read here. The message says what is wrong and where."""


@dataclass(frozen=True)
class Name:
    """A property."""

    name: str


@dataclass(frozen=True)
class Folded:
    """CASEI(...): compared without regard to capital and small letters."""

    inner: "Scalar"


@dataclass(frozen=True)
class Interval:
    """A span of time with both ends; None is open."""

    start: datetime | date | None
    end: datetime | date | None


@dataclass(frozen=True)
class Shape:
    """A geometry as it was written, in the coordinate system that the caller named."""

    geometry: BaseGeometry


Literal = str | float | int | bool | datetime | date
Scalar = Name | Folded | Literal


@dataclass(frozen=True)
class Compare:
    """`left op right`; op is one of = <> < > <= >=."""

    op: str
    left: Scalar
    right: Scalar


@dataclass(frozen=True)
class Like:
    """`value LIKE pattern`: % stands for any letters, _ for one, a backslash takes their meaning away."""

    value: Name | Folded
    pattern: str | Folded


@dataclass(frozen=True)
class Between:
    """`value BETWEEN low AND high`, both ends included."""

    value: Scalar
    low: Scalar
    high: Scalar


@dataclass(frozen=True)
class Among:
    """`value IN (...)`."""

    value: Scalar
    options: tuple[Scalar, ...]


@dataclass(frozen=True)
class IsNull:
    """`value IS NULL`."""

    value: Name


@dataclass(frozen=True)
class Spatial:
    """One of SPATIAL between two places."""

    op: str
    left: Name | Shape
    right: Name | Shape


@dataclass(frozen=True)
class Temporal:
    """One of TEMPORAL between two times."""

    op: str
    left: "Name | datetime | date | Interval"
    right: "Name | datetime | date | Interval"


@dataclass(frozen=True)
class Not:
    inner: "Condition"


@dataclass(frozen=True)
class Both:
    """AND of two or more."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class Either:
    """OR of two or more."""

    parts: tuple["Condition", ...]


Condition = Compare | Like | Between | Among | IsNull | Spatial | Temporal | Not | Both | Either | bool
