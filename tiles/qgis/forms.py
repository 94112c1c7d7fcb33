"""Forms: what each field is called, its tool, what it must obey, on which tab it is."""

from collections.abc import Mapping
from dataclasses import dataclass

from tiles.gis.layers import Choices, GisColumn, GisLayer
from tiles.gis.layers_of_assets import MAJORS
from tiles.qgis.sources import Door, layer_id, source_of
from tiles.qgis.xml import Element, element, option

TABS = {
    "what": ("基本信息", "What it is"),
    "who": ("责任单位", "Who answers"),
    "when": ("时间与来源", "When and from where"),
}
_LONG_TEXTS = {"note", "description"}


@dataclass(frozen=True)
class Must:
    """A rule that the form says before the database has to. `holds` is an expression."""

    holds: str
    zh: str
    en: str


# The database refuses the same; here the sentence stands beside the field while it is typed.
MUSTS: dict[str, Must] = {
    "households": Must(
        '"households" IS NULL OR "households" >= 0', "户数不能为负", "Households cannot be negative"
    ),
    "levels": Must('"levels" IS NULL OR "levels" >= 0', "层数不能为负", "Storeys cannot be negative"),
    "height_m": Must('"height_m" IS NULL OR "height_m" > 0', "高度须大于 0", "A height is more than 0 m"),
    "dwellings": Must(
        '"dwellings" IS NULL OR "dwellings" >= 0', "套数不能为负", "Dwellings cannot be negative"
    ),
    "change_date": Must(
        '"change_date" IS NULL OR "first_date" IS NULL OR "change_date" >= "first_date"',
        "变更日期不能早于初始日期",
        "A change is not before the first date",
    ),
}


def _must(column: GisColumn) -> Must | None:
    return MUSTS.get(column.name) if column.editable else None


def title_of(of: GisLayer | GisColumn, language: str) -> str:
    """The title in the reader's language."""
    return of.title_zh if language == "zh" else of.title_en


def _tab(column: GisColumn) -> str:
    if column.choices is not None and column.choices.view == "organisation":
        return "who"
    if column.kind in ("moment", "date") or column.name in (
        "source",
        "source_id",
        "created_by",
        "is_simulated",
    ):
        return "when"
    return "what"


def _label_of(choices: Choices, looked_up: GisLayer, language: str) -> str:
    has_english = any(column.name == f"{choices.label}_en" for column in looked_up.columns)
    return f"{choices.label}_en" if language == "en" and has_english else choices.label


def _is_its_class(layer: GisLayer, choices: Choices) -> bool:
    """Whether these are classes of assets, of which a layer of points takes only its own."""
    return choices.view == "asset_class" and layer.id in MAJORS


def _widget(
    layer: GisLayer, column: GisColumn, lookups: Mapping[str, GisLayer], door: Door, language: str
) -> Element:
    choices = column.choices
    if choices is not None and choices.view:
        looked_up = lookups[choices.view]
        return _tool(
            "ValueRelation",
            Layer=layer_id(looked_up),
            LayerName=title_of(looked_up, language),
            LayerSource=source_of(looked_up, door),
            LayerProviderName="postgres",
            Key=choices.key,
            Value=_label_of(choices, looked_up, language),
            AllowNull=True,
            AllowMulti=False,
            OrderByValue=True,
            UseCompleter=True,
            FilterExpression=f"\"layer\" = '{layer.id}'" if _is_its_class(layer, choices) else "",
            NofColumns=1,
        )
    if choices is not None:
        named = [{(zh if language == "zh" else en): value} for value, zh, en in choices.values]
        return _tool("ValueMap", map=named)
    if column.kind == "boolean":
        return _tool("CheckBox", CheckedState="true", UncheckedState="false", TextDisplayMethod=0)
    if column.kind in ("moment", "date"):
        shown = "yyyy-MM-dd HH:mm" if column.kind == "moment" else "yyyy-MM-dd"
        return _tool(
            "DateTime",
            allow_null=True,
            calendar_popup=True,
            display_format=shown,
            field_format=shown,
            field_iso_format=False,
        )
    if column.kind == "integer" and column.editable:
        return _tool("Range", AllowNull=True, Min=0, Max=2_000_000_000, Step=1, Style="SpinBox", Suffix="")
    return _tool("TextEdit", IsMultiline=column.name in _LONG_TEXTS, UseHtml=False)


def _tool(kind: str, **config: object) -> Element:
    return element("editWidget", element("config", option(config)), type=kind)


def form_of(layer: GisLayer, lookups: Mapping[str, GisLayer], door: Door, language: str) -> list[Element]:
    """The parts of a layer's XML that make its form: tools, names, rules, tabs.

    lookups: the layers that drop-downs may read, by id.
    """
    columns = layer.columns
    may_write = {column.name: column.editable and (layer.updates or layer.inserts) for column in columns}
    musts = {column.name: _must(column) for column in columns}
    tools = [
        element(
            "field",
            _widget(layer, column, lookups, door, language),
            name=column.name,
            configurationFlags="None",
        )
        for column in columns
    ]
    names = [
        element("alias", field=column.name, index=i, name=title_of(column, language))
        for i, column in enumerate(columns)
    ]
    # 4 is an expression; it is the strong kind (1): QGIS will not save against it.
    ruled = [
        element(
            "constraint",
            field=name,
            constraints=4 if must else 0,
            exp_strength=1 if must else 0,
            notnull_strength=0,
            unique_strength=0,
        )
        for name, must in musts.items()
    ]
    said = [
        element(
            "constraint",
            field=name,
            exp=must.holds if must else "",
            desc=(must.zh if language == "zh" else must.en) if must else "",
        )
        for name, must in musts.items()
    ]
    written = [element("field", name=name, editable=may) for name, may in may_write.items()]
    tabs = []
    for tab, (zh, en) in TABS.items():
        inside = [
            element("attributeEditorField", name=column.name, index=i, showLabel=True)
            for i, column in enumerate(columns)
            if _tab(column) == tab
        ]
        if inside:
            tabs.append(
                element(
                    "attributeEditorContainer",
                    *inside,
                    name=zh if language == "zh" else en,
                    groupBox=False,
                    columnCount=1,
                    showLabel=True,
                    visibilityExpressionEnabled=False,
                    visibilityExpression="",
                )
            )
    return [
        element("fieldConfiguration", *tools),
        element("aliases", *names),
        element("constraints", *ruled),
        element("constraintExpressions", *said),
        element("editorlayout", text="tablayout"),
        element("attributeEditorForm", *tabs),
        element("editable", *written),
    ]
