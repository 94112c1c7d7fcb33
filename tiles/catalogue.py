"""What the layer panel shows: counts and legends of the published layers."""

import time
from collections import defaultdict
from typing import Any

from django.db import connection

from assets.models import AssetClass
from geogrid.changes.passes import Pass
from tiles.layer import Layer, Scope
from tiles.layers import LAYERS
from tiles.palette import DARK, LIGHT, STATUS_SHAPES
from tiles.style_patrols import STATES, VISITED

CELL_KINDS = {"GENERAL": ("综合网格", "General"), "EXCLUSIVE": ("专属网格", "Exclusive")}
CELL_FILLS = {"GENERAL": "cell_fill", "EXCLUSIVE": "cell_exclusive"}
# Which shape stands for a stage while nothing is late.
STAGES = {
    "REPORTED": ("采集上报", "Reported", "watch"),
    "FILED": ("立案", "Filed", "notice"),
    "DISPATCHED": ("指挥派遣", "Dispatched", "notice"),
    "HANDLING": ("处置中", "Being handled", "notice"),
    "HANDLED": ("处置反馈", "Handled", "done"),
    "VERIFIED": ("任务核查", "Verified", "done"),
}
Counts = dict[str, dict[str, int]]
WORTH_KEEPING_S = 0.2


class _PublicCounts:
    """Counts of what everyone sees. Kept twenty times as long as the counting took, so that a city of a
    million things spends a twentieth of its time on it at most, and a small one is always right."""

    def __init__(self) -> None:
        self._counts: Counts = {}
        self._good_until = 0.0

    def read(self, cursor: Any) -> Counts:
        """Amounts by layer and legend value."""
        began = time.monotonic()
        if began < self._good_until:
            return self._counts
        counts: Counts = defaultdict(dict)
        cursor.execute("SELECT layer, value, amount FROM core.layer_counts()")
        for layer, value, amount in cursor.fetchall():
            counts[layer][value] = amount
        took = time.monotonic() - began
        self._counts, self._good_until = counts, began + took * 20 if took > WORTH_KEEPING_S else 0.0
        return counts


_public_counts = _PublicCounts()


def _counts(asked_by: Pass) -> Counts:
    with connection.cursor() as cursor:
        counts = dict(_public_counts.read(cursor))
        cursor.execute(
            "SELECT stage, amount FROM core.open_incident_counts(%s, %s, %s, %s)",
            [
                list(asked_by.prefixes),
                list(asked_by.organisations),
                asked_by.user_id,
                asked_by.everywhere,
            ],
        )
        counts["incidents"] = dict(cursor.fetchall())
    return counts


def _entry(value: str, zh: str, en: str, count: int | None, **look: str | None) -> dict[str, Any]:
    look = {"color": None, "color_light": None, "icon": None, "shape": None, **look}
    return {"value": value, "label_zh": zh, "label_en": en, "count": count, **look}


def _both(colour: str) -> dict[str, str]:
    """A colour of the palette in both styles: the page takes the one of the style that it shows."""
    return {"color": getattr(DARK, colour), "color_light": getattr(LIGHT, colour)}


def _legend(layer: Layer, counts: dict[str, int]) -> list[dict[str, Any]]:
    if layer.id == "cells":
        return [
            _entry(kind, zh, en, counts.get(kind, 0), shape="fill", **_both(CELL_FILLS[kind]))
            for kind, (zh, en) in CELL_KINDS.items()
        ]
    if layer.id == "assets":
        classes = AssetClass.objects.filter(code__in=counts).order_by("code", "id")
        by_code = {one.code: one for one in classes}
        return [
            _entry(one.code, one.name, one.name_en, counts[one.code], icon=one.icon or None)
            for one in by_code.values()
        ]
    if layer.id == "incidents":
        return [
            _entry(stage, zh, en, counts.get(stage, 0), shape=STATUS_SHAPES[status], **_both(status))
            for stage, (zh, en, status) in STAGES.items()
        ]
    if layer.id == "cell_visits":
        return [
            _entry(value, *words, None, shape="fill", color=DARK.visited[n], color_light=LIGHT.visited[n])
            for n, (value, words) in enumerate(VISITED.items())
        ]
    if layer.id == "road_bits":
        return [
            _entry(value, zh, en, None, shape="line", **_both(colour))
            for value, (zh, en, colour) in STATES.items()
        ]
    if layer.id == "presence_gaps":
        return [_entry("gap", layer.title_zh, layer.title_en, None, shape="line", **_both("gap"))]
    return []


def layers_for(asked_by: Pass) -> list[dict[str, Any]]:
    """The published layers with what this person may count."""
    counts = _counts(asked_by)
    return [
        {
            "id": layer.id,
            "kind": "scoped" if layer.scoped else "public",
            "title_zh": layer.title_zh,
            "title_en": layer.title_en,
            "group": layer.group,
            "count": None if layer.scope == Scope.POSITIONS else sum(counts.get(layer.id, {}).values()),
            "minzoom": layer.min_zoom,
            "geometry": layer.drawn.value,
            "legend": _legend(layer, counts.get(layer.id, {})),
            "shown_at_first": layer.shown_at_first,
            "fresh_s": layer.fresh_s,
        }
        for layer in LAYERS.values()
        if layer.scope != Scope.POSITIONS or asked_by.positions
    ]
