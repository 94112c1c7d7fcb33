"""Labels: one text for each feature, on a light halo, between two scales."""

from dataclasses import dataclass

from tiles.palette import LIGHT
from tiles.qgis.symbols import rgba
from tiles.qgis.xml import Element, element, expressions

# The first one that the machine has is taken.
FONTS = ("Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", "Noto Sans SC", "Open Sans", "Arial")
_OVER_POINT, _AROUND_POINT, _CURVED, _HORIZONTAL = 1, 0, 3, 4


@dataclass(frozen=True)
class Label:
    """text_zh, text_en: expressions. farthest, nearest: denominators of the scales it shows between."""

    text_zh: str
    text_en: str
    geometry: str  # point, line or area
    size: float = 8
    colour: str = LIGHT.text
    farthest: int = 0
    nearest: int = 0
    priority: int = 5
    bold: bool = False


def font(size: float, colour: str, *, bold: bool = False, **more: object) -> Element:
    """`text-style` as labels and layouts have it. size in points."""
    return element(
        "text-style",
        element("families", *(element("family", name=name) for name in FONTS)),
        element(
            "text-buffer",
            bufferDraw=more.pop("halo", False),
            bufferSize=0.8,
            bufferSizeUnits="MM",
            bufferColor=rgba(LIGHT.halo, 0.85),
            bufferOpacity=1,
            bufferJoinStyle=128,
            bufferNoFill=True,
        ),
        element("background", shapeDraw=False),
        element("shadow", shadowDraw=False),
        fontFamily=FONTS[0],
        fontSize=size,
        fontSizeUnit="Point",
        fontWeight=75 if bold else 50,
        textColor=rgba(colour),
        textOpacity=1,
        multilineHeight=1,
        namedStyle="Bold" if bold else "Regular",
        **more,
    )


def labelling(label: Label, language: str) -> Element:
    """Simple labelling with one expression."""
    placement = {"point": _AROUND_POINT, "line": _CURVED, "area": _HORIZONTAL}[label.geometry]
    text = label.text_zh if language == "zh" else label.text_en
    settings = element(
        "settings",
        font(label.size, label.colour, bold=label.bold, halo=True, fieldName=text, isExpression=True),
        element(
            "text-format",
            autoWrapLength=12 if label.geometry == "area" else 0,
            multilineAlign=1,
            useMaxLineLengthForAutoWrap=True,
            wrapChar="",
        ),
        element(
            "placement",
            placement=placement,
            dist=1.6 if label.geometry == "point" else 0,
            distUnits="MM",
            priority=label.priority,
            placementFlags=10 if label.geometry != "line" else 9,
            centroidInside=True,
            centroidWhole=False,
            fitInPolygonOnly=False,
            polygonPlacementFlags=2,
            repeatDistance=60 if label.geometry == "line" else 0,
            repeatDistanceUnits="MM",
            maxCurvedCharAngleIn=25,
            maxCurvedCharAngleOut=-25,
        ),
        element(
            "rendering",
            drawLabels=True,
            scaleVisibility=bool(label.farthest or label.nearest),
            scaleMin=label.nearest or 1,
            scaleMax=label.farthest or 100_000_000,
            obstacle=True,
            obstacleFactor=1,
            mergeLines=label.geometry == "line",
            fontMinPixelSize=3,
            fontMaxPixelSize=10000,
            maxNumLabels=2000,
            labelPerPart=False,
            zIndex=0,
        ),
        expressions("dd_properties", {}),
        calloutType="simple",
    )
    return element("labeling", settings, type="simple")
