"""Layers of what patrols reach and have passed: seen by those who may see positions there."""

from tiles.layer import Column, Drawn, Layer, Scope, Source

# Time and walkers change them all the time: no tile of them lives longer, and pages ask again so often.
FRESH_S = 20.0
_GROUND_KINDS = frozenset({"cell"})

PATROL_LAYERS: tuple[Layer, ...] = (
    Layer(
        "cell_visits",
        "网格最近到访",
        "Cells by last visit",
        "patrols",
        Drawn.AREA,
        Source.TABLE,
        (
            Column("id", "Number", "Identity inside this database"),
            Column("unit_code", "String", "Code of the cell"),
            Column("visited", "String", "h1, h4, h8, h24: within so many hours; older; never"),
        ),
        _GROUND_KINDS,
        view="map_cell_visit",
        min_zoom=9,
        scope=Scope.POSITIONS,
        fresh_s=FRESH_S,
        shown_at_first=False,
    ),
    Layer(
        "road_bits",
        "本班次道路",
        "Streets of this shift",
        "patrols",
        Drawn.LINE,
        Source.RUNS,
        (Column("state", "String", "walked, driven, todo or no_duty"),),
        _GROUND_KINDS | {"road"},
        view="map_road_bit",
        min_zoom=14,
        scope=Scope.POSITIONS,
        fresh_s=FRESH_S,
        shown_at_first=False,
    ),
    Layer(
        "presence_gaps",
        "十分钟到达盲区",
        "Not reached in ten minutes",
        "patrols",
        Drawn.LINE,
        Source.TABLE,
        (
            Column("id", "Number", "Identity of the cell inside this database"),
            Column("unit_code", "String", "Code of the cell"),
        ),
        _GROUND_KINDS | {"presence"},
        view="map_presence_gap",
        min_zoom=12,
        scope=Scope.POSITIONS,
        fresh_s=FRESH_S,
        shown_at_first=False,
    ),
)
