"""Columns of a file of cells, by the names they bear. Pure."""

ALIASES: dict[str, tuple[str, ...]] = {
    "code": ("code", "cell_code", "网格编码", "单元网格编码", "编码"),
    "name": ("name", "cell_name", "网格名称", "名称"),
    "name_en": ("name_en", "英文名称"),
    "community": ("community", "community_code", "社区编码"),
    "community_name": ("community_name", "comm_name", "社区名称", "社区"),
    "community_name_en": ("community_name_en", "comm_en"),
    "street_name": ("street_name", "街道名称", "街道"),
    "street_name_en": ("street_name_en", "street_en"),
    "district_name": ("district_name", "区县名称", "区县"),
    "district_name_en": ("district_name_en", "district_en"),
    "kind": ("kind", "网格类型", "类型"),
    "use": ("use", "用途"),
    "households": ("households", "户数"),
    "derived": ("derived", "is_derived", "推算"),
}
_EXCLUSIVE = {"exclusive", "专属", "专属网格"}


def cell_kind(text: str) -> str:
    """GENERAL unless the text says exclusive."""
    return "EXCLUSIVE" if text.strip().lower() in _EXCLUSIVE else "GENERAL"


def household_count(text: str) -> int | None:
    """A count of households, or None when the text is none."""
    try:
        count = round(float(text))
    except (ValueError, OverflowError):
        return None
    return count if 0 <= count < 1_000_000 else None
