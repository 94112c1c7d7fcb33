"""What a filing condition says, without a database: the words of the preset, of Excel files and of forms."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from incidents.clocks.limits import Limit

# Photos that can be asked of people (assets/photos: near, far, reference, before, after).
EVIDENCE_ROLES: Final = ["near", "far", "reference", "before", "after"]


class ClassKind(StrEnum):
    """Whether a code is of an object or of a problem that is none: codes of both overlap."""

    ASSET = "asset"  # 部件
    EVENT = "event"  # 事件


class UnitRule(StrEnum):
    """How the responsible unit is found."""

    BY_TABLE = "by_table"  # asset's units first, then the responsibility table, then the place
    NAMED = "named"  # asset's units first, then the unit that stands in the list


class Origin(StrEnum):
    """Where a condition comes from."""

    DEFAULT = "default"  # ours, made from the class alone: to be replaced by the city's own
    PRESET = "preset"  # ours, written for this class
    CITY = "city"  # the city's own


@dataclass(frozen=True)
class ConditionText:
    """All that a filing condition says besides its class. Two that are equal need no new edition."""

    text: str
    closing: str
    limit: Limit
    text_en: str = ""
    closing_en: str = ""
    report_photos: tuple[str, ...] = ("near", "far")
    result_photos: tuple[str, ...] = ("after",)
    legal_basis: str = ""
    legal_basis_en: str = ""
    standard: str = ""
    standard_en: str = ""
    handling_unit_text: str = ""
    authority_text: str = ""
    is_self_governed: bool = False
    origin: Origin = Origin.CITY

    def columns(self) -> dict[str, object]:
        """Values of the columns of the table."""
        return {
            "text": self.text,
            "text_en": self.text_en,
            "closing": self.closing,
            "closing_en": self.closing_en,
            "amount": self.limit.amount,
            "kind": self.limit.kind.value,
            "report_photos": list(self.report_photos),
            "result_photos": list(self.result_photos),
            "legal_basis": self.legal_basis,
            "legal_basis_en": self.legal_basis_en,
            "standard": self.standard,
            "standard_en": self.standard_en,
            "handling_unit_text": self.handling_unit_text,
            "authority_text": self.authority_text,
            "is_self_governed": self.is_self_governed,
            "origin": self.origin.value,
        }
