"""Layers of assets for analysts: points by the major class of the standard's codes, then lines and areas."""

from typing import Final

from tiles.gis.columns import (
    ASSET_CLASSES,
    ASSET_STATES,
    EDITED_NAME,
    ID,
    PLACEMENTS,
    UPDATED_AT,
    cell_of,
    organisation,
)
from tiles.gis.layer import GisColumn, GisLayer, Kind

MAJORS: Final[dict[str, tuple[str, str, str]]] = {
    "asset_public_facility": ("01", "公用设施", "Public utilities"),
    "asset_road_traffic": ("02", "道路交通设施", "Road traffic"),
    "asset_environment": ("03", "市容环境设施", "Environment"),
    "asset_landscaping": ("04", "园林绿化设施", "Green space"),
    "asset_other": ("", "其他部件", "Other assets"),
}


def _columns(*, editable: bool) -> tuple[GisColumn, ...]:
    def column(name: str, kind: Kind, zh: str, en: str) -> GisColumn:
        return GisColumn(name, kind, zh, en, editable=editable)

    return (
        ID,
        GisColumn("code", Kind.TEXT, "部件标识码", "16-digit code, given by the database"),
        GisColumn(
            "asset_class_id", Kind.INTEGER, "部件类别", "Class", editable=editable, choices=ASSET_CLASSES
        ),
        EDITED_NAME if editable else GisColumn("name", Kind.TEXT, "名称", "Name"),
        GisColumn("state", Kind.TEXT, "状态", "State", editable=editable, choices=ASSET_STATES),
        organisation("competent_authority_id", "主管单位", "Competent authority", editable=editable),
        organisation("owner_id", "权属单位", "Owner", editable=editable),
        organisation("maintainer_id", "养护单位", "Maintainer", editable=editable),
        GisColumn(
            "placement", Kind.TEXT, "放置位置", "Where on the street", editable=editable, choices=PLACEMENTS
        ),
        column("shape", Kind.TEXT, "形状", "Shape"),
        column("material", Kind.TEXT, "材质", "Material"),
        column("first_date", Kind.DATE, "初始日期", "First date"),
        column("change_date", Kind.DATE, "变更日期", "Date of the last change of the object"),
        column("location_text", Kind.TEXT, "位置描述", "Place in words"),
        column("note", Kind.TEXT, "备注", "Note"),
        GisColumn("source", Kind.TEXT, "数据来源", "Data source"),
        cell_of(),
        UPDATED_AT,
    )


def _points(layer_id: str) -> GisLayer:
    _, zh, en = MAJORS[layer_id]
    return GisLayer(
        layer_id,
        f"部件：{zh}",
        f"Assets: {en}",
        "assets",
        "id",
        "geom",
        "Point",
        _columns(editable=True),
        inserts=True,
        updates=True,
        deletes=True,
        map_layer="assets",
        theme=frozenset({"assets"}),
    )


ASSET_LAYERS: Final = (
    *(_points(layer_id) for layer_id in MAJORS),
    GisLayer(
        "asset_line",
        "部件：线",
        "Assets drawn as lines",
        "assets",
        "id",
        "geom",
        "MultiLineString",
        _columns(editable=False),
        theme=frozenset({"assets"}),
    ),
    GisLayer(
        "asset_area",
        "部件：面",
        "Assets drawn as areas",
        "assets",
        "id",
        "geom",
        "MultiPolygon",
        _columns(editable=False),
        theme=frozenset({"assets"}),
    ),
)
