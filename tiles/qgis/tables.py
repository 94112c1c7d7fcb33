"""Tables on a printed page: the rows of a layer that lie inside the feature of the atlas."""

from collections.abc import Sequence

from tiles.gis.layers import GisLayer
from tiles.palette import LIGHT
from tiles.qgis.forms import title_of
from tiles.qgis.labels import font
from tiles.qgis.paper import Box, coloured, name_of, placed
from tiles.qgis.sources import Door, layer_id, source_of
from tiles.qgis.xml import Element, element

_FRAME, _TABLE = 65647, 65649


def table(
    layout: str,
    name: str,
    box: Box,
    layer: GisLayer,
    columns: Sequence[str],
    door: Door,
    language: str,
    *,
    rows: int,
    sort_by: str,
    only: str = "",
    empty: str = "",
) -> list[Element]:
    """Rows of a layer inside the atlas feature, as a table: the frame on the page and what fills it."""
    titles = {column.name: title_of(column, language) for column in layer.columns}
    shown = [
        element(
            "column",
            coloured("backgroundColor", "#ffffff"),
            attribute=one,
            heading=titles[one],
            hAlignment=1,
            vAlignment=128,
            width=0,
            sortByRank=1 if one == sort_by else 0,
            sortOrder=0,
        )
        for one in columns
    ]
    frame, filling = name_of(layout, name), name_of(layout, name, "rows")
    return [
        placed(
            _FRAME,
            layout,
            name,
            box,
            7,
            multiFrame=filling,
            multiFrameTemplateUuid=filling,
            sectionX=0,
            sectionY=0,
            sectionWidth=box.width,
            sectionHeight=box.height,
            hidePageIfEmpty=0,
            hideBackgroundIfEmpty=0,
        ),
        element(
            "LayoutMultiFrame",
            element("LayoutObject"),
            element("childFrame", uuid=frame, templateUuid=frame),
            element("headerTextFormat", font(7.5, LIGHT.text, bold=True)),
            element("contentTextFormat", font(7, LIGHT.text)),
            element("displayColumns", *shown),
            element("sortColumns"),
            type=_TABLE,
            uuid=filling,
            templateUuid=filling,
            source=0,
            vectorLayer=layer_id(layer),
            vectorLayerName=title_of(layer, language),
            vectorLayerSource=source_of(layer, door),
            vectorLayerProvider="postgres",
            relationId="",
            showUniqueRowsOnly=0,
            showOnlyVisibleFeatures=0,
            filterToAtlasIntersection=1,
            maxFeatures=rows,
            filterFeatures=str(bool(only)).lower(),
            featureFilter=only,
            cellMargin=0.8,
            gridStrokeWidth=0.1,
            gridColor="204,212,221,255",
            backgroundColor="255,255,255,255",
            showGrid=1,
            horizontalGrid=1,
            verticalGrid=0,
            headerMode=0,
            headerHAlignment=0,
            emptyTableMode=1,
            emptyTableMessage=empty,
            showEmptyRows=0,
            resizeMode=0,
            wrapString="",
            wrapBehavior=1,
            useConditionalStyling=0,
        ),
    ]
