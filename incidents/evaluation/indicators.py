"""Indicators (考核指标): a numerator over a denominator, by a named scheme in a version. Pure.

Formulas after the domain page, to the letter. The second scheme divides what is closed by what was filed,
as some districts print it; every figure names its scheme and version.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from incidents.evaluation.measures import MEASURES


@dataclass(frozen=True)
class Indicator:
    """One rate. `more_is_better` says which end of a ranking is the good one; None: neither."""

    key: str
    numerator: str
    denominator: str
    zh: str
    en: str
    formula_zh: str
    formula_en: str
    more_is_better: bool | None = True

    def __post_init__(self) -> None:
        unknown = {self.numerator, self.denominator} - set(MEASURES)
        if unknown:
            raise ValueError(f"{self.key}: no such measure: {', '.join(sorted(unknown))}")

    def value(self, counts: Mapping[str, int]) -> float | None:
        """The rate from 0 to 1; None where the denominator is nothing."""
        below = counts.get(self.denominator, 0)
        return counts.get(self.numerator, 0) / below if below else None


@dataclass(frozen=True)
class Scheme:
    """A named way of counting, in one version."""

    name: str
    version: str
    indicators: tuple[Indicator, ...]

    def named(self, key: str) -> Indicator | None:
        return next((one for one in self.indicators if one.key == key), None)


_CLOSING = (
    (
        "closing_rate", "due_closed", "结案率", "Closing rate", "已结案 / 应结案",
        "closed / should be closed", True,
    ),
    (
        "on_time_closing_rate", "due_on_time", "按期结案率", "On-time closing rate", "按期结案 / 应结案",
        "closed on time / should be closed", True,
    ),
    (
        "rework_rate", "due_reworked", "返工率", "Rework rate", "返工 / 应结案",
        "reworked / should be closed", False,
    ),
)  # fmt: skip
_OF_FILED = (
    ("closing_rate", "filed_closed", "结案率", "Closing rate", "已结案 / 立案", "closed / filed", True),
    (
        "on_time_closing_rate", "filed_on_time", "按期结案率", "On-time closing rate", "按期结案 / 立案",
        "closed on time / filed", True,
    ),
    ("rework_rate", "filed_reworked", "返工率", "Rework rate", "返工 / 立案", "reworked / filed", False),
)  # fmt: skip
_OTHERS = (
    Indicator("filing_rate", "received_filed", "received", "立案率", "Filing rate", "立案 / 受理",
              "filed / received", None),
    Indicator("on_site_rate", "arrived_on_time", "to_arrive", "按时到场率", "On site within limit",
              "按时到场 / 应到场", "arrived in time / should have arrived"),
    Indicator("miss_rate", "filed_missed", "filed", "漏报率", "Miss rate", "巡查应发现而由市民举报 / 立案",
              "citizen reports that a patrol should have found / filed", False),
    Indicator("on_time_verification_rate", "verified_on_time", "to_verify", "按时核查率",
              "On-time verification rate", "按时核查 / 应核查", "verified in time / should be verified"),
    Indicator("accurate_dispatch_rate", "dispatched_right", "dispatched", "准确派遣率",
              "Accurate dispatch rate", "一次派遣到位 / 已派遣", "no second unit needed / dispatched"),
    Indicator("valid_report_rate", "patrol_valid", "patrol", "有效上报率", "Valid report rate",
              "有效上报 / 巡查上报", "filed or solved on the spot / reported by workers"),
    Indicator("suspension_rate", "filed_suspended", "filed", "挂账率", "Suspension rate", "挂账 / 立案",
              "suspended at any time / filed", False),
    Indicator("extension_rate", "filed_extended", "filed", "延期率", "Extension rate", "延期 / 立案",
              "extended / filed", False),
    Indicator("return_rate", "filed_returned", "filed", "退回率", "Return rate", "退回 / 立案",
              "returned by a unit / filed", False),
    Indicator("patrol_share", "patrol", "received", "巡查发现率", "Found by patrol", "巡查发现 / 全部",
              "found by patrol / all received"),
    Indicator("satisfaction_rate", "satisfied", "rated", "满意率", "Satisfaction rate",
              "满意(4、5分) / 已评价", "rated 4 or 5 / rated"),
)  # fmt: skip


def _rates(of: tuple[tuple[str, str, str, str, str, str, bool], ...], below: str) -> tuple[Indicator, ...]:
    return tuple(
        Indicator(key, above, below, zh, en, formula_zh, formula_en, more_is_better)
        for key, above, zh, en, formula_zh, formula_en, more_is_better in of
    )


def _handling(above: str, below: str, zh: str, en: str) -> Indicator:
    return Indicator("on_time_handling_rate", above, below, "按期处置率", "On-time handling rate", zh, en)


FIRST_SCHEMES: tuple[Scheme, ...] = (
    Scheme(
        "geogrid",
        "1",
        (
            *_rates(_CLOSING, "due"),
            _handling(
                "handled_on_time", "to_handle", "按期处置 / 应处置", "handled on time / should be handled"
            ),
            *_OTHERS,
        ),
    ),
    Scheme(
        "of-filed",
        "1",
        (
            *_rates(_OF_FILED, "filed"),
            _handling("filed_handled", "filed", "按期处置 / 立案", "handled on time / filed"),
            *_OTHERS,
        ),
    ),
)
