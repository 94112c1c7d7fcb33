"""Things that lie on a printed page: map, words, legend, scale, north, table. All in millimetres."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from tiles.gis.layers import GisLayer
from tiles.palette import LIGHT
from tiles.qgis.forms import title_of
from tiles.qgis.labels import FONTS, font
from tiles.qgis.sources import Door, layer_id, source_of
from tiles.qgis.symbols import fill, line, symbol
from tiles.qgis.xml import Element, element, option

_PAGE, _MAP, _PICTURE, _WORDS, _LEGEND, _SCALE, _FRAME, _TABLE = (
    65638,
    65639,
    65640,
    65641,
    65642,
    65646,
    65647,
    65649,
)
_MEAN = uuid.UUID("5b0f9a52-2f0e-5d3e-9a55-6d1b9a5e6c11")
_NORTH = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" viewBox="0 0 40 40">'
    f'<path d="M20 2 30 30 20 24 10 30z" fill="{LIGHT.text}"/>'
    f'<path d="M20 2 20 24 10 30z" fill="{LIGHT.quiet_text}"/>'
    f'<text x="20" y="39" font-size="9" text-anchor="middle" fill="{LIGHT.text}">N</text></svg>'
)


@dataclass(frozen=True)
class Box:
    """Left, top, width, height on the page, in millimetres."""

    x: float
    y: float
    width: float
    height: float


def name_of(*parts: str) -> str:
    """The same identifier for the same thing, every time."""
    return "{" + str(uuid.uuid5(_MEAN, "/".join(parts))) + "}"


def coloured(tag: str, colour: str) -> Element:
    """A colour as layouts write it: `#c81e2b` by its parts."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return element(tag, red=red, green=green, blue=blue, alpha=255)


def _font(size: float, *, bold: bool = False) -> str:
    return f"{FONTS[0]},{size},-1,5,{75 if bold else 50},0,0,0,0,0"


def placed(
    kind: int,
    layout: str,
    name: str,
    box: Box,
    z: int,
    *children: Element,
    frame: bool = False,
    background: bool = False,
    **more: object,
) -> Element:
    """An item of a layout. name: its own in the layout; z: the higher lies on top."""
    place = f"{box.x},{box.y},mm"
    mark = name_of(layout, name)
    return element(
        "LayoutItem",
        coloured("FrameColor", LIGHT.road_edge),
        coloured("BackgroundColor", "#ffffff"),
        *children,
        type=kind,
        id=name,
        uuid=mark,
        templateUuid=mark,
        position=place,
        positionOnPage=place,
        size=f"{box.width},{box.height},mm",
        referencePoint=0,
        itemRotation=0,
        zValue=z,
        visibility=1,
        opacity=1,
        positionLock="false",
        excludeFromExports=0,
        blendMode=0,
        groupUuid="",
        frame=str(frame).lower(),
        background=str(background).lower(),
        frameJoinStyle="miter",
        outlineWidthM="0.3,mm",
        **more,
    )


def page(layout: str, width: float, height: float) -> Element:
    """The paper."""
    paper = placed(
        _PAGE,
        layout,
        "page",
        Box(0, 0, width, height),
        0,
        symbol("fill", fill("#ffffff"), name=""),
        background=True,
    )
    return element(
        "PageCollection", symbol("fill", fill("#ffffff"), name=""), paper, element("GuideCollection")
    )


def city_map(
    layout: str, box: Box, theme: str, extent: tuple[float, float, float, float], *, by_atlas: bool = False
) -> Element:
    """A map of a theme. extent: west, south, east, north in the project's system; an atlas sets its own."""
    west, south, east, north = _fitted(extent, box)
    return placed(
        _MAP,
        layout,
        "map",
        box,
        1,
        element("Extent", xmin=west, ymin=south, xmax=east, ymax=north),
        element("LayerSet"),
        element("AtlasMap", atlasDriven=by_atlas, scalingMode=2, margin=0.15),
        frame=True,
        background=True,
        followPreset="true",
        followPresetName=theme,
        keepLayerSet="false",
        mapRotation=0,
        mapFlags=0,
        drawCanvasItems="false",
        labelMargin="2,mm",
        isTemporal=0,
    )


def _fitted(extent: tuple[float, float, float, float], box: Box) -> tuple[float, float, float, float]:
    """The extent, widened to the shape of its box."""
    west, south, east, north = extent
    width, height = east - west, north - south
    missing_x = max(0.0, height * box.width / box.height - width) / 2
    missing_y = max(0.0, width * box.height / box.width - height) / 2
    return west - missing_x, south - missing_y, east + missing_x, north + missing_y


def words(
    layout: str,
    name: str,
    box: Box,
    text: str,
    size: float = 9,
    *,
    bold: bool = False,
    colour: str = LIGHT.text,
    is_right: bool = False,
) -> Element:
    """A text; `[% expression %]` in it is worked out for each page."""
    return placed(
        _WORDS,
        layout,
        name,
        box,
        3,
        element("LabelFont", description=_font(size, bold=bold), style=""),
        coloured("FontColor", colour),
        element("text-format"),
        labelText=text,
        htmlState=0,
        halign=2 if is_right else 1,
        valign=32,
        marginX=0,
        marginY=0,
    )


def legend(
    layout: str, box: Box, title: str, layers: Sequence[GisLayer], language: str, columns: int = 1
) -> Element:
    """The legend of these layers; marks that the map does not show are left out."""
    sizes = {"title": 12, "group": 9, "subgroup": 8.5, "symbolLabel": 7.5}
    styles = [
        element(
            "style",
            element("styleFont", description=_font(size, bold=name != "symbolLabel"), style=""),
            name=name,
            alignment=1,
            marginTop=1.2,
            marginBottom=0.8,
            marginLeft=1.2,
            indent=0,
        )
        for name, size in sizes.items()
    ]
    tree = [
        element(
            "layer-tree-layer",
            element("customproperties"),
            id=layer_id(layer),
            name=title_of(layer, language),
            checked="Qt::Checked",
            expanded=True,
            providerKey="postgres",
        )
        for layer in layers
    ]
    return placed(
        _LEGEND,
        layout,
        "legend",
        box,
        4,
        element("styles", *styles),
        element("layer-tree-group", element("customproperties"), *tree),
        map_uuid=name_of(layout, "map"),
        legendFilterByMap=1,
        resizeToContents=1,
        columnCount=columns,
        splitLayer=1,
        equalColumnWidth=0,
        title=title,
        titleAlignment=1,
        symbolWidth=6,
        symbolHeight=3.5,
        boxSpace=1,
        columnSpace=3,
        fontColor=LIGHT.text,
        wrapChar="",
        symbolAlignment=1,
        lineSpacing=1,
        minSymbolSize=0,
        maxSymbolSize=0,
    )


def scale_bar(layout: str, box: Box) -> Element:
    """A bar that finds a round length of 30 to 60 mm by itself."""
    return placed(
        _SCALE,
        layout,
        "scale",
        box,
        5,
        font(8, LIGHT.text),
        coloured("strokeColor", LIGHT.text),
        coloured("fillColor", LIGHT.text),
        coloured("fillColor2", "#ffffff"),
        element("lineSymbol", symbol("line", line(LIGHT.text, 0.2), name="")),
        element("divisionLineSymbol", symbol("line", line(LIGHT.text, 0.2), name="")),
        element("subdivisionLineSymbol", symbol("line", line(LIGHT.text, 0.2), name="")),
        element("fillSymbol1", symbol("fill", fill(LIGHT.text, edge=LIGHT.text), name="")),
        element("fillSymbol2", symbol("fill", fill("#ffffff", edge=LIGHT.text), name="")),
        mapUuid=name_of(layout, "map"),
        style="Single Box",
        unitType="meters",
        unitLabel="m",
        numMapUnitsPerScaleBarUnit=1,
        segmentSizeMode=1,
        minBarWidth=30,
        maxBarWidth=60,
        numSegments=2,
        numSegmentsLeft=0,
        numSubdivisions=1,
        subdivisionsHeight=1.5,
        height=2,
        labelBarSpace=1.5,
        boxContentSpace=1,
        alignment=0,
        labelVerticalPlacement=0,
        labelHorizontalPlacement=0,
        numUnitsPerSegment=100,
        segmentMillimeters=20,
        outlineWidth=0.2,
    )


def north(layout: str, box: Box) -> Element:
    """An arrow that turns with the map."""
    from base64 import b64encode

    return placed(
        _PICTURE,
        layout,
        "north",
        box,
        6,
        file="base64:" + b64encode(_NORTH.encode()).decode(),
        mapUuid=name_of(layout, "map"),
        northMode=0,
        northOffset=0,
        mode=0,
        resizeMode=0,
        anchorPoint=4,
        pictureRotation=0,
        pictureWidth=box.width,
        pictureHeight=box.height,
        svgFillColor="0,0,0,255",
        svgBorderColor="0,0,0,255",
        svgBorderWidth=0,
    )


def layout(
    name: str,
    size: tuple[float, float],
    items: Sequence[Element],
    atlas_of: GisLayer | None,
    door: Door,
    page_name: str = "",
) -> Element:
    """A whole layout; `atlas_of`: one page for each feature of that layer."""
    covered = (
        {
            "coverageLayer": layer_id(atlas_of),
            "coverageLayerName": atlas_of.id,
            "coverageLayerSource": source_of(atlas_of, door),
            "coverageLayerProvider": "postgres",
        }
        if atlas_of
        else {}
    )
    return element(
        "Layout",
        element("Snapper", snapToItems=1, snapToGuides=1, snapToGrid=0, tolerance=5),
        element("Grid", resolution=10, resUnits="mm", offsetUnits="mm", offsetX=0, offsetY=0),
        page(name, *size),
        *items,
        element("customproperties", option({})),
        element(
            "Atlas",
            enabled=int(atlas_of is not None),
            hideCoverage=0,
            filterFeatures=0,
            sortFeatures=int(bool(page_name)),
            sortKey=page_name,
            sortAscending=1,
            pageNameExpression=page_name,
            filenamePattern=page_name or "'map'",
            **covered,
        ),
        name=name,
        units="mm",
        printResolution=200,
        worldFileMap="",
    )
