"""Renderers by rules: what is drawn for whom at which scale."""

import math
from dataclasses import dataclass

from tiles.qgis.symbols import symbol
from tiles.qgis.xml import Element, element

MARKER, LINE, FILL = "marker", "line", "fill"


@dataclass(frozen=True)
class Rule:
    """Features that `says` is true of (empty: all; ELSE: what no other rule took) drawn by these layers.

    zh, en: the words of the legend. nearest, farthest: denominators of the scales it holds at, 0: any.
    """

    zh: str
    en: str
    kind: str
    layers: tuple[Element, ...]
    says: str = ""
    nearest: int = 0
    farthest: int = 0


def scale_of(zoom: float) -> int:
    """Denominator of the scale of a zoom of the map page (tiles of 512) on a screen of 96 dots an inch."""
    exact = 295_829_355 / math.exp2(zoom)
    digits = len(str(int(exact)))
    return int(round(exact, 2 - digits))


def renderer(rules: list[Rule], language: str) -> Element:
    """A rule-based renderer."""
    symbols: list[Element] = []

    def made(rule: Rule, key: str) -> Element:
        attributes: dict[str, object] = {"key": key, "label": rule.zh if language == "zh" else rule.en}
        attributes["symbol"] = len(symbols)
        symbols.append(symbol(rule.kind, *rule.layers, name=str(len(symbols))))
        if rule.says:
            attributes["filter"] = rule.says
        if rule.nearest:
            attributes["scalemindenom"] = rule.nearest
        if rule.farthest:
            attributes["scalemaxdenom"] = rule.farthest
        return element("rule", **attributes)

    listed = [made(rule, f"r{n}") for n, rule in enumerate(rules)]
    return element(
        "renderer-v2",
        element("rules", *listed, key="all"),
        element("symbols", *symbols),
        type="RuleRenderer",
        forceraster=False,
        symbollevels=False,
        enableorderby=False,
    )
