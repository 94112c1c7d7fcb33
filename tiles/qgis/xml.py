"""Elements of QGIS's own XML, as its project files, styles and layouts write them."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from pyproj import CRS

Element = ElementTree.Element


def element(tag: str, /, *children: Element | None, text: object = "", **attributes: object) -> Element:
    """An element. True and False are written 1 and 0; `class_` means `class`."""
    made = ElementTree.Element(tag, {name.rstrip("_"): _written(value) for name, value in attributes.items()})
    made.text = str(text) or None
    made.extend(child for child in children if child is not None)
    return made


def _written(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def option(value: Any, name: str | None = None) -> Element:
    """A value as QGIS writes a variant: text, numbers, truth, lists and maps of them."""
    named = {} if name is None else {"name": name}
    if isinstance(value, Mapping):
        return element("Option", *(option(inner, key) for key, inner in value.items()), type="Map", **named)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return element("Option", *(option(inner) for inner in value), type="List", **named)
    if value is None:
        return element("Option", type="invalid", **named)
    if isinstance(value, bool):
        return element("Option", type="bool", value=str(value).lower(), **named)
    kind = {int: "int", float: "double"}.get(type(value), "QString")
    return element("Option", type=kind, value=value, **named)


def expressions(tag: str, by_property: Mapping[str, str]) -> Element:
    """Properties that follow an expression of each feature."""
    properties = {name: {"active": True, "expression": said, "type": 3} for name, said in by_property.items()}
    return element(tag, option({"name": "", "properties": properties, "type": "collection"}))


def crs(authority_id: str) -> Element:
    """A coordinate system. QGIS reads a project's by its definition too, not by its name alone."""
    system = CRS.from_user_input(authority_id)
    _, _, number = authority_id.partition(":")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the short form says less than the long one
        short = system.to_proj4().replace(" +type=crs", "")
    return element(
        "spatialrefsys",
        element("wkt", text=system.to_wkt("WKT2_2019")),
        element("proj4", text=short),
        element("srid", text=number),
        element("authid", text=authority_id),
        element("description", text=system.name),
        element("projectionacronym", text=(short.split() or [""])[0].removeprefix("+proj=")),
        element("ellipsoidacronym", text="EPSG:7030"),
        element("geographicflag", text=str(system.is_geographic).lower()),
    )


def written(root: Element) -> str:
    """The document as text. Nothing in it depends on when it was made."""
    return ElementTree.tostring(root, encoding="unicode")
