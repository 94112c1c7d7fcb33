"""The project: groups, layers in their order, themes and layouts, as a .qgs and packed as a .qgz."""

import io
import zipfile
from dataclasses import dataclass

from pyproj import Transformer

from geogrid.core.geo import STORAGE_SRID
from tiles.gis.layers import GIS_LAYERS, GisLayer
from tiles.palette import LIGHT
from tiles.qgis.forms import form_of, title_of
from tiles.qgis.labels import labelling
from tiles.qgis.layouts import layouts
from tiles.qgis.looks import look_of
from tiles.qgis.renderers import renderer
from tiles.qgis.sources import Door, geometry_type_of, layer_id, source_of
from tiles.qgis.xml import Element, crs, element, option, written

LANGUAGES = ("zh", "en")
_VERSION = "3.22.0-Białowieża"  # the oldest QGIS that is tested; newer ones read it
_GROUND, _LISTS = "ground", "lists"
_GROUPS = {
    "operations": ("运行", "Operations"),
    "water": ("防汛", "Water"),
    "assets": ("管理部件", "Assets"),
    "patrol": ("巡查", "Patrols"),
    "analysis": ("分析", "Analysis"),
    "grid": ("网格", "Grid"),
    _GROUND: ("底图", "Ground"),
    _LISTS: ("代码表", "Lists"),
}
_OWN_GROUP = {"building": _GROUND, "road": _GROUND}
# The first lies on top.
_ORDER = ("district", "street", "community", "cell", "cell_version", "road", "building")
THEMES = {
    "operations": ("运行", "Operations"),
    "assets": ("部件", "Assets"),
    "patrol": ("巡查", "Patrol"),
    "storm": ("防汛", "Storm"),
    "month": ("月度案件", "Incidents of the month"),
}
_OF_THE_MONTH = {"incidents_by_cell_month", "road", "community", "street", "district"}
_KINDS = {"Point": "Point", "Line": "Line", "Polygon": "Polygon"}
# Layers that draw themselves anew when the database says so (changes/announcing.py), by kind of change.
# Each of them keeps a connection of its own open to listen, so they are few.
_TOLD_BY = {
    "incident": "incident",
    "waterlogging_point": "waterlogging",
    "asset_public_facility": "asset",
    "cell": "cell",
}
_PICKS = {
    "cells": 'cell:[% "code" %]',
    "assets": 'asset:[% "code" %]',
    "incidents": 'incident:[% "number" %]',
    "buildings": 'building:[% "id" %]',
    "roads": 'road:[% "id" %]',
    "communities": 'unit:[% "code" %]',
    "streets": 'unit:[% "code" %]',
    "districts": 'unit:[% "code" %]',
}
_MOMENT = (1980, 1, 1, 0, 0, 0)  # of the file in the archive: the same bytes for the same project


@dataclass(frozen=True)
class Place:
    """The city, as a project needs it. bounds: west, south, east, north in degrees, if known."""

    name: str = ""
    name_en: str = ""
    bounds: tuple[float, float, float, float] | None = None
    attribution: str = ""

    @property
    def crs(self) -> str:
        """The UTM zone of the city's middle, whose metres are metres; Web Mercator while there is none."""
        if self.bounds is None:
            return "EPSG:3857"
        west, south, east, north = self.bounds
        zone = min(60, int(((west + east) / 2 + 180) // 6) + 1)
        return f"EPSG:{(32600 if south + north >= 0 else 32700) + zone}"

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Its bounds in the project's system, with a rim of a fiftieth."""
        if self.bounds is None:
            return (-2e7, -2e7, 2e7, 2e7)
        turn = Transformer.from_crs(STORAGE_SRID, self.crs, always_xy=True)
        west, south, east, north = turn.transform_bounds(*self.bounds)
        rim = max(east - west, north - south) / 50
        return west - rim, south - rim, east + rim, north + rim


def group_of(layer: GisLayer) -> str:
    """The group of the project's tree in which a layer stands."""
    if layer.geometry is None:
        return _LISTS
    return _OWN_GROUP.get(layer.id, layer.group)


def themes_of(layer: GisLayer) -> frozenset[str]:
    """The themes that show a layer."""
    return layer.theme | ({"month"} if layer.id in _OF_THE_MONTH else frozenset())


def notified_by(layer: GisLayer) -> str:
    """The message on the channel `qgis` that concerns a layer; empty: none."""
    return _TOLD_BY.get(layer.id, "")


def _ordered() -> list[GisLayer]:
    def rank(layer: GisLayer) -> tuple[int, int]:
        own = _ORDER.index(layer.id) if layer.id in _ORDER else -1
        return list(_GROUPS).index(group_of(layer)), own

    return sorted(GIS_LAYERS.values(), key=rank)


def style_parts(
    layer: GisLayer, door: Door, language: str, origin: str = ""
) -> tuple[dict[str, object], list[Element]]:
    """Attributes and children that a layer of a project and a style file have in common."""
    look = look_of(layer.id) if layer.geometry else None
    message = notified_by(layer)
    attributes: dict[str, object] = {
        "hasScaleBasedVisibilityFlag": bool(look and look.farthest),
        "minScale": (look.farthest if look else 0) or 100_000_000,
        "maxScale": 0,
        "labelsEnabled": bool(look and look.label),
        "readOnly": not layer.editable,
        "refreshOnNotifyEnabled": bool(message),
        "refreshOnNotifyMessage": message,
        "simplifyDrawingHints": 1,
        "simplifyDrawingTol": 1,
        "simplifyLocal": 1,
        "simplifyMaxScale": 1,
        "simplifyAlgorithm": 0,
        "styleCategories": "AllStyleCategories",
    }
    children = form_of(layer, GIS_LAYERS, door, language)
    if look:
        children.append(renderer(list(look.rules), language))
        if look.label:
            children.append(labelling(look.label, language))
    if origin and layer.map_layer in _PICKS:
        children.append(_open_in_browser(layer, origin, language))
    children.append(element("previewExpression", text=_shown_as(layer)))
    children.append(element("mapTip", text=f"[% {_shown_as(layer)} %]"))
    if layer.id == "cell_version":
        children.append(
            element(
                "temporal",
                enabled=False,
                mode=2,
                startField="valid_from",
                endField="valid_to",
                limitMode=0,
                durationUnit="min",
                fixedDuration=0,
                accumulate=0,
            )
        )
    return attributes, children


def _shown_as(layer: GisLayer) -> str:
    has = {column.name for column in layer.columns}
    named = [f"nullif(\"{name}\", '')" for name in ("name", "code", "number", "unit_code") if name in has]
    return "coalesce(" + ", ".join([*named, f'to_string("{layer.key}")']) + ")"


def _open_in_browser(layer: GisLayer, origin: str, language: str) -> Element:
    """An action of the identify window: the card of the thing, with photos, history and who answers."""
    address = f"{origin}/#pick={_PICKS[layer.map_layer or '']}"
    title = "在 GeoGrid 中打开(照片、履历)" if language == "zh" else "Open in GeoGrid (photos, history)"
    return element(
        "attributeactions",
        element(
            "actionsetting",
            element("actionScope", id="Feature"),
            element("actionScope", id="Canvas"),
            id="{6c5f3f0a-4a0e-5a52-9d7e-2f6d1e0f7b01}",
            type=5,
            action=address,
            name=title,
            shortTitle="GeoGrid",
            notificationMessage="",
            icon="",
            capture=0,
            isEnabledOnlyWhenEditable=0,
        ),
    )


def _map_layer(layer: GisLayer, door: Door, place: Place, language: str, origin: str) -> Element:
    attributes, children = style_parts(layer, door, language, origin)
    kind = geometry_type_of(layer) if layer.geometry else "NoGeometry"
    shape = next((shown for part, shown in _KINDS.items() if part in kind), "No geometry")
    extent = None
    if layer.geometry and place.bounds:
        names = ("xmin", "ymin", "xmax", "ymax")
        extent = element(
            "extent", *(element(n, text=repr(v)) for n, v in zip(names, place.bounds, strict=True))
        )
    return element(
        "maplayer",
        extent,
        element("id", text=layer_id(layer)),
        element("datasource", text=source_of(layer, door)),
        element("layername", text=title_of(layer, language)),
        element("srs", crs(f"EPSG:{STORAGE_SRID}")) if layer.geometry else None,
        element("provider", text="postgres", encoding=""),
        element("map-layer-style-manager", element("map-layer-style", name="default"), current="default"),
        *children,
        type="vector",
        geometry=shape,
        wkbType=kind,
        autoRefreshEnabled=False,
        autoRefreshTime=0,
        **attributes,
    )


def _tree(layers: list[GisLayer], door: Door, language: str) -> Element:
    groups = []
    for group, (zh, en) in _GROUPS.items():
        inside = [
            element(
                "layer-tree-layer",
                element("customproperties", option({})),
                id=layer_id(layer),
                name=title_of(layer, language),
                providerKey="postgres",
                source=source_of(layer, door),
                expanded=False,
                checked="Qt::Checked" if "operations" in themes_of(layer) else "Qt::Unchecked",
            )
            for layer in layers
            if group_of(layer) == group
        ]
        if inside:
            groups.append(
                element(
                    "layer-tree-group",
                    element("customproperties", option({})),
                    *inside,
                    name=zh if language == "zh" else en,
                    checked="Qt::Checked",
                    expanded=group in ("operations", "water", "assets"),
                )
            )
    return element("layer-tree-group", element("customproperties", option({})), *groups)


def _presets(layers: list[GisLayer], language: str) -> Element:
    groups = [zh if language == "zh" else en for zh, en in _GROUPS.values()]
    made = []
    for theme, (zh, en) in THEMES.items():
        shown = [
            element("layer", id=layer_id(layer), visible=1, expanded=0, style="default")
            for layer in layers
            if theme in themes_of(layer)
        ]
        checked = element("checked-group-nodes", *(element("checked-group-node", id=name) for name in groups))
        made.append(
            element(
                "visibility-preset",
                *shown,
                checked,
                name=zh if language == "zh" else en,
                **{"has-expanded-info": 0, "has-checked-group-info": 1},
            )
        )
    return element("visibility-presets", *made)


def theme_name(theme: str, language: str) -> str:
    """What a theme is called in QGIS."""
    return THEMES[theme][0 if language == "zh" else 1]


def project(door: Door, place: Place, language: str, origin: str = "") -> str:
    """The .qgs of the city in one language.

    door: how its layers reach the database. origin: the address of the web pages, for links from features.
    """
    layers = _ordered()
    title = (place.name if language == "zh" else place.name_en or place.name) or "GeoGrid"
    by_id = {layer.id: layer for layer in layers}
    west, south, east, north = place.extent
    corners = {"xmin": west, "ymin": south, "xmax": east, "ymax": north}
    names = {theme: theme_name(theme, language) for theme in THEMES}
    root = element(
        "qgis",
        element("homePath", path=""),
        element("title", text=title),
        element("autotransaction", active=0),
        element("evaluateDefaultValues", active=0),
        element("trust", active=1),
        element("projectCrs", crs(place.crs)),
        _tree(layers, door, language),
        element(
            "mapcanvas",
            element("units", text="meters"),
            element("extent", *(element(n, text=repr(v)) for n, v in corners.items())),
            element("rotation", text="0"),
            element("destinationsrs", crs(place.crs)),
            name="theMapCanvas",
            annotationsVisible=1,
        ),
        element("projectlayers", *(_map_layer(layer, door, place, language, origin) for layer in layers)),
        _properties(place),
        _presets(layers, language),
        element("Layouts", *layouts(by_id, place.extent, door, language, title, place.attribution, names)),
        element(
            "ProjectViewSettings",
            element("DefaultViewExtent", crs(place.crs), **corners),
            UseProjectScales=0,
            rotation=0,
        ),
        projectname=title,
        version=_VERSION,
    )
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + written(root)


def _properties(place: Place) -> Element:
    red, green, blue = (int(LIGHT.ground[i : i + 2], 16) for i in (1, 3, 5))

    def number(tag: str, value: int) -> Element:
        return element(tag, text=str(value), type="int")

    def words(tag: str, value: str) -> Element:
        return element(tag, text=value, type="QString")

    return element(
        "properties",
        element("SpatialRefSys", number("ProjectionsEnabled", 1)),
        element(
            "Gui",
            number("CanvasColorRedPart", red),
            number("CanvasColorGreenPart", green),
            number("CanvasColorBluePart", blue),
        ),
        element("Measure", words("Ellipsoid", "EPSG:7030")),
        element("Measurement", words("DistanceUnits", "meters"), words("AreaUnits", "m2")),
        element("Paths", element("Absolute", text="false", type="bool")),
        element("Digitizing", element("AvoidIntersectionsMode", text="0", type="int")),
    )


def packed(document: str, name: str) -> bytes:
    """A .qgz: the document in an archive, the same bytes every time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(f"{name}.qgs", _MOMENT), document.encode(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
