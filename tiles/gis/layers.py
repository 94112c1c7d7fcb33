"""The one list of layers for analysts: views of schema gis, layers of the QGIS project, OGC collections."""

from typing import Final

from tiles.gis.columns import (
    CELL_KINDS,
    CODE,
    COMMUNITIES,
    DISTRICTS,
    EDITED_NAME,
    EDITED_NAME_EN,
    GEOMETRY_KINDS,
    ID,
    NAME,
    NAME_EN,
    PROBLEMS,
    STREETS,
    UNIT_CODE,
    UPDATED_AT,
    cell_of,
    organisation,
)
from tiles.gis.layer import Choices, GisColumn, GisLayer, Kind
from tiles.gis.layers_of_assets import ASSET_LAYERS
from tiles.gis.layers_of_events import (
    COVERAGE,
    INCIDENT,
    INUNDATION,
    STATION,
    TRACK,
    WATERLOGGING_POINT,
)
from tiles.layer import Scope

__all__ = ["GIS_LAYERS", "Choices", "GisColumn", "GisLayer", "Kind"]


def _unit(layer_id: str, zh: str, en: str, tiles: str, above: GisColumn | None) -> GisLayer:
    return GisLayer(
        layer_id,
        zh,
        en,
        "grid",
        "id",
        "geom",
        "MultiPolygon",
        (
            ID,
            CODE,
            NAME,
            NAME_EN,
            *([above] if above else []),
            organisation("organisation_id", "单位", "Unit"),
        ),
        map_layer=tiles,
        theme=frozenset({"operations", "assets", "patrol", "storm"}),
        unit="code",
    )


_CELL = GisLayer(
    "cell",
    "单元网格",
    "Cells",
    "grid",
    "id",
    "geom",
    "Polygon",
    (
        ID,
        GisColumn("code", Kind.TEXT, "单元网格代码", "Code of the cell, given by the database"),
        GisColumn("community_id", Kind.INTEGER, "社区", "Community", choices=COMMUNITIES),
        EDITED_NAME,
        EDITED_NAME_EN,
        GisColumn("kind", Kind.TEXT, "类型", "Kind", editable=True, choices=CELL_KINDS),
        GisColumn("use", Kind.TEXT, "用途", "What an exclusive grid is", editable=True),
        organisation("owner_id", "权属单位", "Owner", editable=True),
        organisation("maintainer_id", "养护单位", "Maintainer", editable=True),
        GisColumn("households", Kind.INTEGER, "户数", "Households", editable=True),
        GisColumn("area_m2", Kind.NUMBER, "面积(平方米)", "Area in square metres"),
        GisColumn("is_derived", Kind.BOOLEAN, "推算", "Computed, not surveyed"),
        UPDATED_AT,
    ),
    inserts=True,
    updates=True,
    deletes=True,
    map_layer="cells",
    theme=frozenset({"operations", "assets", "patrol", "storm"}),
    unit="code",
)

_CELL_VERSION = GisLayer(
    "cell_version",
    "网格历史版本",
    "Versions of cells",
    "grid",
    "id",
    "geom",
    "Polygon",
    (
        ID,
        GisColumn("cell_id", Kind.INTEGER, "网格内部编号", "The cell, inside this database"),
        CODE,
        NAME,
        GisColumn("kind", Kind.TEXT, "类型", "Kind", choices=CELL_KINDS),
        GisColumn("community_id", Kind.INTEGER, "社区", "Community", choices=COMMUNITIES),
        organisation("owner_id", "权属单位", "Owner"),
        GisColumn("households", Kind.INTEGER, "户数", "Households"),
        GisColumn("valid_from", Kind.MOMENT, "生效时间", "In force from"),
        GisColumn("valid_to", Kind.MOMENT, "失效时间", "In force until; empty: still"),
        GisColumn("edition_id", Kind.INTEGER, "版本", "Edition of the grid it came with"),
    ),
    unit="code",
)

_BUILDING = GisLayer(
    "building",
    "建筑物",
    "Buildings",
    "assets",
    "id",
    "geom",
    "MultiPolygon",
    (
        ID,
        EDITED_NAME,
        GisColumn("address", Kind.TEXT, "地址", "Address", editable=True),
        GisColumn("kind", Kind.TEXT, "类型", "Kind as its source writes it", editable=True),
        GisColumn("levels", Kind.NUMBER, "层数", "Storeys above ground", editable=True),
        GisColumn("height_m", Kind.NUMBER, "高度(米)", "Height in metres", editable=True),
        GisColumn("dwellings", Kind.INTEGER, "住房套数", "Dwellings", editable=True),
        GisColumn("households", Kind.INTEGER, "户数", "Households", editable=True),
        GisColumn("households_derived", Kind.BOOLEAN, "户数为推算", "Households were computed"),
        GisColumn("source", Kind.TEXT, "数据来源", "Data source"),
        cell_of(),
        UPDATED_AT,
    ),
    inserts=True,
    updates=True,
    deletes=True,
    map_layer="buildings",
    theme=frozenset({"assets", "storm"}),
)

_ROAD = GisLayer(
    "road",
    "道路",
    "Roads",
    "grid",
    "id",
    "geom",
    "MultiLineString",
    (
        ID,
        NAME,
        NAME_EN,
        GisColumn("kind", Kind.TEXT, "类型", "Kind as its source writes it"),
        GisColumn("rank", Kind.INTEGER, "等级", "From 1, a main road, to 4, a path"),
    ),
    map_layer="roads",
    theme=frozenset({"operations", "assets", "patrol", "storm"}),
)

_GRID_PROBLEM = GisLayer(
    "grid_problem",
    "网格问题",
    "Problems of the grid",
    "analysis",
    "id",
    "geom",
    "Point",
    (
        GisColumn("id", Kind.INTEGER, "序号", "Number in this list"),
        GisColumn("kind", Kind.TEXT, "问题", "What is wrong", choices=PROBLEMS),
        GisColumn("detail", Kind.TEXT, "说明", "In the words of the database"),
        UNIT_CODE,
    ),
    unit="unit_code",
)

_INCIDENTS_BY_CELL_MONTH = GisLayer(
    "incidents_by_cell_month",
    "网格月度案件数",
    "Incidents by cell and month",
    "analysis",
    "id",
    "geom",
    "Polygon",
    (
        GisColumn("id", Kind.INTEGER, "内部编号", "The cell and the month as one number"),
        UNIT_CODE,
        GisColumn("month", Kind.DATE, "月份", "First day of the month, in the city's time"),
        GisColumn("reported", Kind.INTEGER, "上报数", "Reported in the month"),
        GisColumn("closed", Kind.INTEGER, "结案数", "Of those, closed by now"),
        GisColumn("found_by_patrol", Kind.INTEGER, "巡查发现数", "Of those, found by a patrol"),
    ),
    scope=Scope.INCIDENTS,
    unit="unit_code",
)

_ORGANISATION = GisLayer(
    "organisation",
    "单位",
    "Units (organisations)",
    "operations",
    "id",
    None,
    "NoGeometry",
    (ID, CODE, NAME, NAME_EN, GisColumn("is_active", Kind.BOOLEAN, "启用", "In use")),
)

_CLASS_COLUMNS = (
    ID,
    GisColumn("scheme", Kind.TEXT, "标准", "Scheme"),
    GisColumn("version", Kind.TEXT, "标准版本", "Version of the scheme"),
    CODE,
    GisColumn("major_name", Kind.TEXT, "大类", "Major class"),
    GisColumn("major_name_en", Kind.TEXT, "大类英文名称", "English name of the major class"),
    NAME,
    NAME_EN,
)

_ASSET_CLASS = GisLayer(
    "asset_class",
    "部件类别",
    "Classes of assets",
    "assets",
    "id",
    None,
    "NoGeometry",
    (
        *_CLASS_COLUMNS,
        GisColumn("geometry_kind", Kind.TEXT, "图形", "Drawn as", choices=GEOMETRY_KINDS),
        GisColumn("layer", Kind.TEXT, "图层", "The layer its points are in"),
        GisColumn("icon", Kind.TEXT, "图标", "Name of the icon"),
        GisColumn("is_active", Kind.BOOLEAN, "启用", "In use"),
    ),
)

_EVENT_CLASS = GisLayer(
    "event_class",
    "事件类别",
    "Classes of events",
    "operations",
    "id",
    None,
    "NoGeometry",
    (
        *_CLASS_COLUMNS,
        GisColumn("icon", Kind.TEXT, "图标", "Name of the icon"),
        GisColumn("is_active", Kind.BOOLEAN, "启用", "In use"),
    ),
)

GIS_LAYERS: Final[dict[str, GisLayer]] = {
    layer.id: layer
    for layer in (
        INCIDENT,
        WATERLOGGING_POINT,
        STATION,
        INUNDATION,
        *ASSET_LAYERS,
        _BUILDING,
        TRACK,
        COVERAGE,
        _CELL,
        _unit(
            "community",
            "社区",
            "Communities",
            "communities",
            GisColumn("street_id", Kind.INTEGER, "街道", "Street", choices=STREETS),
        ),
        _unit(
            "street",
            "街道",
            "Streets (units)",
            "streets",
            GisColumn("district_id", Kind.INTEGER, "区县", "District", choices=DISTRICTS),
        ),
        _unit("district", "区县", "Districts", "districts", None),
        _CELL_VERSION,
        _ROAD,
        _GRID_PROBLEM,
        _INCIDENTS_BY_CELL_MONTH,
        _ORGANISATION,
        _ASSET_CLASS,
        _EVENT_CLASS,
    )
}
